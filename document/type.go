package document

// Type is a kind of file that docsift knows. Its string is the usual file extension.
type Type string

// The types that can be read.
const (
	PDF  Type = "pdf"
	PNG  Type = "png"
	JPEG Type = "jpg"
	GIF  Type = "gif"
	BMP  Type = "bmp"
	TIFF Type = "tiff"
	WebP Type = "webp"
	HEIC Type = "heic"
	DOCX Type = "docx"
	XLSX Type = "xlsx"
	PPTX Type = "pptx"
	DOC  Type = "doc"
	XLS  Type = "xls"
	PPT  Type = "ppt"
	ODT  Type = "odt"
	ODS  Type = "ods"
	ODP  Type = "odp"
	RTF  Type = "rtf"
	EML  Type = "eml"
	MSG  Type = "msg"
	Text Type = "txt"
	CSV  Type = "csv"
	HTML Type = "html"
)

// types pairs each Type with its media type, in the order of error messages.
func types() []struct {
	t    Type
	mime string
} {
	return []struct {
		t    Type
		mime string
	}{
		{PDF, "application/pdf"},
		{PNG, "image/png"},
		{JPEG, "image/jpeg"},
		{GIF, "image/gif"},
		{BMP, "image/bmp"},
		{TIFF, "image/tiff"},
		{WebP, "image/webp"},
		{HEIC, "image/heic"},
		{DOCX, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
		{XLSX, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
		{PPTX, "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
		{DOC, "application/msword"},
		{XLS, "application/vnd.ms-excel"},
		{PPT, "application/vnd.ms-powerpoint"},
		{ODT, "application/vnd.oasis.opendocument.text"},
		{ODS, "application/vnd.oasis.opendocument.spreadsheet"},
		{ODP, "application/vnd.oasis.opendocument.presentation"},
		{RTF, "application/rtf"},
		{EML, "message/rfc822"},
		{MSG, "application/vnd.ms-outlook"},
		{Text, "text/plain"},
		{CSV, "text/csv"},
		{HTML, "text/html"},
	}
}

// MIME returns t's media type.
func (t Type) MIME() string {
	for _, k := range types() {
		if k.t == t {
			return k.mime
		}
	}
	return "application/octet-stream"
}

// typeOf returns the Type of a media type without parameters.
func typeOf(mime string) (Type, bool) {
	for _, k := range types() {
		if k.mime == mime {
			return k.t, true
		}
	}
	return "", false
}

// IsImage reports whether the document is a picture itself.
func (t Type) IsImage() bool {
	switch t {
	case PNG, JPEG, GIF, BMP, TIFF, WebP, HEIC:
		return true
	}
	return false
}
