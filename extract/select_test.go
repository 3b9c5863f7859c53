package extract_test

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/docsift/docsift/extract"
)

func TestSelectReturnsShortTextWhole(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"nothing", "", ""},
		{"white space", " \n\t\n", ""},
		{"a line", "Invoice number: 7", "Invoice number: 7"},
		{"tidied white space", "  a   b\u00A0c \r\n\n\n d \t e\x0Cf ", "a b c\nd\te\ff"},
		{"pages with a form feed between", "a\n\f\f\nb\f", "a\fb"},
		{"long numbers and leader dots as they are", "Total .......... 123456789012", "Total .......... 123456789012"},
		{"invalid UTF-8 made valid", "a\xFFb", "a\uFFFDb"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := extract.Select(pages(tt.in), 0).Text; got != tt.want {
				t.Errorf("selection %q, want %q", got, tt.want)
			}
		})
	}
}

func TestSelectChooses(t *testing.T) {
	filler := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "and then the party of part %d went on to say what had been said before, at some length.\n", i)
		}
		return b.String()
	}
	long := "Harbour Bank\nmonthly letter to our customers\n" + filler(30) + "Statement period: March 2026\n" + filler(30) +
		"TERMS AND CONDITIONS\n" + filler(30) + "Date\tPayee\tAmount\n" + filler(30) + "yours, the keeper of accounts\n"
	tests := []struct {
		name    string
		in      []string // pages
		want    []string // lines, in this order
		without []string
	}{
		{"the first lines", []string{long}, []string{"Harbour Bank", "monthly letter to our customers", "…"}, nil},
		{"labelled fields, headings and rows from the middle", []string{long}, []string{"…", "Statement period: March 2026", "TERMS AND CONDITIONS", "Date\tPayee\tAmount"}, nil},
		{"the closing line", []string{long}, []string{"…", "yours, the keeper of accounts"}, nil},
		{"the closing line of the last page", []string{filler(40), filler(40), "signed: the keeper"}, []string{"signed: the keeper"}, nil},
		{"a repeated line once", []string{"Harbour Bank\n" + filler(20), "HARBOUR  BANK\n" + filler(20)}, []string{"Harbour Bank"}, []string{"HARBOUR BANK"}},
		{"no page numbers", []string{"Page 1 of 2\n" + filler(40), "- 2 -\nPage 2 of 2"}, nil, []string{"Page 1 of 2", "- 2 -", "Page 2 of 2"}},
		{"no rules and specks", []string{"=======\n. .\nHarbour\n" + filler(40)}, []string{"Harbour"}, []string{"=======", ". .", "…="}},
		{"short forms of leader dots and long numbers", []string{"Rent ........ 12\nTea . . . . . 5\nAccount 123456789012\nYear 20260102\n" + filler(40)},
			[]string{"Rent … 12", "Tea … 5", "Account 1234…", "Year 20260102"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := strings.FieldsFunc(extract.Select(pages(tt.in...), 0).Text, func(r rune) bool { return r == '\n' || r == '\f' })
			if !inOrder(got, tt.want) {
				t.Errorf("selection\n%s\nlacks one of %q", strings.Join(got, "\n"), tt.want)
			}
			for _, bad := range tt.without {
				if inOrder(got, []string{bad}) {
					t.Errorf("selection holds %q", bad)
				}
			}
		})
	}
}

func TestSelectUsesItsBudget(t *testing.T) {
	one := strings.TrimSpace(strings.Repeat("It was a bright cold day. ", 2000))
	many := strings.Repeat("one line of many\nanother\t5\t7\n", 10) + strings.Repeat("x", 30_000)
	for i := range 2000 {
		many += fmt.Sprintf("\nthe line of number %d in this list", i)
	}
	for _, text := range []string{one, many} {
		for _, budget := range []int{100, 1000, 5000} {
			if n := utf8.RuneCountInString(extract.Select(pages(text), budget).Text); n > budget || n < budget*7/10 {
				t.Errorf("%d runes of a budget of %d", n, budget)
			}
		}
	}
}

