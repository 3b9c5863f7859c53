package office_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract/office"
)

func TestWordText(t *testing.T) {
	tests := []struct{ name, body, want string }{
		{"paragraphs on lines", para("one") + para("two"), "one\ntwo"},
		{"runs joined", `<w:p><w:r><w:t>in</w:t></w:r><w:r><w:t>voice</w:t></w:r></w:p>`, "invoice"},
		{"tabs and breaks of runs", `<w:p><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t></w:r></w:p>`, "a\tb\nc"},
		{"no tab stops", `<w:p><w:pPr><w:tabs><w:tab w:val="left"/></w:tabs></w:pPr><w:r><w:t>a</w:t></w:r><w:r><w:t>b</w:t></w:r></w:p>`, "ab"},
		{"hyphens that do not break", `<w:p><w:r><w:t>A</w:t><w:noBreakHyphen/><w:t>7</w:t></w:r></w:p>`, "A-7"},
		{"cells separated by tabs", `<w:tbl><w:tr><w:tc>` + para("a") + para("b") + `</w:tc><w:tc>` + para("c") + `</w:tc></w:tr><w:tr><w:tc>` + para("d") + `</w:tc></w:tr></w:tbl>` + para("e"), "a b\tc\nd\ne"},
		{"no measures of drawings", `<w:p><w:r><w:drawing><a:ext>20001549402</a:ext><a:t>shape</a:t></w:drawing><w:t>text</w:t></w:r></w:p>`, "text"},
		{"text boxes once", `<w:p><w:r><w:t>a</w:t><mc:AlternateContent><mc:Choice><w:txbxContent>` + para("box") + `</w:txbxContent></mc:Choice>` +
			`<mc:Fallback><w:txbxContent>` + para("box") + `</w:txbxContent></mc:Fallback></mc:AlternateContent><w:t>b</w:t></w:r></w:p>`, "a\nbox\nb"},
		{"no hidden text", `<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r><w:r><w:rPr><w:vanish w:val="false"/></w:rPr><w:t>seen</w:t></w:r></w:p>`, "seen"},
		{"text after a hidden end of a paragraph", `<w:p><w:pPr><w:rPr><w:vanish/></w:rPr></w:pPr><w:r><w:t>seen</w:t></w:r></w:p>`, "seen"},
		{"no deleted text and no codes of fields", `<w:p><w:del><w:r><w:delText>old</w:delText></w:r></w:del><w:r><w:instrText>PAGE</w:instrText></w:r><w:ins><w:r><w:t>new</w:t></w:r></w:ins></w:p>`, "new"},
		{"moved text once", `<w:moveFrom>` + para("moved") + `</w:moveFrom><w:moveTo>` + para("moved") + `</w:moveTo>`, "moved"},
		{"formulas", `<w:p><w:r><w:t>E=</w:t></w:r><m:oMath><m:r><m:t>mc</m:t></m:r></m:oMath></w:p>`, "E=mc"},
		{"no word twice for how it sounds", `<w:p><w:r><w:ruby><w:rt><w:r><w:t>toukyou</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>Tokyo</w:t></w:r></w:rubyBase></w:ruby></w:r></w:p>`, "Tokyo"},
		{"content controls and results of form fields", `<w:sdt><w:sdtPr><w:alias w:val="Name"/></w:sdtPr><w:sdtContent>` + para("Ann") + `</w:sdtContent></w:sdt>` +
			`<w:p><w:r><w:fldChar><w:ffData><w:name w:val="City"/><w:textInput><w:default w:val="no"/></w:textInput></w:ffData></w:fldChar></w:r><w:r><w:t>Bonn</w:t></w:r></w:p>`, "Ann\nBonn"},
		{"old text boxes", `<w:p><w:r><w:pict><v:textbox><w:txbxContent>` + para("box") + `</w:txbxContent></v:textbox></w:pict></w:r></w:p>`, "box"},
		{"control characters dropped", para("a&#x200B;b"), "ab"},
		{"nothing", ``, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := read(t, document.DOCX, word(tt.body), office.Options{})
			if got := c.Text(); got != tt.want {
				t.Errorf("text %q, want %q", got, tt.want)
			}
			if len(c.Pages) != 1 || c.PageCount != 1 || c.Draw != nil {
				t.Errorf("%d pages of %d, draws %v", len(c.Pages), c.PageCount, c.Draw != nil)
			}
		})
	}
}

