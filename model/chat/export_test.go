package chat

// The parts of an Ask, one at a time.
var (
	Schema = schemaOf
	Data   = data
)
