package document

import (
	"path"
	"strings"

	"github.com/docsift/docsift/fault"
)

// contradict refuses plain letters whose name claims a format that nobody writes in
// letters: what came is the page of an error, a note or a broken download rather than the
// document that was meant. The name never chooses a type: any document of a known type is
// taken for what it is, whatever its name says.
func contradict(name string, t Type) error {
	if t != Text && t != CSV && t != HTML {
		return nil
	}
	ext := strings.ToLower(path.Ext(strings.ReplaceAll(name, `\`, "/")))
	switch ext {
	// Not .doc, .xls and .wps: programs give these names to web pages and tables.
	case ".pdf", ".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp", ".heic", ".heif", ".docx", ".docm",
		".dotx", ".xlsx", ".xlsm", ".xltx", ".pptx", ".pptm", ".odt", ".ods", ".odp", ".msg", ".zip", ".gz", ".7z", ".rar":
	default:
		return nil
	}
	return fault.New(fault.Unsupported, nil, "its name ends in %s, but the content is %s; send the %s file itself, or name it .%s if this is what you mean",
		ext, words(t), ext, t)
}

func words(t Type) string {
	switch t {
	case HTML:
		return "a web page"
	case CSV:
		return "a table in plain text"
	}
	return "plain text"
}