func TestWordOfTheStrictKind(t *testing.T) {
	p := parts{"word/document.xml": `<d xmlns="http://purl.oclc.org/ooxml/wordprocessingml/main"><p><r><t>strict</t></r></p></d>`}
	if got := read(t, document.DOCX, p, office.Options{}).Text(); got != "strict" {
		t.Errorf("text %q", got)
	}
}

func TestWordInOtherEncodings(t *testing.T) {
	latin := `<?xml version="1.0" encoding="ISO-8859-1"?><w:d xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:p><w:r><w:t>` + "caf\xE9" + `</w:t></w:r></w:p></w:d>`
	wide := "\xFF\xFE"
	for _, c := range strings.Replace(strings.Replace(latin, "ISO-8859-1", "UTF-16", 1), "\xE9", "e", 1) {
		wide += string([]byte{byte(c), 0})
	}
	for in, want := range map[string]string{latin: "café", wide: "cafe"} {
		if got := read(t, document.DOCX, parts{"word/document.xml": in}, office.Options{}).Text(); got != want {
			t.Errorf("text %q, want %q", got, want)
		}
	}
}

func TestWordHeadersAndFooters(t *testing.T) {
	margin := func(text string) string {
		return strings.Replace(string(document1(para(text))), "w:document", "w:hdr", 1)
	}
	p := word(para("body"))
	p["word/_rels/document.xml.rels"] = `<Relationships>` +
		`<Relationship Id="1" Type="http://x/relationships/header" Target="header1.xml"/>` +
		`<Relationship Id="2" Type="http://x/relationships/header" Target="header2.xml"/>` +
		`<Relationship Id="3" Type="http://x/relationships/footer" Target="footer1.xml"/>` +
		`<Relationship Id="4" Type="http://x/relationships/footer" Target="missing.xml"/>` +
		`<Relationship Id="5" Type="http://x/relationships/header" Target="http://example.org/header" TargetMode="External"/>` +
		`</Relationships>`
	p["word/header1.xml"] = strings.ReplaceAll(margin("Harbour Bank"), "/w:document", "/w:hdr")
	p["word/header2.xml"] = p["word/header1.xml"]
	p["word/footer1.xml"] = strings.ReplaceAll(margin("signed"), "/w:document", "/w:hdr")
	if got, want := read(t, document.DOCX, p, office.Options{}).Text(), "Harbour Bank\nbody\nsigned"; got != want {
		t.Errorf("text %q, want %q", got, want)
	}
}

func TestWordNotes(t *testing.T) {
	p := word(para("body"))
	p["word/_rels/document.xml.rels"] = `<Relationships>` +
		`<Relationship Id="1" Type="http://x/relationships/footnotes" Target="footnotes.xml"/>` +
		`<Relationship Id="2" Type="http://x/relationships/endnotes" Target="endnotes.xml"/>` +
		`<Relationship Id="3" Type="http://x/relationships/comments" Target="comments.xml"/>` +
		`<Relationship Id="4" Type="http://x/relationships/footer" Target="footer1.xml"/></Relationships>`
	p["word/footnotes.xml"] = string(document1(`<w:footnote w:type="separator"><w:p><w:r><w:separator/></w:r></w:p></w:footnote><w:footnote>` + para("so they say") + `</w:footnote>`))
	p["word/endnotes.xml"] = string(document1(para("the end")))
	p["word/comments.xml"] = string(document1(para("hm")))
	p["word/footer1.xml"] = string(document1(para("signed")))
	if got, want := read(t, document.DOCX, p, office.Options{}).Text(), "body\nso they say\nthe end\nsigned"; got != want {
		t.Errorf("text %q, want %q", got, want)
	}
}

