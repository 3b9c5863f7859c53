package text_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract/text"
	"github.com/docsift/docsift/fault"
)

func TestExtractText(t *testing.T) {
	tests := []struct {
		name, in, want string
		max            int
	}{
		{"keeps UTF-8", "Grüße\n", "Grüße", 0},
		{"drops the mark of UTF-8", "\xEF\xBB\xBFhello", "hello", 0},
		{"reads UTF-16LE with a mark", "\xFF\xFEh\x00\xFC\x00", "hü", 0},
		{"reads UTF-16BE with a mark", "\xFE\xFF\x00h\x00\xFC", "hü", 0},
		{"reads UTF-16LE without a mark", "h\x00e\x00l\x00l\x00o\x00", "hello", 0},
		{"reads UTF-16BE without a mark", "\x00h\x00e\x00l\x00l\x00o", "hello", 0},
		{"reads UTF-16 cut in the middle of a unit", "\xFF\xFEh\x00i\x00!", "hi\uFFFD", 0},
		{"takes the rest for Windows-1252", "Caf\xE9 \x80 5, \x93so\x94", "Café € 5, “so”", 0},
		{"forgives UTF-8 one broken byte", "Grüße aus Köln \xFF und Fürth", "Grüße aus Köln \uFFFD und Fürth", 0},
		{"makes all line ends one", "a\r\nb\rc\u2028d\x0Ce", "a\nb\nc\nd\ne", 0},
		{"drops control characters", "a\x00b\x07c\x1B[1md\x7F\u0085e", "abc[1md\ne", 0},
		{"drops invisible characters", "a\u200Bb\u202Ec\U000E0041d\u00ADe\uFEFFf", "abcdef", 0},
		{"keeps the joiners of emoji", "👩\u200D🚀", "👩\u200D🚀", 0},
		{"keeps tabs", "a\tb", "a\tb", 0},
		{"stops at the limit", "hello there", "hello", 5},
		{"stops before a rune that does not fit", "abcdü", "abcd", 5},
		{"stops at the limit of UTF-16", "\xFF\xFE" + strings.Repeat("x\x00", 20), "xxxx", 4},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := &document.Document{Type: document.Text, Bytes: []byte(tt.in)}
			c, err := text.New(text.Options{MaxText: tt.max}).Extract(t.Context(), d)
			if err != nil {
				t.Fatal(err)
			}
			if got := c.Text(); got != tt.want {
				t.Errorf("text %q, want %q", got, tt.want)
			}
			if c.PageCount != 1 || c.Pages[0].Number != 1 || c.Draw != nil {
				t.Errorf("%d pages, first %d, draws %v", c.PageCount, c.Pages[0].Number, c.Draw != nil)
			}
		})
	}
}

func TestExtractHTML(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"puts the title first", "<title>Tea\n prices</title><body>Green 4</body>", "Tea prices\nGreen 4"},
		{"does not repeat a title that the page begins with", "<title>Tea</title><h1>Tea prices</h1>", "Tea prices"},
		{"puts blocks on lines", "<h1>Tea</h1><p>one</p><p>two<div>three</div>four<br>five", "Tea\none\ntwo\nthree\nfour\nfive"},
		{"collapses white space", "<p>  one \n\t two&nbsp;<b>three</b> </p>", "one two three"},
		{"joins what markup divides inside a word", "<p>in<b>voi</b>ce", "invoice"},
		{"keeps the lines of preformatted text", "<pre>one\ntwo</pre>three", "one\ntwo\nthree"},
		{"separates cells by tabs", "<table><tr><th>Tea<th>Price<tr><td>Green</td><td>4</td></tr></table>after", "Tea\tPrice\nGreen\t4\nafter"},
		{"decodes entities", "<p>Mill &amp; Lane &euro;5 &#x41;&lt;b&gt;", "Mill & Lane €5 A<b>"},
		{"drops scripts, styles and comments", "a<script>if (a<b) x()</script><style>p{}</style><!-- c --><template>t</template><noscript>n</noscript>b", "ab"},
		{"drops hidden elements", "<div hidden>x<div>y</div>z</div><p style='Display : NONE'>x</p><span style='visibility:hidden'>x</span>seen", "seen"},
		{"drops hidden elements of unknown kind", "<x-note hidden>x<x-note>y</x-note>z</x-note>seen", "seen"},
		{"ends a hidden paragraph at the next block", "<div><p hidden>x<p>seen</div>", "seen"},
		{"takes a hidden field for no container", "<input hidden><br hidden>seen", "seen"},
		{"keeps what merely looks hidden", "<p style='display:block'>seen</p><p class=hidden>too</p>", "seen\ntoo"},
		{"reads a fragment", "one<p>two", "one\ntwo"},
		{"honours the encoding that the page names", "<meta charset=iso-8859-2><p>\xB3\xF3d\xBC", "łódź"},
		{"reads a page that names the wrong encoding", "<meta charset=utf-8><p>Caf\xE9", "Café"},
		{"reads a page in UTF-16", "\xFF\xFE<\x00p\x00>\x00h\x00i\x00", "hi"},
		{"reads an unfinished page", "<p>one<a href='x", "one"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := &document.Document{Type: document.HTML, Bytes: []byte(tt.in)}
			c, err := text.New(text.Options{}).Extract(t.Context(), d)
			if err != nil {
				t.Fatal(err)
			}
			if got := c.Text(); got != tt.want {
				t.Errorf("text %q, want %q", got, tt.want)
			}
		})
	}
}

