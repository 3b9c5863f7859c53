package mail

import "strings"

// decodeWords decodes the encoded words of a field, such as =?utf-8?q?Gr=C3=BC=C3=9Fe?=. Words
// that follow each other are decoded as one: some senders cut through the middle of a letter.
func decodeWords(s string) string {
	var b strings.Builder
	var run word // gathered so far
	for s != "" {
		i := strings.Index(s, "=?")
		if i < 0 {
			break
		}
		w, rest, ok := cutWord(s[i:])
		if !ok {
			b.WriteString(run.text())
			b.WriteString(decode([]byte(s[:i+2]), ""))
			run, s = word{}, s[i+2:]
			continue
		}
		between := s[:i]
		if run.charset != "" && strings.TrimSpace(between) == "" {
			between = "" // white space between two words is none of the text
		}
		if between != "" || run.charset != w.charset {
			b.WriteString(run.text())
			b.WriteString(decode([]byte(between), ""))
			run = word{}
		}
		run = word{w.charset, append(run.bytes, w.bytes...)}
		s = rest
	}
	return b.String() + run.text() + decode([]byte(s), "")
}

// word is an encoded word, its transfer encoding undone.
type word struct {
	charset string
	bytes   []byte
}

func (w word) text() string { return decode(w.bytes, w.charset) }

// cutWord takes the encoded word off that s begins with.
func cutWord(s string) (w word, rest string, ok bool) {
	const longest = 2 << 10 // bytes; the rule is 75
	tail := s[2:min(len(s), longest)]
	charset, tail, ok1 := strings.Cut(tail, "?")
	coding, tail, ok2 := strings.Cut(tail, "?")
	coded, _, ok3 := strings.Cut(tail, "?=")
	if !ok1 || !ok2 || !ok3 || charset == "" || strings.ContainsAny(charset, " \t=") {
		return word{}, "", false
	}
	rest = s[len("=?")+len(charset)+len("?")+len(coding)+len("?")+len(coded)+len("?="):]
	charset, _, _ = strings.Cut(strings.ToLower(charset), "*") // a language may follow
	switch coding {
	case "b", "B":
		return word{charset, decodeBase64([]byte(coded))}, rest, true
	case "q", "Q":
		return word{charset, decodeQuoted([]byte(strings.ReplaceAll(coded, "_", " ")))}, rest, true
	}
	return word{}, "", false
}
