package ole_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract/ole"
	"github.com/docsift/docsift/fault"
)

// looks are formats and styles: plain, day, moment, clock, percent, money, day of another script, hours twice, and month.
func looks() []byte {
	var b []byte
	for id, code := range map[int]string{170: `yyyy\-mm\-dd hh:mm`, 171: `#,##0.00 "dollars";[Red]-0`, 172: `[$-411]yyyy年m月`, 173: `[HH]:mm`, 174: `MMM`} {
		b = concat(b, rec(0x41E, le16(id), uni(code)))
	}
	for _, id := range []int{0, 14, 170, 20, 9, 171, 172, 173, 46, 174} {
		b = concat(b, rec(0xE0, le16(0), le16(id), make([]byte, 16)))
	}
	return b
}

func TestWorkbookCells(t *testing.T) {
	short := func(v int) []byte { return le32(v) }
	upper := int(math.Float64bits(1.25) >> 32)
	text := func(s string) []byte { return rec(0x207, uni(s)) }
	special := func(kind, v byte) []byte { return []byte{kind, 0, v, 0, 0, 0, 0xFF, 0xFF} }
	chart := concat(rec(0x809, le16(0x600), le16(0x20)), numberCell(0, 0, 0, 99), rec(0x0A))
	tests := []struct {
		name  string
		cells []byte
		want  string
	}{
		{"cells separated by tabs, rows by lines", concat(numberCell(0, 0, 0, 1), numberCell(0, 1, 0, 2), numberCell(5, 0, 0, 3)), "1\t2\n3"},
		{"cells in any order", concat(numberCell(1, 1, 0, 4), numberCell(0, 0, 0, 1), numberCell(1, 0, 0, 3), numberCell(0, 1, 0, 2)), "1\t2\n3\t4"},
		{"shared texts and none that do not exist", concat(sharedCell(0, 0, 1), sharedCell(0, 1, 9), sharedCell(0, 2, -1), sharedCell(0, 3, 0)), "green tea\tTea"},
		{"texts in the cell, plain and with formats", concat(rec(0x204, at(0, 0, 0), uni("plain")), rec(0xD6, at(0, 1, 0), uni("rich"))), "plain\trich"},
		{"short numbers", concat(rec(0x27E, at(0, 0, 0), short(upper)), rec(0x27E, at(0, 1, 0), short(-7<<2|2)), rec(0x27E, at(0, 2, 0), short(1234<<2|3))), "1.25\t-7\t12.34"},
		{"many numbers at once", rec(0xBD, le16(0), le16(3), le16(0), short(1<<2|2), le16(4), short(7<<2|3), le16(4)), "1\t7%"},
		{"results of formulas", concat(formulaCell(0, 0, le64(math.Float64bits(2))), formulaCell(0, 1, special(1, 1)), formulaCell(0, 2, special(1, 0)), formulaCell(0, 3, special(2, 7)), formulaCell(0, 4, special(3, 0))), "2\tTRUE\tFALSE"},
		{"results of formulas as older Excels have them", concat(rec(0x206, at(0, 0, 0), le64(math.Float64bits(2)), make([]byte, 8)), rec(0x406, at(0, 1, 0), le64(math.Float64bits(3)), make([]byte, 8))), "2\t3"},
		{"texts of formulas", concat(formulaCell(0, 0, special(0, 0)), rec(0x4BC, make([]byte, 8)), text("sum"), text("stray"), numberCell(0, 1, 0, 1)), "sum\t1"},
		{"truth values and no errors", concat(rec(0x205, at(0, 0, 0), []byte{1, 0}), rec(0x205, at(0, 1, 0), []byte{0x2A, 1})), "TRUE"},
		{"numbers with the digits that matter", concat(numberCell(0, 0, 0, 0.1+0.2), numberCell(0, 1, 0, -1234567.5), numberCell(0, 2, 0, 1e300), numberCell(0, 3, 0, math.NaN())), "0.3\t-1234567.5\t1e+300"},
		{"dates", concat(numberCell(0, 0, 1, 46023), numberCell(0, 1, 2, 46023.75), numberCell(0, 2, 3, 0.5), numberCell(0, 3, 1, 1), numberCell(0, 4, 1, 61), numberCell(0, 5, 6, 46023)), "2026-01-01\t2026-01-01 18:00\t12:00\t1900-01-01\t1900-03-01\t2026-01-01"},
		{"dates that are none", concat(numberCell(0, 0, 1, -1), numberCell(0, 1, 1, 1e9)), "-1\t1000000000"},
		{"months of which the name alone is shown", numberCell(0, 0, 9, 46023), "2026-01-01"},
		{"hours of more than a day", concat(numberCell(0, 0, 7, 1.5520833333333333), numberCell(0, 1, 8, 1.552314814814815), numberCell(0, 2, 8, -1)), "37:15\t37:15:20\t-1"},
		{"percentages and money", concat(numberCell(0, 0, 4, 0.07), numberCell(0, 1, 5, 12.5)), "7%\t12.5"},
		{"styles that do not exist", numberCell(0, 0, 99, 7), "7"},
		{"white space in a cell as one space", rec(0x204, at(0, 0, 0), uni("a\n b\tc ")), "a b c"},
		{"no charts", concat(numberCell(0, 0, 0, 1), chart, numberCell(1, 0, 0, 2)), "1\n2"},
		{"no cells behind the end", concat(numberCell(0, 0, 0, 1), rec(0x0A), numberCell(1, 0, 0, 2)), "1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := bookFile{globals: concat(sharedTexts("Tea", "green tea"), looks()), sheets: []bookSheet{{name: "Prices", cells: tt.cells}}}
			if got, want := read(t, document.XLS, f.bytes(), ole.Options{}).Text(), "Prices\n"+tt.want; got != want {
				t.Errorf("text %q, want %q", got, want)
			}
		})
	}
}

