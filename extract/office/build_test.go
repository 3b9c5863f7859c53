package office_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/extract/office"
)

// parts are the files of an Office file by name.
type parts map[string]string

func packed(p parts) []byte {
	b, err := pack(p)
	if err != nil {
		panic(err)
	}
	return b
}

func pack(p parts) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(p)) {
		content, method := p[name], zip.Deflate
		if len(content) > 1<<20 {
			method = zip.Store // for speed
		}
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: method})
		if err != nil {
			return nil, err
		}
		if _, err := w.Write([]byte(content)); err != nil {
			return nil, err
		}
	}
	err := z.Close()
	return b.Bytes(), err
}

// deflated returns a packed file, however long its parts are.
func deflated(p parts) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(p)) {
		w, err := z.Create(name)
		if err != nil {
			panic(err)
		}
		if _, err := w.Write([]byte(p[name])); err != nil {
			panic(err)
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// stored returns a file whose parts are not packed, in the order of their names, and whose
// headers say how long they are.
func stored(p parts) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(p)) {
		n := uint64(len(p[name]))
		h := &zip.FileHeader{Name: name, CRC32: crc32.ChecksumIEEE([]byte(p[name])), CompressedSize64: n, UncompressedSize64: n}
		w, err := z.CreateRaw(h)
		if err != nil {
			panic(err)
		}
		if _, err := w.Write([]byte(p[name])); err != nil {
			panic(err)
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// beheaded returns a file without its directory.
func beheaded(b []byte) []byte {
	return b[:bytes.Index(b, []byte("PK\x01\x02"))]
}

// claiming returns a file whose directory says that a part unpacks to n bytes.
func claiming(p parts, name string, n uint32) []byte {
	const size, nameAt = 24, 46 // places in an entry of the directory
	b := packed(p)
	at := bytes.LastIndex(b, []byte(name)) - nameAt
	binary.LittleEndian.PutUint32(b[at+size:], n)
	return b
}

func document1(body string) []byte {
	return []byte(`<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" ` +
		`xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" ` +
		`xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" xmlns:v="urn:schemas-microsoft-com:vml">` +
		`<w:body>` + body + `</w:body></w:document>`)
}

// word returns a Word document with the given body.
func word(body string) parts {
	return parts{"word/document.xml": string(document1(body))}
}

func read(t *testing.T, typ document.Type, p parts, o office.Options) *extract.Content {
	t.Helper()
	c, err := office.New(o).Extract(t.Context(), &document.Document{Type: typ, Bytes: packed(p)})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func para(text string) string { return `<w:p><w:r><w:t>` + text + `</w:t></w:r></w:p>` }

// book returns a workbook with one sheet of the given rows, two strings and a few styles.
func book(rows string) parts {
	const rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
	return parts{
		"_rels/.rels":     `<Relationships><Relationship Id="r1" Type="` + rel + `officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml": `<workbook xmlns:r="r"><sheets><sheet name="Prices" r:id="r1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships>` +
			`<Relationship Id="r1" Type="` + rel + `worksheet" Target="worksheets/sheet1.xml"/>` +
			`<Relationship Id="r4" Type="` + rel + `worksheet" Target="/xl/worksheets/sheet2.xml"/>` +
			`<Relationship Id="r2" Type="` + rel + `sharedStrings" Target="sharedStrings.xml"/>` +
			`<Relationship Id="r3" Type="` + rel + `styles" Target="styles.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml": `<worksheet><sheetData>` + rows + `</sheetData></worksheet>`,
		"xl/sharedStrings.xml":     `<sst><si><t>Tea</t></si><si><r><t>green </t></r><r><t>tea</t></r><rPh><t>gurin</t></rPh></si></sst>`,
		"xl/styles.xml": `<styleSheet><numFmts><numFmt numFmtId="170" formatCode="yyyy\-mm\-dd hh:mm"/>` +
			`<numFmt numFmtId="171" formatCode="#,##0.00 &quot;dollars&quot;;[Red]-0"/><numFmt numFmtId="172" formatCode="[HH]:mm"/><numFmt numFmtId="173" formatCode="mmm"/></numFmts>` +
			`<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="170"/>` +
			`<xf numFmtId="20"/><xf numFmtId="9"/><xf numFmtId="171"/><xf numFmtId="172"/><xf numFmtId="46"/><xf numFmtId="173"/></cellXfs></styleSheet>`,
	}
}

// deck returns a presentation with the given shapes on its slides. The parts of the slides
// stand the other way round.
func deck(slides ...string) parts {
	const rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
	p := parts{"_rels/.rels": `<Relationships><Relationship Id="r1" Type="` + rel + `officeDocument" Target="ppt/presentation.xml"/></Relationships>`}
	var ids, links strings.Builder
	for i, shapes := range slides {
		part := fmt.Sprintf("slides/slide%d.xml", len(slides)-i)
		fmt.Fprintf(&ids, `<p:sldId id="%d" r:id="r%d"/>`, 256+i, i)
		fmt.Fprintf(&links, `<Relationship Id="r%d" Type="%sslide" Target="%s"/>`, i, rel, part)
		p["ppt/"+part] = slide(shapes)
	}
	p["ppt/presentation.xml"] = `<p:presentation xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" xmlns:r="` + strings.TrimSuffix(rel, "/") + `">` +
		`<p:sldMasterIdLst><p:sldMasterId id="2147483648" r:id="r99"/></p:sldMasterIdLst><p:sldIdLst>` + ids.String() + `</p:sldIdLst></p:presentation>`
	p["ppt/_rels/presentation.xml.rels"] = `<Relationships>` + links.String() + `</Relationships>`
	return p
}

func slide(shapes string) string {
	return `<p:sld xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" ` +
		`xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><p:cSld><p:spTree>` + shapes + `</p:spTree></p:cSld></p:sld>`
}

// shape returns a shape with a paragraph for each line.
func shape(lines ...string) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(`<a:p><a:r><a:rPr lang="en"/><a:t>` + l + `</a:t></a:r></a:p>`)
	}
	return `<p:sp><p:nvSpPr><p:cNvPr id="4" name="Box 1"/></p:nvSpPr><p:txBody><a:bodyPr/>` + b.String() + `</p:txBody></p:sp>`
}

// openSpaces declares the name spaces of OpenDocument.
func openSpaces() string {
	var b strings.Builder
	for _, s := range []string{"office", "text", "table", "style", "presentation", "form", "meta", "manifest"} {
		fmt.Fprintf(&b, ` xmlns:%s="urn:oasis:names:tc:opendocument:xmlns:%s:1.0"`, s, s)
	}
	return b.String() + ` xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"`
}

// open returns an OpenDocument file whose body is the given element.
func open(body, inside string) parts {
	return parts{
		"META-INF/manifest.xml": `<?xml version="1.0"?><!DOCTYPE manifest:manifest PUBLIC "-//OpenOffice.org//DTD Manifest 1.0//EN" "Manifest.dtd">` +
			`<manifest:manifest` + openSpaces() + `><manifest:file-entry manifest:full-path="content.xml"/></manifest:manifest>`,
		"content.xml": `<?xml version="1.0" encoding="UTF-8"?><office:document-content` + openSpaces() + `>` +
			`<office:automatic-styles><style:style style:name="H" style:family="text"><style:text-properties text:display="none"/></style:style>` +
			`<style:style style:name="S" style:family="table"><style:table-properties table:display="false"/></style:style></office:automatic-styles>` +
			`<office:body><office:` + body + `>` + inside + `</office:` + body + `></office:body></office:document-content>`,
	}
}

// masters returns the styles of an OpenDocument file, with one master page.
func masters(inside string) string {
	return `<office:document-styles` + openSpaces() + `><office:master-styles><style:master-page>` + inside +
		`</style:master-page></office:master-styles></office:document-styles>`
}

// tableOf returns a table of OpenDocument with the given rows.
func tableOf(name, rows string) string {
	return `<table:table table:name="` + name + `">` + rows + `</table:table>`
}