func TestWordFields(t *testing.T) {
	field := `<w:r><w:fldChar><w:ffData><w:name w:val="City"/></w:ffData></w:fldChar></w:r>`
	body := `<w:sdt><w:sdtPr><w:alias w:val="Full
		name"/><w:name w:val="no"/></w:sdtPr></w:sdt><w:p>` + field + field + `<w:alias w:val="stray"/></w:p>`
	if got, want := read(t, document.DOCX, word(body), office.Options{}).Meta["fields"], "Full name, City"; got != want {
		t.Errorf("fields %q, want %q", got, want)
	}
	many := strings.Repeat(field, 3)
	for i := range 1000 {
		many += strings.Replace(field, "City", fmt.Sprint("field", i), 1)
	}
	if n := len(read(t, document.DOCX, word(`<w:p>`+many+`</w:p>`), office.Options{}).Meta["fields"]); n > 1000 {
		t.Errorf("%d bytes of names", n)
	}
}

func TestWordStopsAtTheLimit(t *testing.T) {
	p := word(strings.Repeat(para("über"), 1000) + "<broken")
	if got, want := read(t, document.DOCX, p, office.Options{MaxText: 12}).Text(), "über\nüber"; got != want {
		t.Errorf("text %q, want %q", got, want)
	}
}

func TestPropertiesInOtherParts(t *testing.T) {
	p := word(para("x"))
	p["_rels/.rels"] = `<Relationships><Relationship Id="1" Type="http://x/relationships/metadata/core-properties" Target="package/core.psmdcp"/>` +
		`<Relationship Id="2" Type="http://x/relationships/extendedProperties" Target="app2.xml"/></Relationships>`
	p["package/core.psmdcp"] = `<c><title>Plan</title></c>`
	p["app2.xml"] = `<c><Pages>4</Pages></c>`
	if c := read(t, document.DOCX, p, office.Options{}); c.Meta["title"] != "Plan" || c.PageCount != 4 {
		t.Errorf("meta %v, %d pages", c.Meta, c.PageCount)
	}
}

func TestProperties(t *testing.T) {
	core := func(inside string) string {
		return `<cp:coreProperties xmlns:cp="c" xmlns:dc="d">` + inside + `</cp:coreProperties>`
	}
	app := func(inside string) string { return `<Properties>` + inside + `</Properties>` }
	tests := []struct {
		name      string
		core, app string
		want      map[string]string
		pages     int
	}{
		{"title, author, program and pages", core(`<dc:title> Tea
			prices </dc:title><dc:subject>tea</dc:subject><dc:creator>Ann</dc:creator><cp:lastModifiedBy>Bob</cp:lastModifiedBy>`),
			app(`<Pages>12</Pages><Application>Quill</Application>`),
			map[string]string{"title": "Tea prices", "subject": "tea", "author": "Ann", "producer": "Quill"}, 12},
		{"the last editor for want of an author", core(`<dc:creator/><cp:lastModifiedBy>Bob</cp:lastModifiedBy>`), app(`<Pages>0</Pages>`), map[string]string{"author": "Bob"}, 1},
		{"one page for a number that makes no sense", core(``), app(`<Pages>99999999</Pages>`), map[string]string{}, 1},
		{"a long title cut", core(`<dc:title>` + strings.Repeat("ü", 5000) + `</dc:title>`), app(``), map[string]string{"title": strings.Repeat("ü", 500)}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := word(para("x"))
			p["docProps/core.xml"], p["docProps/app.xml"] = tt.core, tt.app
			c := read(t, document.DOCX, p, office.Options{})
			if !maps.Equal(c.Meta, tt.want) || c.PageCount != tt.pages {
				t.Errorf("%v, %d pages, want %v, %d pages", c.Meta, c.PageCount, tt.want, tt.pages)
			}
		})
	}
}
