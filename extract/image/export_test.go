package picture

// The codes of runs, for the tests' encoder of facsimiles.
const (
	WhiteCodes = whiteCodes + " " + longCodes
	BlackCodes = blackCodes + " " + longCodes
)
