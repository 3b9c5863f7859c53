package mail

import (
	"net/url"
	"strconv"
	"strings"
)

// parameters splits a field such as `text/plain; charset="utf-8"; format=flowed` into its value,
// in lower case, and its parameters, of which the first of each name counts. It is forgiving:
// senders leave out quotes.
func parameters(s string) (value string, params map[string]string) {
	value, s, _ = strings.Cut(s, ";")
	params = map[string]string{}
	for s != "" {
		var name, v string
		name, v, s = parameter(s)
		if _, twice := params[name]; name != "" && !twice {
			params[name] = v
		}
	}
	return strings.ToLower(strings.TrimSpace(value)), params
}

// parameter takes the first parameter off s.
func parameter(s string) (name, value, rest string) {
	i := strings.IndexAny(s, "=;")
	switch {
	case i < 0:
		return "", "", ""
	case s[i] == ';':
		return "", "", s[i+1:]
	}
	name = strings.ToLower(strings.TrimSpace(s[:i]))
	s = strings.TrimLeft(s[i+1:], " \t")
	if !strings.HasPrefix(s, `"`) {
		value, rest, _ = strings.Cut(s, ";")
		return name, strings.TrimSpace(value), rest
	}
	value, rest = quoted(s[1:])
	_, rest, _ = strings.Cut(rest, ";")
	return name, value, rest
}

// quoted returns what stands before the closing quote, and what follows it.
func quoted(s string) (value, rest string) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return b.String(), s[i+1:]
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String(), ""
}

// decodeParam returns a parameter that may be encoded in one of three ways: name*=utf-8”a%20b,
// the same in pieces (name*0*=…; name*1=…), or in the encoded words of other fields.
func decodeParam(params map[string]string, name string) string {
	var b []byte
	charset := ""
	take := func(coded string, first bool) {
		if parts := strings.SplitN(coded, "'", 3); first && len(parts) == 3 {
			charset, coded = parts[0], parts[2]
		}
		b = append(b, unescape(coded)...)
	}
	if coded, ok := params[name+"*"]; ok {
		take(coded, true)
		return decode(b, charset)
	}
	for i := 0; ; i++ {
		key := name + "*" + strconv.Itoa(i)
		if coded, ok := params[key+"*"]; ok {
			take(coded, i == 0)
		} else if plain, ok := params[key]; ok {
			b = append(b, plain...)
		} else {
			break
		}
	}
	if len(b) > 0 {
		return decode(b, charset)
	}
	return decodeWords(params[name])
}

// unescape decodes what is written as %20, unless it is broken.
func unescape(s string) string {
	if plain, err := url.PathUnescape(s); err == nil {
		return plain
	}
	return s
}
