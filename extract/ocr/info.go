package ocr

// Info is what an engine says of itself.
type Info struct {
	Engine    string   // "tesseract", or "tesseract (WebAssembly)"
	Path      string   // of the command; empty for the embedded one
	Version   string   // such as "5.3.0"
	Languages []string // that it has a model of
}