func TestExtractHTMLMeta(t *testing.T) {
	page := "<title>Tea &amp; more</title><meta name=Author content=' Ann\nBee '><meta name=generator content=Quill><svg><title>not</title></svg>" +
		"<title>second</title>"
	c, err := text.New(text.Options{}).Extract(t.Context(), &document.Document{Type: document.HTML, Bytes: []byte(page)})
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"title": "Tea & more", "author": "Ann Bee", "producer": "Quill"} {
		if got := c.Meta[key]; got != want {
			t.Errorf("%s %q, want %q", key, got, want)
		}
	}
}

func TestExtractHTMLIsBounded(t *testing.T) {
	deep := strings.Repeat("<div>x", 200_000) + strings.Repeat("</div>", 200_000)
	d := &document.Document{Type: document.HTML, Bytes: []byte(deep)}
	c, err := text.New(text.Options{MaxText: 1000}).Extract(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(c.Text()); n == 0 || n > 1000 {
		t.Errorf("%d bytes of text, want at most 1000", n)
	}
}

func TestExtractRefuses(t *testing.T) {
	e := text.New(text.Options{})
	if _, err := e.Extract(t.Context(), &document.Document{Type: document.PDF}); fault.KindOf(err) != fault.Unsupported {
		t.Errorf("a PDF: %v, want %s", err, fault.Unsupported)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, typ := range []document.Type{document.Text, document.HTML} {
		if _, err := e.Extract(ctx, &document.Document{Type: typ, Bytes: []byte("x")}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s after the caller left: %v", typ, err)
		}
	}
}

func FuzzExtract(f *testing.F) {
	for _, s := range []string{"Caf\xE9", "\xFF\xFEh\x00", "h\x00e\x00l\x00l\x00o\x00", "<p hidden>x<td>y", "<title>", "<pre><meta charset=utf-16>"} {
		f.Add([]byte(s), false)
		f.Add([]byte(s), true)
	}
	const limit = 100
	e := text.New(text.Options{MaxText: limit})
	f.Fuzz(func(t *testing.T, b []byte, web bool) {
		d := &document.Document{Type: document.Text, Bytes: b}
		if web {
			d.Type = document.HTML
		}
		c, err := e.Extract(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		if s := c.Text(); len(s) > limit || !utf8.ValidString(s) || strings.ContainsAny(s, "\x00\r") {
			t.Errorf("text %q", s)
		}
	})
}

func TestHTMLAndDecodeHonourTheSender(t *testing.T) {
	tests := []struct{ name, charset, in, want string }{
		{"believes the sender", "iso-8859-2", "<p>\xB3\xF3d\xBC", "łódź"},
		{"believes the sender before the page", "ISO-8859-2", "<meta charset=koi8-r><p>\xB3\xF3d\xBC", "łódź"},
		{"reads what is all escapes", "iso-2022-jp", "<p>\x1b$B$3$s\x1b(B", "こん"},
		{"does not believe that valid UTF-8 is something else", "koi8-r", "<p>Gr\xC3\xBC\xC3\x9Fe", "Grüße"},
		{"does not mind an unknown name", "x-none", "<p>Caf\xE9", "Café"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := text.HTML([]byte(tt.in), tt.charset); got != tt.want {
				t.Errorf("page %q, want %q", got, tt.want)
			}
			if got := text.Decode([]byte(tt.in), tt.charset); !strings.HasSuffix(got, tt.want) {
				t.Errorf("text %q, want it to end in %q", got, tt.want)
			}
		})
	}
}
