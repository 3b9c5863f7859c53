package text

import (
	"strings"

	"github.com/docsift/docsift/extract/unseen"
)

// style is the declarations that hold for an element, by property, in lower case.
type style map[string]string

// set adds declarations such as "color: red; margin: 0", which win over those before them.
func (s style) set(declarations string) {
	for d := range strings.SplitSeq(strings.ToLower(declarations), ";") {
		if name, value, ok := strings.Cut(d, ":"); ok {
			value, _, _ = strings.Cut(value, "!")
			s[strings.TrimSpace(name)] = strings.TrimSpace(value)
		}
	}
}

// isOff reports whether an element is not shown, as newsletters and menus hide parts of
// themselves by habit.
func (s style) isOff() bool {
	flat := s["overflow"] == "hidden" && (isZero(s["height"]) || isZero(s["width"]) || s["height"] == "1px" && s["width"] == "1px")
	return s["display"] == "none" || s["visibility"] == "hidden" || s["visibility"] == "collapse" ||
		s["mso-hide"] == "all" || isZero(s["max-height"]) || flat
}

// hides returns how an element is kept from a reader by less usual means, or "".
func (s style) hides() unseen.Kind {
	const far = -500 // pixels
	if n, unit := amount(s["opacity"]); s["opacity"] != "" && (n < 0.1 || unit == "%" && n < 10) {
		return unseen.Transparent
	}
	for _, name := range []string{"left", "top", "right", "bottom", "text-indent", "margin-left", "margin-top"} {
		if n, unit := amount(s[name]); n <= far && unit != "%" || n <= -100 && (unit == "em" || unit == "rem" || unit == "vw" || unit == "vh") {
			return unseen.OffPage
		}
	}
	if flat := strings.ReplaceAll(s["clip-path"]+s["transform"], " ", ""); strings.HasPrefix(flat, "inset(100%") || strings.HasPrefix(flat, "scale(0)") {
		return unseen.OffPage
	}
	return ""
}

func isZero(value string) bool {
	n, _ := amount(value)
	return value != "" && n == 0 && value[0] >= '0' && value[0] <= '9'
}

// pixels returns a font's size in pixels, that of its parent where nothing is said of it.
func (s style) pixels(parent float64) float64 {
	value := s["font-size"]
	n, unit := amount(value)
	if value == "" || value[0] != '.' && (value[0] < '0' || value[0] > '9') {
		if value != "" {
			return 16 // a word, such as small
		}
		return parent
	}
	switch unit {
	case "em":
		return n * parent
	case "%":
		return n / 100 * parent
	case "rem", "vw", "vh":
		return n * 16
	case "pt":
		return n * 4 / 3
	}
	return n
}

// sheet is the rules of a page's own style sheets that name one kind, class or id of elements.
// Others, and those for certain screens alone, are not read.
type sheet map[string]string

// add reads the rules of a style sheet.
func (s sheet) add(css string) {
	const most = 2000
	for len(s) < most {
		before, rest, ok := strings.Cut(css, "{")
		if !ok {
			return
		}
		selector := strings.TrimSpace(afterComment(before))
		if strings.HasPrefix(selector, "@") {
			css = afterBlock(rest)
			continue
		}
		declarations, rest, _ := strings.Cut(rest, "}")
		css = rest
		for one := range strings.SplitSeq(selector, ",") {
			if one = strings.ToLower(strings.TrimSpace(one)); one != "" && !strings.ContainsAny(one, " \t\r\n>+~:[*") {
				s[one] += ";" + declarations
			}
		}
	}
}

// afterComment drops comments and what is left of statements before a selector.
func afterComment(s string) string {
	if i := strings.LastIndex(s, "*/"); i >= 0 {
		s = s[i+2:]
	}
	if i := strings.LastIndexByte(s, ';'); i >= 0 {
		s = s[i+1:]
	}
	return strings.TrimPrefix(strings.TrimSpace(s), "<!--")
}

// afterBlock returns what follows the block that was opened.
func afterBlock(s string) string {
	depth := 1
	for i := range len(s) {
		switch s[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return s[i+1:]
			}
		}
	}
	return ""
}

// of returns the style of an element.
func (s sheet) of(tag string, attr map[string]string) style {
	if len(s) == 0 && attr["style"] == "" {
		return nil // as most are
	}
	st := style{}
	if len(s) > 0 {
		st.set(s[tag])
		for class := range strings.FieldsSeq(strings.ToLower(attr["class"])) {
			st.set(s["."+class])
			st.set(s[tag+"."+class])
		}
		st.set(s["#"+strings.ToLower(attr["id"])])
	}
	st.set(attr["style"])
	return st
}
