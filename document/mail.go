package document

import (
	"bytes"
	"strings"
)

// isMail reports whether b begins with the header of a message: nothing but fields up to
// the first empty line, at least two of them known, and one that only a mail program
// writes or an address to answer. A letter or a memo that begins with "To:" is none.
func isMail(b []byte) bool {
	const look, maxLines = 32 << 10, 200
	b = bytes.TrimLeft(bytes.TrimPrefix(b, []byte(markUTF8)), " \t\r\n")
	b = b[:min(len(b), look)]
	known, sure := 0, false
	for n := 0; n < maxLines && len(b) > 0; n++ {
		line, rest, whole := bytes.Cut(b, []byte("\n"))
		b = rest
		line = bytes.TrimSuffix(line, []byte("\r"))
		if len(line) == 0 || !whole && n > 0 {
			break
		}
		if n > 0 && (line[0] == ' ' || line[0] == '\t') || n == 0 && isEnvelope(line) {
			continue
		}
		name, value, ok := mailField(line)
		if !ok {
			return false
		}
		switch fieldWeight(name) {
		case written:
			known, sure = known+1, true
		case common:
			known++
			sure = sure || name == "from" && bytes.IndexByte(value, '@') > 0
		}
	}
	return sure && known >= 2
}

// isEnvelope reports whether a line is the one that mail boxes put before a message:
// "From ann@example.org Mon Jan  5 …".
func isEnvelope(line []byte) bool {
	line = bytes.TrimPrefix(line, []byte(">"))
	return bytes.HasPrefix(line, []byte("From ")) && bytes.Count(line, []byte(":")) >= 2
}

// mailField splits a line of a header into the field's name, in lower case, and its value.
func mailField(line []byte) (name string, value []byte, ok bool) {
	const longest = 76
	i := bytes.IndexByte(line, ':')
	if i < 1 || i > longest {
		return "", nil, false
	}
	for _, c := range line[:i] {
		if c <= ' ' || c >= 0x7F {
			return "", nil, false
		}
	}
	return strings.ToLower(string(line[:i])), line[i+1:], true
}

type weight int

const (
	unknown weight = iota
	common         // people write such a line, too
	written        // by mail programs alone
)

func fieldWeight(name string) weight {
	switch name {
	case "from", "to", "cc", "bcc", "date", "subject", "sender", "reply-to":
		return common
	case "received", "message-id", "mime-version", "return-path", "delivered-to", "in-reply-to", "references",
		"content-type", "content-transfer-encoding", "dkim-signature", "authentication-results", "received-spf",
		"arc-seal", "x-mailer", "x-originating-ip", "list-unsubscribe", "thread-topic", "thread-index":
		return written
	}
	return unknown
}
