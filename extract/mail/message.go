package mail

import (
	"fmt"
	"path"
	"strings"
	"unicode"

	"github.com/docsift/docsift/extract"
)

// message is what is kept of a message, fit to read but for the body.
type message struct {
	from, to, cc, subject, date string

	body        string
	attachments []string // names, or types of those without
	inside      []*message
	isEncrypted bool
}

// maxValue bounds a field of a header and the list of attachments.
const maxValue = 1000 // bytes

// text returns the message as a reader would see it.
func (m *message) text() string {
	var head strings.Builder
	for _, f := range m.fields() {
		if f.value != "" {
			fmt.Fprintf(&head, "%s: %s\n", f.label, f.value)
		}
	}
	parts := []string{strings.TrimSpace(head.String()), m.body}
	if list := m.attached(); list != "" {
		parts = append(parts, "Attachments: "+list)
	}
	for _, inner := range m.inside {
		parts = append(parts, inner.text())
	}
	return joined(parts, "\n\n")
}

type field struct{ label, value string }

func (m *message) fields() []field {
	return []field{{"From", m.from}, {"To", m.to}, {"Cc", m.cc}, {"Subject", m.subject}, {"Date", m.date}}
}

// meta returns what the message says of itself. That of messages inside is theirs.
func (m *message) meta() map[string]string {
	meta := map[string]string{}
	for _, f := range append(m.fields(), field{"attachments", m.attached()}) {
		if f.value != "" {
			meta[strings.ToLower(f.label)] = f.value
		}
	}
	return meta
}

// attached lists the attachments; how many there are more when the list grows too long.
func (m *message) attached() string {
	const more = 40 // bytes kept free to say so
	var b strings.Builder
	for i, name := range m.attachments {
		if b.Len()+len(name) > maxValue-more {
			fmt.Fprintf(&b, ", and %d more", len(m.attachments)-i)
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(name)
	}
	return b.String()
}

// attach notes an attachment by its name, or by its type if that is all it has.
func (m *message) attach(name, media string) {
	const limit = 200 // bytes
	name = path.Base("/" + strings.ReplaceAll(oneLine(name), `\`, "/"))
	media = oneLine(media)
	switch {
	case name == "/" || name == ".":
		name = media
	case path.Ext(name) == "" && media != "" && media != "application/octet-stream":
		name = extract.Cut(name, limit) + " (" + media + ")"
	}
	if name == "" {
		name = "unnamed"
	}
	m.attachments = append(m.attachments, extract.Cut(name, limit))
}

// isSealed reports whether the message is encrypted and nothing else in it says what it is about.
func (m *message) isSealed() bool {
	if !m.isEncrypted {
		return false
	}
	said := m.subject + m.body + m.attached()
	for _, inner := range m.inside {
		said += inner.subject + inner.body
	}
	return strings.IndexFunc(said, unicode.IsLetter) < 0
}

// oneLine makes a value from a header fit to stand on a line: no control characters, none that
// turn the direction of writing, and not too long.
func oneLine(s string) string {
	s = extract.Cut(s, 4*maxValue)
	return strings.TrimSpace(extract.Cut(strings.Join(strings.Fields(extract.Clean(s)), " "), maxValue))
}

// joined joins texts that are not empty.
func joined(texts []string, between string) string {
	var b strings.Builder
	for _, s := range texts {
		if s != "" && b.Len() > 0 {
			b.WriteString(between)
		}
		b.WriteString(s)
	}
	return b.String()
}
