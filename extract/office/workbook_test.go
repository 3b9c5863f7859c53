package office_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract/office"
	"github.com/docsift/docsift/fault"
)

func TestWorkbookCells(t *testing.T) {
	tests := []struct{ name, rows, want string }{
		{"cells separated by tabs, rows by lines", `<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>`, "1\t2\n3"},
		{"no empty cells and rows", `<row/><row><c/><c><v></v></c><c><v>2</v></c></row>`, "2"},
		{"shared strings", `<row><c t="s"><v>0</v></c><c t="s"><v>1</v></c></row>`, "Tea\tgreen tea"},
		{"no shared string that does not exist", `<row><c t="s"><v>9</v></c><c t="s"><v>-1</v></c><c t="s"><v>x</v></c><c><v>1</v></c></row>`, "1"},
		{"strings in the cell", `<row><c t="inlineStr"><is><r><t>a </t></r><r><t>b</t></r><rPh><t>ay</t></rPh></is></c></row>`, "a b"},
		{"escaped characters", `<row><c t="inlineStr"><is><t>one_x000D_two _x005F_x0041_ _xyz a_x00</t></is></c><c t="str"><v>three_x000A_four</v></c></row>`, "one two _x0041_ _xyz a_x00\tthree four"},
		{"results of formulas and not the formulas", `<row><c t="str"><f>A1&amp;"x"</f><v>x</v></c><c><f>1+1</f><v>2</v></c></row>`, "x\t2"},
		{"no errors", `<row><c t="e"><v>#REF!</v></c><c t="b"><v>1</v></c><c t="b"><v>0</v></c></row>`, "TRUE\tFALSE"},
		{"numbers with the digits that matter", `<row><c><v>0.30000000000000004</v></c><c><v>-1234567.5</v></c><c><v>1E3</v></c><c><v>1e300</v></c><c><v>nan</v></c></row>`, "0.3\t-1234567.5\t1000\t1e+300\tnan"},
		{"dates", `<row><c s="1"><v>46023</v></c><c s="2"><v>46023.75</v></c><c s="3"><v>0.5</v></c><c s="1"><v>1</v></c><c s="1"><v>61</v></c></row>`, "2026-01-01\t2026-01-01 18:00\t12:00\t1900-01-01\t1900-03-01"},
		{"dates that are none as numbers", `<row><c s="1"><v>-1</v></c><c s="1"><v>1e9</v></c></row>`, "-1\t1000000000"},
		{"months of which the name alone is shown", `<row><c s="8"><v>46023</v></c></row>`, "2026-01-01"},
		{"hours of more than a day", `<row><c s="6"><v>1.5520833333333333</v></c><c s="7"><v>1.552314814814815</v></c><c s="7"><v>0</v></c><c s="7"><v>-1</v></c><c s="7"><v>1e300</v></c></row>`, "37:15\t37:15:20\t0:00\t-1\t1e+300"},
		{"percentages", `<row><c s="4"><v>0.07</v></c></row>`, "7%"},
		{"money whose format has a d in quotes", `<row><c s="5"><v>12.5</v></c></row>`, "12.5"},
		{"styles that do not exist", `<row><c s="99"><v>7</v></c><c s="x"><v>8</v></c></row>`, "7\t8"},
		{"line feeds in a cell as spaces", "<row><c t=\"inlineStr\"><is><t>a\n b\tc</t></is></c></row>", "a b c"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := read(t, document.XLSX, book(tt.rows), office.Options{})
			if got, want := c.Text(), "Prices\n"+tt.want; got != want {
				t.Errorf("text %q, want %q", got, want)
			}
		})
	}
}

