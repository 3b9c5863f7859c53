package office_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract/office"
	"github.com/docsift/docsift/fault"
)

func line(s string) string { return `<text:p>` + s + `</text:p>` }

func TestOpenText(t *testing.T) {
	cell := func(s string) string { return `<table:table-cell>` + s + `</table:table-cell>` }
	row := func(s string) string { return `<table:table-row>` + s + `</table:table-row>` }
	box := func(s string) string {
		return `<draw:frame><draw:text-box>` + s + `</draw:text-box><svg:desc>a picture</svg:desc></draw:frame>`
	}
	tests := []struct{ name, body, want string }{
		{"headings and paragraphs on lines", `<text:h>one</text:h>` + line("two"), "one\ntwo"},
		{"spans joined", line(`in<text:span>voice</text:span> <text:a>42</text:a>`), "invoice 42"},
		{"white space is one space", line("\n  a\n\t<text:span>  b</text:span>c \n"), "a bc"},
		{"tabs, breaks and spaces", line(`a<text:tab/>b<text:line-break/>c<text:s/>d<text:s text:c="1000000000"/>e`), "a\tb\nc d e"},
		{"cells separated by tabs", tableOf("t", row(cell(line("a")+line("b"))+cell(line("c"))+`<table:covered-table-cell>`+line("x")+`</table:covered-table-cell>`)+row(cell(line("d")))) + line("e"), "a b\tc\nd\ne"},
		{"boxes within a paragraph on their own lines", line(`a` + box(line("box")) + `b`), "a\nbox\nb"},
		{"notes after the text", line(`a<text:note><text:note-citation>1</text:note-citation><text:note-body>`+line("so they say")+`</text:note-body></text:note>b`) + line("c"), "ab\nc\nso they say"},
		{"no comments", line(`a<office:annotation><dc:creator>Ann</dc:creator>` + line("hm") + `</office:annotation>b`), "ab"},
		{"no deleted text", `<text:tracked-changes><text:changed-region><text:deletion>` + line("old") + `</text:deletion></text:changed-region></text:tracked-changes>` + line("new"), "new"},
		{"no hidden text", line(`<text:span text:style-name="H">secret</text:span>seen`) + `<text:section text:display="none">` + line("secret") + `</text:section>`, "seen"},
		{"no scripts, and no word twice", line(`a<text:script>x()</text:script><text:ruby><text:ruby-base>b</text:ruby-base><text:ruby-text>bee</text:ruby-text></text:ruby>`), "ab"},
		{"lists and indexes", `<text:list><text:list-item>` + line("a") + `</text:list-item></text:list><text:index-body>` + line("b") + `</text:index-body>`, "a\nb"},
		{"what is written beside the controls of a form", `<office:forms><form:form><form:fixed-text form:name="l1" form:label="Full name"/><form:checkbox form:name="yes" form:label="I agree"/><form:frame form:label="Payment"/><form:radio form:label=""/></form:form></office:forms>` + line("a"), "a\nFull name\nI agree\nPayment"},
		{"what was filled in", `<office:forms><form:form><form:text form:name="iban" form:current-value="DE00"/><form:password form:name="pin" form:current-value="1234"/></form:form></office:forms>` + line("a"), "a\nDE00"},
		{"nothing outside of paragraphs", `stray` + line("a"), "a"},
		{"nothing", ``, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := read(t, document.ODT, open("text", tt.body), office.Options{})
			if got := c.Text(); got != tt.want {
				t.Errorf("text %q, want %q", got, tt.want)
			}
			if len(c.Pages) != 1 || c.PageCount != 1 || c.Draw != nil {
				t.Errorf("%d pages of %d, draws %v", len(c.Pages), c.PageCount, c.Draw != nil)
			}
		})
	}
}

func TestOpenTextHeadersAndFooters(t *testing.T) {
	p := open("text", line("body"))
	p["styles.xml"] = masters(`<style:header>` + line("Harbour Bank") + `</style:header>` +
		`<style:header-left style:display="false">` + line("left") + `</style:header-left>` +
		`<style:header-first>` + line("Harbour Bank") + `</style:header-first>` +
		`<style:footer>` + line(`page <text:page-number>2</text:page-number>`) + `</style:footer>` + line("stray"))
	if got, want := read(t, document.ODT, p, office.Options{}).Text(), "Harbour Bank\nbody\npage 2"; got != want {
		t.Errorf("text %q, want %q", got, want)
	}
	p["styles.xml"] = "<broken"
	if got := read(t, document.ODT, p, office.Options{}).Text(); got != "body" {
		t.Errorf("text %q without styles", got)
	}
}

