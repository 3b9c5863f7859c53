package main

import (
	"fmt"
	"strings"
)

const (
	xmlHead = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	wordNS  = `http://schemas.openxmlformats.org/wordprocessingml/2006/main`
	pkgNS   = `http://schemas.openxmlformats.org/package/2006`
	relNS   = `http://schemas.openxmlformats.org/officeDocument/2006/relationships`
)

// docxParts is the package around a body.
func docxParts(d doc, body string) map[string][]byte {
	parts := map[string]string{
		"[Content_Types].xml":          contentTypes(),
		"_rels/.rels":                  packageRels(),
		"docProps/core.xml":            coreProps(d.title),
		"word/_rels/document.xml.rels": documentRels(),
		"word/styles.xml":              wordStyles(d.theme),
		"word/footer1.xml":             wordFooter(d.footer),
		"word/document.xml":            wordDocument(body),
	}
	out := make(map[string][]byte, len(parts))
	for name, s := range parts {
		out[name] = []byte(xmlHead + s)
	}
	return out
}

func contentTypes() string {
	const word = "application/vnd.openxmlformats-officedocument.wordprocessingml."
	var b strings.Builder
	b.WriteString(`<Types xmlns="` + pkgNS + `/content-types">`)
	b.WriteString(`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>`)
	b.WriteString(`<Default Extension="xml" ContentType="application/xml"/>`)
	for _, p := range [][2]string{
		{"/word/document.xml", word + "document.main+xml"},
		{"/word/styles.xml", word + "styles+xml"},
		{"/word/footer1.xml", word + "footer+xml"},
		{"/docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml"},
	} {
		fmt.Fprintf(&b, `<Override PartName="%s" ContentType="%s"/>`, p[0], p[1])
	}
	b.WriteString(`</Types>`)
	return b.String()
}

func packageRels() string {
	return `<Relationships xmlns="` + pkgNS + `/relationships">` +
		`<Relationship Id="rId1" Type="` + relNS + `/officeDocument" Target="word/document.xml"/>` +
		`<Relationship Id="rId2" Type="` + pkgNS + `/relationships/metadata/core-properties" Target="docProps/core.xml"/>` +
		`</Relationships>`
}

func documentRels() string {
	return `<Relationships xmlns="` + pkgNS + `/relationships">` +
		`<Relationship Id="rId1" Type="` + relNS + `/styles" Target="styles.xml"/>` +
		`<Relationship Id="rId2" Type="` + relNS + `/footer" Target="footer1.xml"/>` +
		`</Relationships>`
}

func coreProps(title string) string {
	when := stamped().Format("2006-01-02T15:04:05Z")
	return `<cp:coreProperties xmlns:cp="` + pkgNS + `/metadata/core-properties"` +
		` xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"` +
		` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">` +
		`<dc:title>` + escape(title) + `</dc:title><dc:creator>samplegen</dc:creator>` +
		`<dcterms:created xsi:type="dcterms:W3CDTF">` + when + `</dcterms:created>` +
		`<dcterms:modified xsi:type="dcterms:W3CDTF">` + when + `</dcterms:modified></cp:coreProperties>`
}

func wordStyles(t theme) string {
	font := []string{"Calibri", "Times New Roman", "Courier New"}[t.family]
	var b strings.Builder
	fmt.Fprintf(&b, `<w:styles xmlns:w="%s"><w:docDefaults><w:rPrDefault><w:rPr>`+
		`<w:rFonts w:ascii="%s" w:hAnsi="%s" w:cs="%s"/><w:sz w:val="21"/></w:rPr></w:rPrDefault>`+
		`<w:pPrDefault><w:pPr><w:spacing w:after="120" w:line="264" w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults>`+
		`<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>`,
		wordNS, font, font, font)
	for i, size := range []int{32, 25, 22} {
		fmt.Fprintf(&b, `<w:style w:type="paragraph" w:styleId="Heading%d"><w:name w:val="heading %d"/>`+
			`<w:basedOn w:val="Normal"/><w:next w:val="Normal"/>`+
			`<w:pPr><w:keepNext/><w:spacing w:before="200" w:after="80"/><w:outlineLvl w:val="%d"/></w:pPr>`+
			`<w:rPr><w:b/><w:color w:val="%s"/><w:sz w:val="%d"/></w:rPr></w:style>`,
			i+1, i+1, i, hexColor(t.accent), size)
	}
	b.WriteString(`</w:styles>`)
	return b.String()
}

func wordFooter(text string) string {
	return `<w:ftr xmlns:w="` + wordNS + `"><w:p><w:pPr><w:jc w:val="center"/></w:pPr>` +
		`<w:r><w:rPr><w:sz w:val="16"/></w:rPr><w:t xml:space="preserve">` + escape(text) + ` | Page </w:t></w:r>` +
		`<w:fldSimple w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple></w:p></w:ftr>`
}

func wordDocument(body string) string {
	return `<w:document xmlns:w="` + wordNS + `" xmlns:r="` + relNS + `"><w:body>` + body +
		`<w:sectPr><w:footerReference w:type="default" r:id="rId2"/>` +
		`<w:pgSz w:w="12240" w:h="15840"/>` +
		`<w:pgMar w:top="1200" w:right="1440" w:bottom="1200" w:left="1440" w:header="600" w:footer="600" w:gutter="0"/>` +
		`</w:sectPr></w:body></w:document>`
}
