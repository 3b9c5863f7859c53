package mail

import (
	"bytes"
	"strings"
)

// header holds the first of each field that matters, by its name in lower case, as it came.
type header map[string]string

// readHeader reads the fields at the beginning of b, within the first most bytes, and returns
// what follows all of them. The header ends at an empty line, or before a line that is no
// field: senders forget the empty one.
func readHeader(b []byte, most int) (header, []byte) {
	h := header{}
	last := "" // the field that the next line may continue
	for size := len(b); len(b) > 0; {
		line, rest := cutLine(b)
		name, value, ok := fieldOf(line)
		switch {
		case len(line) == 0:
			return h, rest
		case line[0] == ' ' || line[0] == '\t':
			h.add(last, line)
		case ok:
			last = ""
			if _, twice := h[name]; !twice && matters(name) && size-len(rest) <= most {
				last = name
				h.add(name, value)
			}
		case len(b) != size || !isEnvelope(line):
			return h, b
		}
		b = rest
	}
	return h, nil
}

// add puts a piece of a field at its end, up to a length that no honest field has.
func (h header) add(name string, piece []byte) {
	const longest = 16 << 10 // bytes
	if name != "" && len(h[name]) < longest {
		h[name] += string(piece[:min(len(piece), longest)])
	}
}

// text returns a field to read.
func (h header) text(name string) string { return oneLine(decodeWords(h[name])) }

func matters(name string) bool {
	switch name {
	case "from", "to", "cc", "subject", "date", "sender",
		"content-type", "content-transfer-encoding", "content-disposition", "content-id":
		return true
	}
	return false
}

// cutLine returns the first line of b without its end, and what follows.
func cutLine(b []byte) (line, rest []byte) {
	line, rest, _ = bytes.Cut(b, []byte("\n"))
	return bytes.TrimSuffix(line, []byte("\r")), rest
}

// fieldOf splits a line of a header into the field's name, in lower case, and its value.
func fieldOf(line []byte) (name string, value []byte, ok bool) {
	const longest = 76
	i := bytes.IndexByte(line, ':')
	if i < 1 || i > longest {
		return "", nil, false
	}
	before := bytes.TrimRight(line[:i], " \t")
	for _, c := range before {
		if c <= ' ' || c >= 0x7F {
			return "", nil, false
		}
	}
	return strings.ToLower(string(before)), line[i+1:], len(before) > 0
}

// isEnvelope reports whether a line is the one that mail boxes put before a message.
func isEnvelope(line []byte) bool {
	return bytes.HasPrefix(bytes.TrimPrefix(line, []byte(">")), []byte("From "))
}
