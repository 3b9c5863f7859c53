package httpapi

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strings"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/taxonomy"
)

const maxChoices = taxonomy.MaxCategories

// readInput reads the input of a request: a text, or messages of texts and a picture.
func readInput(v value, maxPicture int64) (docsift.Material, error) {
	r := inputReader{maxPicture: maxPicture}
	var err error
	switch v.kind() {
	case '"':
		err = r.content(v)
	case '[':
		err = r.messages(v)
	default:
		err = v.unlike("a text or a list of messages")
	}
	m := docsift.Material{Text: r.text.String(), Picture: r.picture}
	if err == nil && strings.TrimSpace(m.Text) == "" && len(m.Picture) == 0 {
		err = v.wrong("there is neither a text nor a picture in it")
	}
	return m, err
}

// inputReader gathers what the parts of an input hold.
type inputReader struct {
	text       strings.Builder
	picture    []byte
	maxPicture int64
}

func (r *inputReader) messages(v value) error {
	all, err := v.list()
	if err != nil {
		return err
	}
	for _, m := range all {
		if kind := m.field("type"); kind.kind() != 0 && string(kind.raw) != `"message"` {
			return kind.wrong("only messages can be judged here")
		}
		role, err := m.field("role").text()
		if err != nil {
			return err
		}
		if !slices.Contains([]string{"user", "developer", "system", "assistant"}, role) {
			return m.field("role").wrong("%.40q is no role", role)
		}
		if len(all) > 1 || role != "user" {
			r.add("[" + role + "]")
		}
		if err := r.content(m.field("content")); err != nil {
			return err
		}
	}
	return nil
}

func (r *inputReader) content(v value) error {
	if v.kind() == '"' {
		text, err := v.text()
		r.add(text)
		return err
	}
	parts, err := v.list()
	if err != nil {
		return v.unlike("a text or a list of parts")
	}
	for _, p := range parts {
		if err := r.part(p); err != nil {
			return err
		}
	}
	return nil
}

func (r *inputReader) part(p value) error {
	kind, err := p.field("type").text()
	if err != nil {
		return err
	}
	if kind == "input_image" {
		return r.image(p.field("image_url"))
	}
	text, err := partText(p, kind)
	r.add(text)
	return err
}

// partText returns the text of a part that is no picture.
func partText(p value, kind string) (string, error) {
	switch kind {
	case "input_text", "output_text":
		return p.field("text").text()
	case "input_json":
		if p.field("data").kind() == 0 {
			return "", p.field("data").unlike("JSON")
		}
		return string(p.field("data").raw), nil
	}
	return "", p.field("type").wrong("%.40q cannot be read here", kind)
}

func (r *inputReader) add(text string) {
	if r.text.Len() > 0 {
		r.text.WriteByte('\n')
	}
	r.text.WriteString(text)
}

// image takes a picture from a data URL. Nothing is fetched for a caller.
func (r *inputReader) image(v value) error {
	if v.kind() != '"' {
		return v.unlike("a data URL")
	}
	head, data, ok := bytes.Cut(v.raw[1:len(v.raw)-1], []byte(","))
	switch {
	case len(r.picture) > 0:
		return v.wrong("is a second picture, and one page can be looked at")
	case !bytes.HasPrefix(head, []byte("data:")):
		return v.wrong("is no data URL, and nothing is fetched here: send data:image/png;base64,…")
	case !ok || !bytes.HasSuffix(head, []byte(";base64")):
		return v.wrong("is no data URL in base64")
	case int64(base64.RawStdEncoding.DecodedLen(len(data))) > r.maxPicture+2:
		return v.about(tooLarge(r.maxPicture))
	}
	data = bytes.TrimRight(bytes.ReplaceAll(data, []byte(`\/`), []byte("/")), "=")
	picture := make([]byte, base64.RawStdEncoding.DecodedLen(len(data)))
	n, err := base64.RawStdEncoding.Decode(picture, data)
	if err != nil || n == 0 {
		return v.about(fault.New(fault.Invalid, err, "is not base64"))
	}
	r.picture = picture[:n]
	return nil
}

// readInstructions reads what a question asks: a text, or parts of text and JSON.
func readInstructions(v value) (string, error) {
	var texts []string
	switch v.kind() {
	case '"':
		text, err := v.text()
		if err != nil {
			return "", err
		}
		texts = append(texts, text)
	case '[':
		parts, err := v.list()
		if err != nil {
			return "", err
		}
		for _, p := range parts {
			kind, err := p.field("type").text()
			if err != nil {
				return "", err
			}
			text, err := partText(p, kind)
			if err != nil {
				return "", err
			}
			texts = append(texts, text)
		}
	default:
		return "", v.unlike("a text")
	}
	text := strings.TrimSpace(strings.Join(texts, "\n"))
	if text == "" {
		return "", v.wrong("is empty")
	}
	return text, nil
}
