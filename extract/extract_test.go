package extract_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/docsift/docsift/extract"
)

func TestText(t *testing.T) {
	tests := []struct {
		name  string
		pages []string
		want  string
	}{
		{"no page", nil, ""},
		{"one page", []string{"a"}, "a"},
		{"pages with a form feed between", []string{"a", "", "b\nc"}, "a\f\fb\nc"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := pages(tt.pages...).Text(); got != tt.want {
				t.Errorf("text %q, want %q", got, tt.want)
			}
		})
	}
}

func TestReadable(t *testing.T) {
	tests := []struct {
		name, in string
		want     bool
	}{
		{"nothing", "", false},
		{"a scanner's stamp", "Scanned 2026-01-02 p. 3", false},
		{"one letter too few", strings.Repeat("a", 23) + " ...", false},
		{"enough letters", strings.Repeat("a ", 24), true},
		{"enough digits", strings.Repeat("7", 24), true},
		{"enough letters of another script", strings.Repeat("я", 24), true},
		{"marks alone", strings.Repeat("-._ \n", 100), false},
		{"broken bytes alone", strings.Repeat("\xFF\uFFFD", 100), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := extract.Readable(tt.in); got != tt.want {
				t.Errorf("readable %v, want %v", got, tt.want)
			}
		})
	}
}

func TestClean(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"keeps what is clean", "a\tb\nü", "a\tb\nü"},
		{"makes line ends one", "a\r\nb\rc\vd\fe\u0085f\u2028g\u2029h", "a\nb\nc\nd\ne\nf\ng\nh"},
		{"drops control characters", "\x00a\x1Bb\x7F\u009Fc", "abc"},
		{"drops invisible letters", "a\u200B\u202E\u2066\U000E0061\uFEFFb\u00AD", "ab"},
		{"keeps joiners", "क\u200Dष", "क\u200Dष"},
		{"replaces invalid bytes", "a\xFFb", "a\uFFFDb"},
		{"drops a rune cut at the end", "ab\xE2\x82", "ab"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := extract.Clean(tt.in); got != tt.want {
				t.Errorf("clean %q, want %q", got, tt.want)
			}
		})
	}
}

func TestCut(t *testing.T) {
	tests := []struct {
		in    string
		limit int
		want  string
	}{
		{"abc", 5, "abc"},
		{"abc", 3, "abc"},
		{"abc", 2, "ab"},
		{"aü", 2, "a"},
		{"€", 2, ""},
		{"abc", 0, ""},
	}
	for _, tt := range tests {
		if got := extract.Cut(tt.in, tt.limit); got != tt.want {
			t.Errorf("Cut(%q, %d) = %q, want %q", tt.in, tt.limit, got, tt.want)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add("a\r\n\x00\xFF\u200B\xE2\x82", 3)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		got := extract.Clean(s)
		if !utf8.ValidString(got) || strings.ContainsAny(got, "\r\x00\f") {
			t.Errorf("Clean(%q) = %q", s, got)
		}
		if again := extract.Clean(got); again != got {
			t.Errorf("cleaned again: %q, want %q", again, got)
		}
		if limit = max(0, limit); len(extract.Cut(got, limit)) > limit || !utf8.ValidString(extract.Cut(got, limit)) {
			t.Errorf("Cut(%q, %d) = %q", got, limit, extract.Cut(got, limit))
		}
	})
}