// A text may go on in the next record, and change there from one byte a character to two.
func TestWorkbookTextsThatGoOn(t *testing.T) {
	head := concat(le32(4), le32(4))
	rich := concat(le16(4), []byte{0x0C}, le16(2), le32(6), []byte("rich"))
	strings := concat(
		rec(0xFC, head, le16(6), []byte{0}, []byte("abc")),
		rec(0x3C, []byte{1}, wide("déf"), rich, make([]byte, 5)),
		rec(0x3C, make([]byte, 9), le16(4), []byte{1}, wide("go")),
		rec(0x3C, []byte{0}, []byte("ne")),
		rec(0x3C, le16(900), []byte{0}, []byte("cut")),
	)
	cells := concat(sharedCell(0, 0, 0), sharedCell(0, 1, 1), sharedCell(0, 2, 2), sharedCell(0, 3, 3))
	f := bookFile{globals: strings, sheets: []bookSheet{{name: "a", cells: cells}}}
	if got, want := read(t, document.XLS, f.bytes(), ole.Options{}).Text(), "a\nabcdéf\trich\tgone\tcut"; got != want {
		t.Errorf("text %q, want %q", got, want)
	}
}

func TestWorkbookSheets(t *testing.T) {
	one := numberCell(0, 0, 1, 0)
	f := bookFile{globals: concat(looks(), rec(0x22, le16(1))), sheets: []bookSheet{
		{name: "One", cells: one}, {name: "Secret", hidden: 1, cells: one}, {name: "Deep", hidden: 2, cells: one},
		{name: "Program", kind: 6}, {name: "Two ", cells: numberCell(0, 0, 0, 2)}, {name: "Empty"},
	}}
	c := read(t, document.XLS, f.bytes(), ole.Options{})
	var got []string
	for _, p := range c.Pages {
		got = append(got, p.Text)
	}
	if want := []string{"One\n1904-01-01", "Two\n2", "Empty"}; !slices.Equal(got, want) {
		t.Errorf("sheets %q, want %q", got, want)
	}
	if c.PageCount != 3 || c.Pages[2].Number != 3 || c.Meta["sheets"] != "One, Two, Empty" {
		t.Errorf("%d pages, last %d, sheets %q", c.PageCount, c.Pages[2].Number, c.Meta["sheets"])
	}
}

func TestOldWorkbook(t *testing.T) {
	f := bookFile{
		version: 0x500,
		globals: concat(rec(0x42, le16(1251)), rec(0x41E, le16(170), []byte{4}, []byte("yyyy")), rec(0xE0, le16(0), le16(170), make([]byte, 12))),
		sheets: []bookSheet{{name: "\xD6\xE5\xED\xFB", cells: concat(
			rec(0x204, at(0, 0, 0), le16(3), []byte("\xD7\xE0\xE9")), numberCell(0, 1, 0, 46023),
			formulaCell(1, 0, []byte{0, 0, 0, 0, 0, 0, 0xFF, 0xFF}), rec(0x207, le16(2), []byte("\xE4\xE0")))}},
	}
	if got, want := read(t, document.XLS, f.bytes(), ole.Options{}).Text(), "Цены\nЧай\t2026-01-01\nда"; got != want {
		t.Errorf("text %q, want %q", got, want)
	}
}

func (l locker) book() bookFile {
	return bookFile{
		lock:    l.head(),
		globals: sharedTexts(strings.Repeat("long ", 400)+"text", "short"),
		sheets:  []bookSheet{{name: "Open", cells: concat(sharedCell(0, 0, 1), sharedCell(1, 0, 0))}},
	}
}