func TestWorkbookSheets(t *testing.T) {
	p := book(`<row><c><v>1</v></c></row>`)
	p["xl/workbook.xml"] = `<workbook xmlns:r="r"><workbookPr date1904="1"/><sheets><sheet name="One" r:id="r1"/>` +
		`<sheet name="Secret" state="hidden" r:id="r1"/><sheet name="Deep" state="veryHidden" r:id="r1"/>` +
		`<sheet name="Two" r:id="r4"/><sheet name="Lost" r:id="r9"/></sheets></workbook>`
	p["xl/worksheets/sheet2.xml"] = `<worksheet><sheetData><row><c s="1"><v>0</v></c></row></sheetData></worksheet>`
	c := read(t, document.XLSX, p, office.Options{})
	var got []string
	for _, page := range c.Pages {
		got = append(got, page.Text)
	}
	if want := []string{"One\n1", "Two\n1904-01-01", "Lost"}; !slices.Equal(got, want) {
		t.Errorf("sheets %q, want %q", got, want)
	}
	if c.Meta["sheets"] != "One, Two, Lost" {
		t.Errorf("meta %v", c.Meta)
	}
	if c.PageCount != 3 || c.Pages[2].Number != 3 || c.Draw != nil {
		t.Errorf("%d pages, last %d, draws %v", c.PageCount, c.Pages[2].Number, c.Draw != nil)
	}
}

func TestWorkbookBounds(t *testing.T) {
	row := `<row>` + strings.Repeat(`<c t="s"><v>0</v></c>`, 5) + `</row>`
	tests := []struct {
		name string
		opts office.Options
		want string
	}{
		{"rows", office.Options{MaxRows: 2, MaxCells: 2}, "Prices\nTea\tTea\nTea\tTea"},
		{"text", office.Options{MaxText: 12}, "Prices\nTea\tT"},
		{"text shorter than the name of the sheet", office.Options{MaxText: 3}, "Pri"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := read(t, document.XLSX, book(strings.Repeat(row, 9)), tt.opts).Text(); got != tt.want {
				t.Errorf("text %q, want %q", got, tt.want)
			}
		})
	}
}

func TestWorkbookSheetsAreBounded(t *testing.T) {
	p := book("")
	p["xl/workbook.xml"] = `<workbook xmlns:r="r">` + strings.Repeat(`<sheet name="A" r:id="r1"/>`, 50) + `</workbook>`
	if c := read(t, document.XLSX, p, office.Options{MaxPages: 2}); c.Text() != "A\fA" || c.PageCount != 50 {
		t.Errorf("text %q of %d pages", c.Text(), c.PageCount)
	}
}

func TestWorkbookCellIsBounded(t *testing.T) {
	p := book(`<row><c t="s"><v>0</v></c><c t="inlineStr"><is><t>` + strings.Repeat("b", 50_000) + `</t></is></c></row>`)
	p["xl/sharedStrings.xml"] = `<sst><si><t>` + strings.Repeat("a", 50_000) + `</t></si></sst>`
	if n := len(read(t, document.XLSX, p, office.Options{}).Text()); n > 20_000 {
		t.Errorf("%d bytes of text from two cells", n)
	}
}

func TestWorkbookDamage(t *testing.T) {
	tests := []struct {
		name, part, content string
		want                fault.Kind
	}{
		{"broken styles are done without", "xl/styles.xml", "<a><b></a>", ""},
		{"broken strings are not", "xl/sharedStrings.xml", "<a><b></a>", fault.Corrupt},
		{"a broken sheet is not", "xl/worksheets/sheet1.xml", "<a><b></a>", fault.Corrupt},
		{"broken links are not", "xl/_rels/workbook.xml.rels", "<a><b></a>", fault.Corrupt},
		{"a workbook needs a sheet", "xl/workbook.xml", "<workbook/>", fault.Corrupt},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := book(`<row><c><v>1</v></c></row>`)
			p[tt.part] = tt.content
			_, err := office.New(office.Options{}).Extract(t.Context(), &document.Document{Type: document.XLSX, Bytes: packed(p)})
			if got := fault.KindOf(err); got != tt.want {
				t.Errorf("kind %q (%v), want %q", got, err, tt.want)
			}
		})
	}
}
