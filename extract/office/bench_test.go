package office_test

import (
	"strings"
	"testing"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract/office"
)

func BenchmarkExtract(b *testing.B) {
	e := office.New(office.Options{})
	para := `<w:p><w:pPr><w:pStyle w:val="Normal"/></w:pPr><w:r><w:rPr><w:b/></w:rPr><w:t xml:space="preserve">A line of text, about as long as lines are. </w:t></w:r></w:p>`
	for name, d := range map[string]*document.Document{
		"docx": {Type: document.DOCX, Bytes: packed(word(strings.Repeat(para, 500)))},
		"xlsx": {Type: document.XLSX, Bytes: packed(book(strings.Repeat(`<row><c><v>1.5</v></c><c t="s"><v>0</v></c><c s="1"><v>46023</v></c></row>`, 500)))},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := e.Extract(b.Context(), d); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
