package mail_test

import (
	"slices"
	"testing"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/extract/mail"
	"github.com/docsift/docsift/extract/unseen"
)

// What the bodies of a message hide, the message hides, whichever of its parts they stand in.
func TestHidden(t *testing.T) {
	found := []unseen.Text{{Kind: unseen.Tiny, Page: 1, Letters: 30}}
	hides := func(page []byte, _ string) *extract.Content {
		c := shown(string(page))
		c.Hidden = found
		return c
	}
	html := crlf("From: a@b.example", "Content-Type: text/html", "", "<p>Hello there</p>")
	plain := crlf("From: a@b.example", "Content-Type: text/plain", "", "Hello there")
	inside := crlf("From: a@b.example", "Content-Type: message/rfc822", "", string(html))
	tests := []struct {
		name string
		in   []byte
		want []unseen.Text
	}{
		{"in a web page", html, found},
		{"in the web page of a message inside", inside, found},
		{"in no plain text", plain, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := read(t, document.EML, tt.in, mail.Options{HTML: hides})
			if err != nil || !slices.Equal(c.Hidden, tt.want) {
				t.Errorf("hidden %v, %v; want %v", c.Hidden, err, tt.want)
			}
		})
	}
}
