package extract

import "strings"

// withoutContents drops tables of contents: they repeat the headings and would crowd out
// what the document says. Figures that rise from line to line tell them from a price list.
func withoutContents(lines []line) []line {
	const enough, apart = 4, 2 // entries of a table; lines from one to the next, since long ones wrap
	var drop, run []int        // places of lines
	last := 0
	for i, l := range lines {
		page, ok := contentsEntry(l.text)
		if !ok {
			continue
		}
		if len(run) > 0 && (page < last || i-run[len(run)-1] > apart) {
			if len(run) >= enough {
				drop = append(drop, run...)
			}
			run = run[:0]
		}
		run, last = append(run, i), page
	}
	if len(run) >= enough {
		drop = append(drop, run...)
	}
	kept := lines[:0]
	for i, l := range lines {
		if len(drop) > 0 && drop[0] == i {
			drop = drop[1:]
			continue
		}
		kept = append(kept, l)
	}
	return kept
}

// contentsEntry reports whether a line may belong to a table of contents, and the page that
// it leads to: "Notice ........ 12", "2.1 Rent 4", "Chapter Two	9".
func contentsEntry(s string) (page int, ok bool) {
	const longest = 3 // digits
	end := len(s)
	for end > 0 && isDigit(s[end-1]) && len(s)-end <= longest {
		page += int(s[end-1]-'0') * power(len(s)-end)
		end--
	}
	digits := len(s) - end
	if digits == 0 || digits > longest || end < 4 {
		return 0, false
	}
	rest := strings.TrimRight(s[:end], " \t")
	switch {
	case strings.HasSuffix(rest, "..."), strings.HasSuffix(rest, ". ."), strings.HasSuffix(rest, "…"), strings.HasSuffix(rest, "__"):
		return page, true
	case len(rest) == end: // nothing between words and figure
		return 0, false
	}
	return page, isNumbered(rest)
}

func power(n int) int {
	p := 1
	for range n {
		p *= 10
	}
	return p
}

// isNumbered reports whether a line begins as a chapter does: "2.1 Rent", "Part II".
func isNumbered(s string) bool {
	word, rest, _ := strings.Cut(strings.Replace(s, "\t", " ", 1), " ")
	switch strings.ToLower(strings.TrimRight(word, ".:")) {
	case "chapter", "section", "part", "article", "appendix", "annex", "schedule", "exhibit":
		return true
	}
	number := strings.Trim(word, ".")
	return rest != "" && number != "" && strings.Trim(number, "0123456789.") == "" && strings.ContainsAny(rest, "abcdefghijklmnopqrstuvwxyz")
}
