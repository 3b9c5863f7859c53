package chat

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/model"
)

// maxShown is how much of a reply is shown.
const maxShown = 32 << 10

// show returns what was sent and what came back, if the request asks for it: never a key or a picture,
// and the document's text only where it is asked for.
func (m *Model) show(c common, o Options, f Features, req model.Request, reply Reply) *model.Exchange {
	if req.Explain == "" {
		return nil
	}
	text := req.Text
	if req.Explain != model.ExplainWithText && text != "" {
		req.Text = fmt.Sprintf("[the document's text: %d characters]", utf8.RuneCountInString(text))
	}
	const marker, left = "[picture]", "[a picture]"
	images := make([]document.Image, len(req.Images))
	for i, img := range req.Images {
		img.Bytes = []byte(marker)
		images[i] = img
	}
	req.Images = images
	body, err := m.provider.Body(c.ask(o, f, req))
	if err != nil {
		return nil
	}
	said := cut(reply.redact(string(reply.Body)), maxShown)
	if req.Explain != model.ExplainWithText {
		said = without(said, text)
	}
	picture := base64.StdEncoding.EncodeToString([]byte(marker))
	return &model.Exchange{Request: bytes.ReplaceAll(body, []byte(picture), []byte(left)), Reply: said}
}

// run is how many bytes in a row must be a document's to count as a quotation of it.
const run = 16

// without returns s without what it quotes of text.
func without(s, text string) string {
	if len(text) < run || len(s) < run {
		return s
	}
	known := make(map[string]bool, len(text))
	for i := range len(text) - run + 1 {
		known[text[i:i+run]] = true
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		n := 0 // bytes of a quotation that begins here
		for i+n+run <= len(s) && known[s[i+n:i+n+run]] {
			n++
		}
		if n == 0 {
			b.WriteByte(s[i])
			i++
			continue
		}
		b.WriteString("[quoted]")
		i += n + run - 1
	}
	return strings.ToValidUTF8(b.String(), "")
}
