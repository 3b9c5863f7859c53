package office_test

import (
	"strings"
	"testing"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract/office"
	"github.com/docsift/docsift/fault"
)

func FuzzExtract(f *testing.F) {
	// The bytes of one part: a fuzzer that must first mend a zip's checksums learns nothing.
	f.Add("word/document.xml", `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:p><w:r><w:t>x</w:t></w:r></w:p></w:document>`)
	f.Add("word/header1.xml", `<hdr/>`)
	f.Add("word/_rels/document.xml.rels", `<Relationships><Relationship Id="a" Type="x/header" Target="header1.xml"/></Relationships>`)
	f.Add("_rels/.rels", `<Relationships><Relationship Type="officeDocument" Target="../../word/document.xml"/></Relationships>`)
	f.Add("docProps/app.xml", `<Properties><Pages>12</Pages><Application>x</Application></Properties>`)
	f.Add("xl/workbook.xml", `<workbook><sheets><sheet name="a" r:id="r1"/></sheets></workbook>`)
	f.Add("xl/worksheets/sheet1.xml", `<worksheet><row><c t="s"><v>0</v></c><c s="1"><v>46023.5</v></c></row></worksheet>`)
	f.Add("xl/sharedStrings.xml", `<sst><si><t>x</t><rPh><t>y</t></rPh></si></sst>`)
	f.Add("xl/styles.xml", `<styleSheet><numFmt numFmtId="170" formatCode="yyyy\-mm"/><cellXfs><xf numFmtId="170"/></cellXfs></styleSheet>`)
	f.Add("ppt/slides/slide1.xml", slide(shape("x")))
	f.Add("ppt/presentation.xml", `<p:presentation xmlns:r="r"><p:sldId r:id="r0"/></p:presentation>`)
	f.Add("content.xml", open("text", `<text:p>a<text:s text:c="9"/>b<text:note><text:note-body><text:p>c</text:p></text:note-body></text:note></text:p>`)["content.xml"])
	f.Add("content.xml", open("spreadsheet", `<table:table><table:table-row table:number-rows-repeated="9"><table:table-cell table:number-columns-repeated="9"><text:p>1</text:p></table:table-cell></table:table-row></table:table>`)["content.xml"])
	f.Add("content.xml", open("presentation", `<draw:page><draw:frame><draw:text-box><text:p>x</text:p></draw:text-box></draw:frame></draw:page>`)["content.xml"])
	f.Add("styles.xml", masters(`<style:header><text:p>x</text:p></style:header>`))
	f.Add("meta.xml", `<m><o><statistic/><keyword>a</keyword><keyword>b</keyword></o></m>`)
	f.Add("META-INF/manifest.xml", `<manifest><encryption-data/></manifest>`)
	e := office.New(office.Options{MaxText: 200})
	f.Fuzz(func(t *testing.T, name, part string) {
		for typ, whole := range oneOfEach() {
			whole[name] = part
			b, err := pack(whole)
			if err != nil {
				continue // not a name that a zip can hold
			}
			check(t, e, &document.Document{Type: typ, Bytes: b})
		}
	})
}

func FuzzExtractBytes(f *testing.F) {
	for _, whole := range oneOfEach() {
		b := packed(whole)
		f.Add(b)
		f.Add(beheaded(b))
		f.Add(stored(whole))
	}
	e := office.New(office.Options{MaxText: 200})
	f.Fuzz(func(t *testing.T, b []byte) {
		for typ := range oneOfEach() {
			check(t, e, &document.Document{Type: typ, Bytes: b})
		}
	})
}

// check holds Extract to its contract on whatever a fuzzer thinks of.
func check(t *testing.T, e *office.Extractor, d *document.Document) {
	c, err := e.Extract(t.Context(), d)
	switch fault.KindOf(err) {
	case "":
	case fault.Corrupt, fault.Encrypted, fault.Inflated, fault.TooDeep, fault.TooComplex, fault.Doctype:
		return
	default:
		t.Fatalf("unclassified error %v", err)
	}
	if len(c.Pages) == 0 || c.PageCount < len(c.Pages) {
		t.Errorf("%d pages of %d", len(c.Pages), c.PageCount)
	}
	// A form feed between two pages is not counted by the limit.
	if text := c.Text(); len(text) > 200+len(c.Pages) || strings.ContainsAny(text, "\x00\r") {
		t.Errorf("text %q", text)
	}
}

// oneOfEach returns a small file of each type.
func oneOfEach() map[document.Type]parts {
	return map[document.Type]parts{
		document.DOCX: word(para("x")),
		document.XLSX: book(`<row><c><v>1</v></c></row>`),
		document.PPTX: deck(shape("x"), shape("y")),
		document.ODT:  open("text", `<text:p>x</text:p>`),
		document.ODS:  open("spreadsheet", `<table:table table:name="a"><table:table-row><table:table-cell><text:p>x</text:p></table:table-cell></table:table-row></table:table>`),
		document.ODP:  open("presentation", `<draw:page><text:p>x</text:p></draw:page>`),
	}
}
