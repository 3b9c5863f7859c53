package office_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract/office"
	"github.com/docsift/docsift/fault"
)

func TestSlideText(t *testing.T) {
	run := func(s string) string { return `<a:r><a:t>` + s + `</a:t></a:r>` }
	cell := func(s string) string { return `<a:tc><a:txBody>` + s + `</a:txBody></a:tc>` }
	tests := []struct{ name, shapes, want string }{
		{"paragraphs and shapes on lines", shape("one", "two") + shape("three"), "one\ntwo\nthree"},
		{"runs joined, breaks as lines", `<p:sp><p:txBody><a:p>` + run("in") + run("voice") + `<a:br/>` + run("42") + `</a:p></p:txBody></p:sp>`, "invoice\n42"},
		{"cells separated by tabs", `<a:tbl><a:tr>` + cell(`<a:p>`+run("a")+`</a:p><a:p>`+run("b")+`</a:p>`) + cell(`<a:p>`+run("c")+`</a:p>`) + `</a:tr><a:tr>` + cell(`<a:p>`+run("d")+`</a:p>`) + `</a:tr></a:tbl>` + shape("e"), "a b\tc\nd\ne"},
		{"no numbers of slides", `<p:sp><p:txBody><a:p><a:fld type="slidenum">` + `<a:t>7</a:t></a:fld><a:fld type="datetime1"><a:t>1 May</a:t></a:fld></a:p></p:txBody></p:sp>`, "1 May"},
		{"no hidden shapes", strings.Replace(shape("secret"), `id="4"`, `id="4" hidden="1"`, 1) + shape("seen"), "seen"},
		{"shapes for old programs once", `<mc:AlternateContent><mc:Choice>` + shape("box") + `</mc:Choice><mc:Fallback>` + shape("box") + `</mc:Fallback></mc:AlternateContent>`, "box"},
		{"no measures", `<p:sp><p:txBody><a:p><a:ext>123</a:ext>` + run("a") + `</a:p></p:txBody></p:sp>`, "a"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := read(t, document.PPTX, deck(tt.shapes), office.Options{})
			if got := c.Text(); got != tt.want {
				t.Errorf("text %q, want %q", got, tt.want)
			}
		})
	}
}

func TestSlidesInOrderWithNotes(t *testing.T) {
	p := deck(shape("first"), shape("second"), shape("third"))
	p["ppt/slides/_rels/slide2.xml.rels"] = `<Relationships>` +
		`<Relationship Id="r1" Type="http://x/notesSlide" Target="../notesSlides/notesSlide1.xml"/>` +
		`<Relationship Id="r2" Type="http://x/diagramData" Target="../diagrams/data1.xml"/>` +
		`<Relationship Id="r4" Type="http://x/chart" Target="../charts/chart1.xml"/>` +
		`<Relationship Id="r3" Type="http://x/notesSlide" Target="../notesSlides/lost.xml"/></Relationships>`
	p["ppt/notesSlides/notesSlide1.xml"] = slide(shape("say this"))
	p["ppt/diagrams/data1.xml"] = `<d:dataModel xmlns:d="http://schemas.openxmlformats.org/drawingml/2006/diagram" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><d:ptLst>` +
		`<d:pt type="node"><d:t><a:p><a:r><a:t>step</a:t></a:r></a:p></d:t></d:pt><d:pt type="pres"><d:t><a:p><a:r><a:t>step</a:t></a:r></a:p></d:t></d:pt></d:ptLst></d:dataModel>`
	p["ppt/charts/chart1.xml"] = `<c:chartSpace xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><c:chart><c:title><c:tx><c:rich><a:p><a:r><a:t>Sales</a:t></a:r></a:p></c:rich></c:tx></c:title>` +
		`<c:ser><c:tx><c:strRef><c:f>B1</c:f><c:strCache><c:ptCount val="1"/><c:pt idx="0"><c:v>North</c:v></c:pt></c:strCache></c:strRef></c:tx><c:val><c:numRef><c:numCache><c:pt idx="0"><c:v>10</c:v></c:pt></c:numCache></c:numRef></c:val></c:ser></c:chart></c:chartSpace>`
	delete(p, "ppt/slides/slide1.xml")
	p["docProps/core.xml"] = `<c><title>Plan</title><creator>Ann</creator><keywords>a, b</keywords><created>2026-01-02T03:04:05Z</created><modified>2026-02-03T04:05:06Z</modified></c>`
	c := read(t, document.PPTX, p, office.Options{})
	if got, want := c.Text(), "first\fsecond\nstep\nSales\nNorth\nsay this\f"; got != want {
		t.Errorf("text %q, want %q", got, want)
	}
	want := map[string]string{"title": "Plan", "author": "Ann", "keywords": "a, b", "created": "2026-01-02T03:04:05Z", "modified": "2026-02-03T04:05:06Z"}
	if c.PageCount != 3 || !maps.Equal(c.Meta, want) {
		t.Errorf("%d pages, meta %v", c.PageCount, c.Meta)
	}
}

