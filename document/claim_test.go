package document_test

import (
	"bytes"
	"image/png"
	"testing"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/fault"
)

func TestReadRefusesANameThatTheContentContradicts(t *testing.T) {
	tests := []struct {
		name, file string
		in         []byte
		want       document.Type // or empty
		wantMsg    string
	}{
		{"a text that claims to be a PDF", "invoice.PDF", []byte("not found"), "", "its name ends in .pdf, but the content is plain text; send the .pdf file itself, or name it .txt if this is what you mean"},
		{"a web page that claims to be a Word document", `C:\out\a.docx`, []byte("<html>404</html>"), "", "its name ends in .docx, but the content is a web page; send the .docx file itself, or name it .html if this is what you mean"},
		{"a table that claims to be a workbook", "a.b.xlsx", []byte(table), "", "its name ends in .xlsx, but the content is a table in plain text; send the .xlsx file itself, or name it .csv if this is what you mean"},
		{"a text that claims to be an archive", "a.zip", []byte("bogus"), "", "its name ends in .zip, but the content is plain text; send the .zip file itself, or name it .txt if this is what you mean"},
		{"a PDF that claims to be a picture is a PDF", "a.png", []byte(minimal), document.PDF, ""},
		{"a picture that claims to be another is a picture", "a.jpg", encoded(png.Encode), document.PNG, ""},
		{"a web page that claims to be an old workbook, as programs write it", "a.xls", []byte("<table><tr><td>1</table>"), document.HTML, ""},
		{"a text of an unknown name", "a.pdf.x", []byte("hello"), document.Text, ""},
		{"a text in a folder of a PDF's name", "a.pdf/b", []byte("hello"), document.Text, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, err := document.Read(bytes.NewReader(tt.in), tt.file, document.Options{})
			if tt.wantMsg != "" {
				if fault.KindOf(err) != fault.Unsupported || fault.Message(err) != tt.wantMsg {
					t.Errorf("%s: %q, want %s: %q", fault.KindOf(err), fault.Message(err), fault.Unsupported, tt.wantMsg)
				}
				return
			}
			if err != nil || d.Type != tt.want {
				t.Errorf("document %v: %v, want %s", d, err, tt.want)
			}
		})
	}
}
