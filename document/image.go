package document

// Image is an encoded picture of a page or of a whole document.
type Image struct {
	MIME          string // image/jpeg or image/png
	Width, Height int    // pixels
	Bytes         []byte
}