func TestSlidesBounds(t *testing.T) {
	p := deck(shape("first"), shape("second"), shape("third"))
	tests := []struct {
		name string
		opts office.Options
		want string
	}{
		{"slides", office.Options{MaxPages: 2}, "first\fsecond"},
		{"text", office.Options{MaxText: 8}, "first\fsec"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := read(t, document.PPTX, p, tt.opts)
			if got := c.Text(); got != tt.want || c.PageCount != 3 {
				t.Errorf("text %q of %d pages, want %q", got, c.PageCount, tt.want)
			}
		})
	}
}

func TestSlidesDamage(t *testing.T) {
	tests := []struct {
		name, part, content, want string
		kind                      fault.Kind
	}{
		{"a list that is broken is done without", "ppt/presentation.xml", "<a><b></a>", "second\ffirst", ""},
		{"broken links are done without", "ppt/_rels/presentation.xml.rels", "<a><b></a>", "second\ffirst", ""},
		{"broken links of a slide are done without", "ppt/slides/_rels/slide1.xml.rels", "<a><b></a>", "first\fsecond", ""},
		{"a broken slide is not", "ppt/slides/slide1.xml", "<a><b></a>", "", fault.Corrupt},
		{"a list that declares entities is refused", "ppt/presentation.xml", `<!DOCTYPE a [<!ENTITY b "c">]><a/>`, "", fault.Doctype},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := deck(shape("first"), shape("second"))
			p[tt.part] = tt.content
			c, err := office.New(office.Options{}).Extract(t.Context(), &document.Document{Type: document.PPTX, Bytes: packed(p)})
			if got := fault.KindOf(err); got != tt.kind {
				t.Fatalf("kind %q (%v), want %q", got, err, tt.kind)
			}
			if err == nil && c.Text() != tt.want {
				t.Errorf("text %q, want %q", c.Text(), tt.want)
			}
		})
	}
}

func TestSlidesOfATemplateWithNone(t *testing.T) {
	if c := read(t, document.PPTX, deck(), office.Options{}); len(c.Pages) != 1 || c.PageCount != 1 || c.Text() != "" {
		t.Errorf("%d pages of %d, text %q", len(c.Pages), c.PageCount, c.Text())
	}
}

func TestSlidesOfTheStrictKind(t *testing.T) {
	p := deck(shape("strict"))
	for name, part := range p {
		part = strings.ReplaceAll(part, "http://schemas.openxmlformats.org/drawingml/2006/main", "http://purl.oclc.org/ooxml/drawingml/main")
		part = strings.ReplaceAll(part, "http://schemas.openxmlformats.org/presentationml/2006/main", "http://purl.oclc.org/ooxml/presentationml/main")
		p[name] = strings.ReplaceAll(part, "http://schemas.openxmlformats.org/officeDocument/2006/relationships", "http://purl.oclc.org/ooxml/officeDocument/relationships")
	}
	if got := read(t, document.PPTX, p, office.Options{}).Text(); got != "strict" {
		t.Errorf("text %q", got)
	}
}
