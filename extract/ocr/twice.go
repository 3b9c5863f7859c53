package ocr

import "github.com/docsift/docsift/extract"

// threshold is the way in which tesseract tells ink from paper.
type threshold string

// The values of the variable thresholding of tesseract 5.
const (
	thresholding = "thresholding_method"

	perPage  threshold = "0" // Otsu's: one for the whole page
	perPlace threshold = "2" // Sauvola's: by what is around, at a quarter more CPU
)

// twice has a page read as most are best read and, when too little was found to judge by, once
// more as photographs need, whose light is uneven and whose ground may be dark. What comes of
// the second time counts only if there is more to read.
func twice(read func(threshold) (string, error)) (string, error) {
	text, err := read(perPage)
	if err != nil || extract.Readable(text) {
		return text, err
	}
	if again, err := read(perPlace); err == nil && extract.Readable(again) {
		return again, nil
	}
	return text, nil
}