func TestLockedWorkbook(t *testing.T) {
	const usual = "VelvetSweatshop"
	tests := []struct {
		name string
		lock locker
		kind fault.Kind
	}{
		{"Excel 97 against changes", locker{password: usual}, ""},
		{"Excel 97 with a password", locker{password: "secret"}, fault.Encrypted},
		{"Excel 2002 against changes", locker{modern: true, bits: 128, password: usual}, ""},
		{"Excel 2002 against changes with a short key", locker{modern: true, bits: 40, password: usual}, ""},
		{"Excel 2002 with a password", locker{modern: true, bits: 128, password: "secret"}, fault.Encrypted},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := pack(stream{name: "Workbook", data: tt.lock.lock(tt.lock.book().stream())})
			c, err := ole.New(ole.Options{}).Extract(t.Context(), &document.Document{Type: document.XLS, Bytes: b})
			if got := fault.KindOf(err); got != tt.kind {
				t.Fatalf("kind %q (%v), want %q", got, err, tt.kind)
			}
			if want := "Open\nshort\n" + strings.Repeat("long ", 400) + "text"; err == nil && c.Text() != want {
				t.Errorf("text %q, want %q", c.Text(), want)
			}
		})
	}
}

func TestWorkbookWithALockThatIsNone(t *testing.T) {
	for name, lock := range map[string][]byte{
		"nothing":           rec(0x2F),
		"an unknown method": rec(0x2F, le16(7), make([]byte, 60)),
		"the oldest method": rec(0x2F, le16(0), le16(1), le16(2)),
		"no keys":           rec(0x2F, le16(1), le16(1), le16(1)),
		"a cut header":      rec(0x2F, le16(1), le16(4), le16(2), le32(0), le32(40)),
		"a giant key":       rec(0x2F, le16(1), le16(4), le16(2), le32(0), le32(32), make([]byte, 16), le32(4096), make([]byte, 100)),
	} {
		b := bookFile{lock: lock, sheets: []bookSheet{{name: "a"}}}.bytes()
		if _, err := ole.New(ole.Options{}).Extract(t.Context(), &document.Document{Type: document.XLS, Bytes: b}); fault.KindOf(err) != fault.Encrypted {
			t.Errorf("%s: error %v, want %s", name, err, fault.Encrypted)
		}
	}
}

func TestWorkbookBounds(t *testing.T) {
	var cells []byte
	for row := range 9 {
		for column := range 5 {
			cells = concat(cells, sharedCell(row, column, 0))
		}
	}
	f := bookFile{globals: sharedTexts("Tea"), sheets: []bookSheet{{name: "Prices", cells: cells}, {name: "More", cells: cells}}}
	tests := []struct {
		name  string
		opts  ole.Options
		want  string
		pages int
	}{
		{"rows and cells", ole.Options{MaxRows: 2, MaxCells: 2, MaxPages: 1}, "Prices\nTea\tTea\nTea\tTea", 1},
		{"sheets", ole.Options{MaxRows: 1, MaxCells: 1, MaxPages: 1}, "Prices\nTea", 1},
		{"text", ole.Options{MaxText: 12}, "Prices\nTea\tT", 2},
		{"text shorter than the name of the sheet", ole.Options{MaxText: 3}, "Pri", 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := read(t, document.XLS, f.bytes(), tt.opts)
			if got := c.Text(); got != tt.want || c.PageCount != tt.pages {
				t.Errorf("text %q of %d pages, want %q of %d", got, c.PageCount, tt.want, tt.pages)
			}
		})
	}
}

func TestWorkbookCellIsBounded(t *testing.T) {
	long := strings.Repeat("é", 4000)
	f := bookFile{globals: sharedTexts(long), sheets: []bookSheet{{name: "a", cells: concat(sharedCell(0, 0, 0), rec(0x204, at(0, 1, 0), uni(long[:7000])))}}}
	if got, want := read(t, document.XLS, f.bytes(), ole.Options{}).Text(), "a\n"+long[:4096]+"\t"+long[:4096]; got != want {
		t.Errorf("%d bytes of text, want %d", len(got), len(want))
	}
}

// Sheets that all begin at the same place are read until the budget is spent.
func TestWorkbookSheetsThatAreOne(t *testing.T) {
	sheets := make([]bookSheet, 900)
	for i := range sheets {
		sheets[i].name = "s"
	}
	sheets[0].cells = slicesOf(rec(0x201, at(0, 0, 0)), 20_000) // blank cells
	f := bookFile{sheets: sheets}
	b := f.stream()
	first := b[20+4 : 20+8] // where the first sheet begins
	for at := 20; b[at] == 0x85; at += 4 + int(b[at+2]) {
		put(b, at+4, first)
	}
	c := read(t, document.XLS, pack(stream{name: "Workbook", data: b}), ole.Options{})
	if len(c.Pages) != 900 || c.Pages[899].Text != "s" {
		t.Errorf("%d pages, last %q", len(c.Pages), c.Pages[len(c.Pages)-1].Text)
	}
}
