package office_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/docsift/docsift/extract/office"
	"github.com/docsift/docsift/fault"
)

func TestMarkup(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"elements, attributes and text", `<a x="1" y = '2'>b<c/></a>`, `start {"" "a"}; attr {"" "x"}="1"; attr {"" "y"}="2"; text b; start {"" "c"}; end {"" "c"}; end {"" "a"}`},
		{"name spaces and their end", `<p:a xmlns:p="u" xmlns="v"><b/><p:c xmlns:p="w" p:x=""/><p:d q:y=""/></p:a>`,
			`start {"u" "a"}; attr {"xmlns" "p"}="u"; attr {"" "xmlns"}="v"; start {"v" "b"}; end {"v" "b"}; start {"w" "c"}; attr {"xmlns" "p"}="w"; attr {"w" "x"}=""; end {"w" "c"}; start {"u" "d"}; attr {"q" "y"}=""; end {"u" "d"}; end {"u" "a"}`},
		{"entities", `<a x="&lt;&#65;">&amp;&gt;&quot;&apos;&#x1F600;.</a>`, `start {"" "a"}; attr {"" "x"}="<A"; text &>"'😀.; end {"" "a"}`},
		{"sections, comments and instructions", `<?xml version="1.0"?><!-- <x> --><!DOCTYPE a [<!ELEMENT a (b)> <!-- > -->]><a>b<![CDATA[<&amp;]]>c<!-- - -->d<?e f?></a>`, `start {"" "a"}; text b<&amp;cd; end {"" "a"}`},
		{"nothing after the end", `<a></a ><broken`, `start {"" "a"}; end {"" "a"}`},
		{"a mark in front", "\xEF\xBB\xBF<a/>", `start {"" "a"}; end {"" "a"}`},
		{"nothing at all", ``, ``},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for name, r := range map[string]io.Reader{"whole": strings.NewReader(tt.in), "by bytes": iotest.OneByteReader(strings.NewReader(tt.in))} {
				events, err := office.Events(r)
				if got := strings.Join(events, "; "); err != nil || got != tt.want {
					t.Errorf("%s: %s, error %v, want %s", name, got, err, tt.want)
				}
			}
		})
	}
}

func TestMarkupRefuses(t *testing.T) {
	spaces := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, ` xmlns:p%d="u%d"`, i, i)
		}
		return `<a` + b.String() + `/>`
	}
	tests := []struct {
		name, in string
		kind     fault.Kind // Internal: the caller says which part is damaged
	}{
		{"a missing end", `<a>`, fault.Internal},
		{"another end", `<a></b>`, fault.Internal},
		{"an end alone", `</a>`, fault.Internal},
		{"half a tag", `<a x="`, fault.Internal},
		{"a tag within a tag", `<a <b>`, fault.Internal},
		{"a tag within a value", `<a x="<b>"/>`, fault.Internal},
		{"an attribute without a value", `<a x/>`, fault.Internal},
		{"a value without quotes", `<a x=1/>`, fault.Internal},
		{"an element without a name", `< a/>`, fault.Internal},
		{"an unknown entity", `<a>&nbsp;</a>`, fault.Internal},
		{"an entity that is no letter", `<a>&#x110000;</a>`, fault.Internal},
		{"a stray &", `<a>&</a>`, fault.Internal},
		{"an endless comment", `<a><!-- </a>`, fault.Internal},
		{"a name that is too long", `<` + strings.Repeat("a", 2000) + `/>`, fault.Internal},
		{"an unknown encoding", `<?xml version="1.0" encoding="x-none"?><a/>`, fault.Internal},
		{"entities", `<!DOCTYPE a [<!entity b "c">]><a/>`, fault.Doctype},
		{"too many name spaces", spaces(2000), fault.TooComplex},
		{"too many attributes", `<a` + strings.Repeat(` x=""`, 20_000) + `/>`, fault.TooComplex},
		{"depth", strings.Repeat("<a>", 300), fault.TooDeep},
		{"a tag without end", `<a x="` + strings.Repeat("x", 5<<20), fault.TooComplex},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := office.Events(strings.NewReader(tt.in))
			if got := fault.KindOf(err); err == nil || got != tt.kind {
				t.Errorf("kind %q (%v), want %q", got, err, tt.kind)
			}
		})
	}
}

// FuzzMarkup holds the tokenizer to the standard library's: what that one reads, ours reads alike.
func FuzzMarkup(f *testing.F) {
	for _, whole := range oneOfEach() {
		for _, part := range whole {
			f.Add([]byte(part))
		}
	}
	f.Add([]byte(`<a:b xmlns:a="x" c='d&amp;'><![CDATA[e]]>f<!-- g --><?h i?></a:b>`))
	f.Add([]byte(`<?xml version="1.0" encoding="ISO-8859-1"?><!DOCTYPE a [<!ELEMENT b "'">]><a>` + "\xE9" + `</a>`))
	f.Fuzz(func(t *testing.T, in []byte) {
		got, err := office.Events(bytes.NewReader(in))
		if k := fault.KindOf(err); k == fault.TooDeep || k == fault.TooComplex || k == fault.Doctype {
			return
		}
		want, wantErr := eventsOf(in)
		if wantErr != nil || !isPlain(in) {
			return
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q gave\n%s, error %v, want\n%s", in, got, err, want)
		}
	})
}

// isPlain reports whether in has nothing that we treat otherwise on purpose: line ends are
// left to whoever cleans a text, instructions and directives need not be right, and the
// prefix xml stands for itself.
func isPlain(in []byte) bool {
	for _, s := range []string{"\r", "<?", "xml:"} {
		if bytes.Contains(in, []byte(s)) {
			return false
		}
	}
	count := func(s string) int { return bytes.Count(in, []byte(s)) }
	return bytes.HasPrefix(in, []byte("<")) && count("<!") == count("<!--")+count("<![CDATA[")
}

// eventsOf returns what encoding/xml finds.
func eventsOf(in []byte) ([]string, error) {
	var out []string
	d := xml.NewDecoder(bytes.NewReader(in))
	text, depth := "", 0
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		if c, ok := tok.(xml.CharData); ok && depth > 0 {
			text += string(c)
			continue
		}
		if text != "" {
			out, text = append(out, "text "+text), ""
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			depth++
			out = append(out, fmt.Sprintf("start %q", tok.Name))
			for _, a := range tok.Attr {
				out = append(out, fmt.Sprintf("attr %q=%q", a.Name, a.Value))
			}
		case xml.EndElement:
			out = append(out, fmt.Sprintf("end %q", tok.Name))
			if depth--; depth == 0 {
				return out, nil
			}
		}
	}
}