func TestOpenProperties(t *testing.T) {
	p := open("text", line("x")+`<form:text form:name="iban"/><form:checkbox form:name="agreed"/>`)
	p["meta.xml"] = `<office:document-meta` + openSpaces() + `><office:meta><dc:title> Tea
		prices</dc:title><meta:initial-creator>Ann</meta:initial-creator><dc:creator>Bob</dc:creator><dc:subject>tea</dc:subject>` +
		`<meta:keyword>green</meta:keyword><meta:keyword>black</meta:keyword><meta:creation-date>2026-01-02T03:04:05</meta:creation-date>` +
		`<dc:date>2026-02-03T04:05:06</dc:date><meta:generator>Quill</meta:generator><meta:document-statistic meta:page-count="12"/></office:meta></office:document-meta>`
	c := read(t, document.ODT, p, office.Options{})
	want := map[string]string{
		"title": "Tea prices", "author": "Ann", "subject": "tea", "keywords": "green, black", "producer": "Quill",
		"created": "2026-01-02T03:04:05", "modified": "2026-02-03T04:05:06", "fields": "iban, agreed",
	}
	if !maps.Equal(c.Meta, want) || c.PageCount != 12 {
		t.Errorf("meta %v, %d pages", c.Meta, c.PageCount)
	}
}

func TestOpenDocumentRefuses(t *testing.T) {
	locked := open("text", line("x"))
	locked["META-INF/manifest.xml"] = `<manifest:manifest` + openSpaces() + `><manifest:file-entry manifest:full-path="content.xml"><manifest:encryption-data/></manifest:file-entry></manifest:manifest>`
	locked["content.xml"] = "\x01\x02 not XML"
	entity := open("text", line("x"))
	entity["content.xml"] = `<!DOCTYPE a [<!ENTITY b "c">]>` + strings.TrimPrefix(entity["content.xml"], `<?xml version="1.0" encoding="UTF-8"?>`)
	tests := []struct {
		name string
		typ  document.Type
		in   parts
		kind fault.Kind
	}{
		{"a password", document.ODT, locked, fault.Encrypted},
		{"a password of a spreadsheet", document.ODS, locked, fault.Encrypted},
		{"a password of a presentation", document.ODP, locked, fault.Encrypted},
		{"entities", document.ODT, entity, fault.Doctype},
		{"a missing content", document.ODT, parts{"meta.xml": "<a/>"}, fault.Corrupt},
		{"a spreadsheet without sheets", document.ODS, open("spreadsheet", ""), fault.Corrupt},
		{"deep nesting", document.ODP, open("presentation", strings.Repeat("<draw:g>", 300)+strings.Repeat("</draw:g>", 300)), fault.TooDeep},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := office.New(office.Options{}).Extract(t.Context(), &document.Document{Type: tt.typ, Bytes: packed(tt.in)})
			if got := fault.KindOf(err); got != tt.kind {
				t.Errorf("kind %q (%v), want %q", got, err, tt.kind)
			}
		})
	}
}

func TestOpenSheetCells(t *testing.T) {
	cell := func(attrs, text string) string {
		return `<table:table-cell` + attrs + `>` + text + `</table:table-cell>`
	}
	row := func(s string) string { return `<table:table-row>` + s + `</table:table-row>` }
	value := func(kind, attr, v string) string {
		return cell(` office:value-type="`+kind+`" office:`+attr+`="`+v+`"`, "")
	}
	tests := []struct{ name, rows, want string }{
		{"what is shown, before the value", row(cell(` office:value-type="currency" office:value="12.5"`, line("12,50 €")) + cell("", line("b"))), "12,50 €\tb"},
		{"values that show nothing else", row(value("float", "value", "0.30000000000000004") + value("percentage", "value", "0.07") + value("date", "date-value", "2026-01-01") +
			value("time", "time-value", "PT12H") + value("boolean", "boolean-value", "true") + value("string", "string-value", "a b") + value("float", "value", "nan")), "0.3\t7%\t2026-01-01\tPT12H\tTRUE\ta b\tnan"},
		{"lines of a cell as words", row(cell("", line("a")+line(`b<text:line-break/>c<text:tab/>d`))), "a b c d"},
		{"no empty cells and rows", row(cell(` table:number-columns-repeated="1024"`, "")) + `<table:table-row table:number-rows-repeated="1048576"/>` + row(cell("", "")+cell("", line("2"))), "2"},
		{"repeated cells", row(cell(` table:number-columns-repeated="3"`, line("x")) + cell(` table:number-columns-repeated="-1"`, line("y"))), "x\tx\tx\ty"},
		{"repeated rows", `<table:table-row table:number-rows-repeated="2">` + cell("", line("x")) + `</table:table-row>`, "x\nx"},
		{"no comments and nothing that is covered", row(cell("", `<office:annotation>`+line("hm")+`</office:annotation>`+line("a")) + `<table:covered-table-cell>` + line("b") + `</table:covered-table-cell>`), "a"},
		{"rows in groups", `<table:table-header-rows>` + row(cell("", line("head"))) + `</table:table-header-rows><table:table-row-group>` + row(cell("", line("a"))) + `</table:table-row-group>`, "head\na"},
		{"no tables in cells and no stray rows", row(cell("", line("a")+tableOf("in", row(cell("", line("b")))))), "a"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := read(t, document.ODS, open("spreadsheet", tableOf("Prices", tt.rows)), office.Options{})
			if got, want := c.Text(), "Prices\n"+tt.want; got != want {
				t.Errorf("text %q, want %q", got, want)
			}
		})
	}
}

