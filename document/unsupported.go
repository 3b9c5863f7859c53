package document

import (
	"strings"

	"github.com/docsift/docsift/fault"
)

const (
	asPDF    = "save it as PDF and send that"
	asDOCX   = "save it as .docx or PDF and send that"
	asXLSX   = "save it as .xlsx or PDF and send that"
	unpacked = "unpack it and send the documents inside"
	asImage  = "save it as PNG, JPEG or PDF and send that"
)

// unsupported refuses content of a media type: it says what was seen and what would help.
func unsupported(media string) error {
	seen, remedy := describe(media)
	if remedy == "" {
		var names []string
		for _, k := range types() {
			if k.t != HEIC { // known, and refused
				names = append(names, string(k.t))
			}
		}
		remedy = "docsift reads " + strings.Join(names, ", ")
	}
	return fault.New(fault.Unsupported, nil, "the content is %s; %s", seen, remedy)
}

// describe names a media type in words. The remedy is empty when there is no better one
// than the list of what can be read.
func describe(media string) (seen, remedy string) {
	switch media {
	case "application/octet-stream":
		return "binary data of no known type", ""
	case "application/x-ole-storage":
		return "an old Office file of an unknown program", asPDF
	case "application/vnd.ms-excel.sheet.binary.macroenabled.12":
		return "a binary Excel workbook (.xlsb)", asXLSX
	case "application/x-excel-worksheet":
		return "a worksheet of an Excel older than 5.0", asXLSX
	case "application/vnd.visio", "application/vnd.ms-visio.drawing.main+xml":
		return "a Visio drawing", asPDF
	case "application/x-mspublisher":
		return "a Publisher document (.pub)", asPDF
	case "application/vnd.ms-works":
		return "a Works document (.wps)", asDOCX
	case "application/x-hwp":
		return "a Hangul document (.hwp)", asDOCX
	case "application/vnd.wordperfect":
		return "a WordPerfect document (.wpd)", asDOCX
	case "application/onenote":
		return "a OneNote section (.one)", asPDF
	case "application/vnd.apple.iwork":
		return "a Pages, Numbers or Keynote document", asPDF
	case "application/vnd.ms-xpsdocument":
		return "an XPS document", asPDF
	case "application/vnd.oasis.opendocument.graphics":
		return "an OpenDocument drawing (.odg)", asPDF
	case "application/epub+zip":
		return "an e-book (.epub)", asPDF
	case "application/x-eicar":
		return "the test file of virus scanners", "send a document"
	case "image/avif":
		return "an AVIF picture", asImage
	case "application/postscript":
		return "a PostScript file", asPDF
	case "image/svg+xml":
		return "an SVG drawing", asImage
	case "application/zip":
		return "a zip archive", unpacked
	case "application/gzip", "application/x-tar", "application/x-bzip2", "application/x-7z-compressed",
		"application/x-rar-compressed", "application/x-xz", "application/zstd":
		return "an archive (" + media + ")", unpacked
	}
	switch kind, _, _ := strings.Cut(media, "/"); {
	case kind == "image":
		return media, asImage
	case strings.HasPrefix(media, "application/vnd.oasis.opendocument."):
		return media, asPDF
	}
	return media, ""
}

// refusedAsText reports whether a file of this media type, though written in letters, is
// a drawing or a program whose text says nothing.
func refusedAsText(media string) bool {
	switch media {
	case "image/svg+xml", "application/postscript", "application/vnd.fdf", "application/x-bittorrent",
		"image/x-xpixmap", "image/vnd.dxf":
		return true
	}
	return strings.HasPrefix(media, "image/x-portable-")
}