func TestSelectTellsPages(t *testing.T) {
	c := &extract.Content{PageCount: 9, Pages: []extract.Page{
		{Number: 1, Text: " "}, {Number: 2, Text: "Invoice"}, {Number: 3, Text: "Terms"}, {Number: 9, Text: "Total"},
	}}
	if got := extract.Select(c, 0); got.Text != "Invoice\fTerms\fTotal" || !slices.Equal(got.Pages, []int{2, 3, 9}) {
		t.Errorf("selection %q of pages %v", got.Text, got.Pages)
	}
	sheets := pages("\fa\f\fb")
	if got := extract.Select(sheets, 0); got.Text != "a\fb" || !slices.Equal(got.Pages, []int{2, 4}) {
		t.Errorf("selection %q of pages %v of a text with form feeds", got.Text, got.Pages)
	}
}

func FuzzSelect(f *testing.F) {
	f.Add("Harbour Bank\n\nStatement period: March\n.......\n12345678901234\nPage 1 of 2", "ü\tö\n…\n", 20)
	f.Add(strings.Repeat("word ", 100), "\xFF\xFE", 1)
	f.Add("a\nb\n", "", -1)
	f.Fuzz(func(t *testing.T, first, second string, budget int) {
		if budget > 1<<20 {
			budget = 1 << 20
		}
		selected := extract.Select(pages(first, second), budget)
		got := selected.Text
		if n := strings.Count(got, "\f") + 1; len(selected.Pages) != n && (got != "" || len(selected.Pages) > 0) || !slices.IsSorted(selected.Pages) {
			t.Errorf("pages %v of a selection from %d", selected.Pages, n)
		}
		limit := budget
		if limit <= 0 {
			limit = extract.DefaultBudget
		}
		if n := utf8.RuneCountInString(got); n > limit || !utf8.ValidString(got) {
			t.Errorf("%d runes of a budget of %d: %q", n, limit, got)
		}
		if again := extract.Select(pages(got), budget).Text; again != got {
			t.Errorf("selected again: %q, want %q", again, got)
		}
		whole := extract.Select(pages(first, second), 1<<21).Text
		if utf8.RuneCountInString(whole) <= limit && whole != got {
			t.Errorf("within the budget, but not whole: %q, want %q", got, whole)
		}
	})
}

func BenchmarkSelect(b *testing.B) {
	const size = 20_000 // bytes
	fill := func(format string) []string {
		var s strings.Builder
		for i := 0; s.Len() < size; i++ {
			fmt.Fprintf(&s, format, i)
		}
		return []string{s.String()}
	}
	page := fill("2026-01-02\tHarbour Books %[1]d\t%[1]d.50\nThe goods were sent on the day after, as agreed with the buyer in letter %[1]d.\n")
	for _, bb := range []struct {
		name  string
		pages []string
	}{
		{"rows and prose", page},
		{"pages", strings.SplitAfterN(page[0], "1.50\n", 20)},
		{"one line", fill("The goods were sent on the day after, as agreed with the buyer in letter %d. ")},
		{"fields", fill("Policy number %d: 12345678901\n")},
		{"contents", fill("%[1]d.1 Duties of the keeper ............ %[1]d\n")},
		{"Cyrillic", fill("Уважаемый клиент! Просим оплатить счёт номер %d до конца месяца.\n")},
		{"Japanese", fill("ご請求書%d号をお送りいたします。お支払いは来月末までにお願いします。\n")},
	} {
		b.Run(bb.name, func(b *testing.B) {
			c := pages(bb.pages...)
			b.SetBytes(size)
			for b.Loop() {
				extract.Select(c, 0)
			}
		})
	}
}

func pages(texts ...string) *extract.Content {
	c := &extract.Content{PageCount: len(texts)}
	for i, text := range texts {
		c.Pages = append(c.Pages, extract.Page{Number: i + 1, Text: text})
	}
	return c
}

// inOrder reports whether want is a subsequence of lines.
func inOrder(lines, want []string) bool {
	for _, l := range lines {
		if len(want) > 0 && l == want[0] {
			want = want[1:]
		}
	}
	return len(want) == 0
}

// A text of line ends alone does not cost many times its size.
func TestSelectIsFrugal(t *testing.T) {
	text := "Invoice number 7\n" + strings.Repeat("a\n", 512<<10)
	c := &extract.Content{PageCount: 1, Pages: []extract.Page{{Number: 1, Text: text}}}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got := extract.Select(c, 0).Text
	runtime.ReadMemStats(&after)
	if got != "Invoice number 7" {
		t.Errorf("selected %.40q", got)
	}
	if cost := after.TotalAlloc - before.TotalAlloc; cost > uint64(24*len(text)) {
		t.Errorf("%d bytes of text cost %d of memory", len(text), cost)
	}
}