func TestOpenSheets(t *testing.T) {
	row := `<table:table-row><table:table-cell>` + line("x") + `</table:table-cell></table:table-row>`
	hidden := strings.Replace(tableOf("Secret", row), "<table:table ", `<table:table table:style-name="S" `, 1)
	p := open("spreadsheet", `<table:tracked-changes>`+tableOf("Old", row)+`</table:tracked-changes>`+tableOf("One", row)+hidden+tableOf("Two", "")+tableOf("Three", row))
	p["meta.xml"] = `<m><o><document-statistic table-count="4"/></o></m>`
	tests := []struct {
		name  string
		opts  office.Options
		text  string
		pages int
	}{
		{"all that are visible", office.Options{}, "One\nx\fTwo\fThree\nx", 3},
		{"no more than allowed", office.Options{MaxPages: 2}, "One\nx\fTwo", 4},
		{"no more text than allowed", office.Options{MaxText: 6}, "One\nx\fT", 4},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := read(t, document.ODS, p, tt.opts)
			if got := c.Text(); got != tt.text || c.PageCount != tt.pages {
				t.Errorf("text %q of %d pages, want %q of %d", got, c.PageCount, tt.text, tt.pages)
			}
		})
	}
	if c := read(t, document.ODS, p, office.Options{}); c.Meta["sheets"] != "One, Two, Three" {
		t.Errorf("meta %v", c.Meta)
	}
}

// A file of a few hundred bytes may claim more cells than there is memory.
func TestOpenSheetRepetitionIsBounded(t *testing.T) {
	row := `<table:table-row table:number-rows-repeated="1048576"><table:table-cell table:number-columns-repeated="16384">` + line("x") + `</table:table-cell></table:table-row>`
	p := open("spreadsheet", tableOf("a", row+row)+tableOf("b", row))
	c := read(t, document.ODS, p, office.Options{MaxRows: 3, MaxCells: 2})
	if got, want := c.Text(), "a\nx\tx\nx\tx\nx\tx\fb\nx\tx\nx\tx\nx\tx"; got != want {
		t.Errorf("text %q, want %q", got, want)
	}
	if n := len(read(t, document.ODS, p, office.Options{}).Text()); n > 2*1000*200+10 {
		t.Errorf("%d bytes of text", n)
	}
	long := strings.Replace(row, ">x<", ">"+strings.Repeat("y", 50_000)+"<", 1)
	if n := len(read(t, document.ODS, open("spreadsheet", tableOf("a", long)), office.Options{}).Text()); n > 1<<20 {
		t.Errorf("%d bytes of text of a long cell", n)
	}
}

func TestOpenSlides(t *testing.T) {
	frame := func(s string) string {
		return `<draw:frame><draw:text-box>` + line(s) + `</draw:text-box></draw:frame>`
	}
	page := func(s string) string { return `<draw:page>` + s + `</draw:page>` }
	notes := `<presentation:notes><draw:page-thumbnail/>` + frame("say this") + `</presentation:notes>`
	body := `<presentation:footer-decl>no</presentation:footer-decl>` + page(frame("first")+`<draw:custom-shape>`+line("shape")+`</draw:custom-shape>`+notes) + page("") + page(frame(`third <text:page-number>&lt;number&gt;</text:page-number>`))
	tests := []struct {
		name string
		opts office.Options
		want string
	}{
		{"in order, with notes", office.Options{}, "first\nshape\nsay this\f\fthird"},
		{"no more than allowed", office.Options{MaxPages: 1}, "first\nshape\nsay this"},
		{"no more text than allowed", office.Options{MaxText: 8}, "first\nsh"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := read(t, document.ODP, open("presentation", body), tt.opts)
			if got := c.Text(); got != tt.want || c.PageCount != len(c.Pages) {
				t.Errorf("text %q of %d pages, want %q", got, c.PageCount, tt.want)
			}
		})
	}
	if c := read(t, document.ODP, open("presentation", ""), office.Options{}); len(c.Pages) != 1 || c.PageCount != 1 {
		t.Errorf("%d pages of %d without slides", len(c.Pages), c.PageCount)
	}
}

func TestOpenNotesAreBounded(t *testing.T) {
	note := line(`a<text:note><text:note-body>` + line(strings.Repeat("n", 1000)) + `</text:note-body></text:note>`)
	c := read(t, document.ODT, open("text", strings.Repeat(note, 300)+line("end")), office.Options{})
	if text := c.Text(); !strings.Contains(text, "end") || len(text) > 200_000 {
		t.Errorf("%d bytes of text, with its end %v", len(text), strings.Contains(text, "end"))
	}
}
