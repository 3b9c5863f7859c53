package mail_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract/mail"
	"github.com/docsift/docsift/fault"
)

func FuzzEML(f *testing.F) {
	f.Add(crlf(append([]string{"From: =?utf-8?q?=C3=A4?= =?b?b?"}, multipart("mixed",
		part("text/plain; format=flowed; charset=iso-2022-jp", "a \r\n> b"), part("message/rfc822", "Subject: x\r\n\r\nbody"),
		part("a/b; name*0*=utf-8''%20; name*1=\"x\\\"\"", "x"))...)...))
	f.Add(crlf("Content-Type: multipart/alternative; boundary=-", "Subject: s", "", "---", "Content-Transfer-Encoding: base64", "", "aGk=", "-----"))
	f.Add(crlf("Content-Type: text/html", "Content-Transfer-Encoding: quoted-printable", "", "=C3=BC= ", "=", "-----BEGIN PGP MESSAGE-----"))
	f.Fuzz(func(t *testing.T, b []byte) { check(t, document.EML, b) })
}

func FuzzMSG(f *testing.F) {
	f.Add(compound(nestedMessage(2)...))
	f.Add(compound(utf16Stream("0037", "s"), stream("1000001E", []byte("text")), fixed(32, map[uint16]uint64{0x3FFD: 932})))
	f.Add(compound(stream("10090102", pack(primer, `{\rtf1 tea}`)), utf16Stream("007D", "From: a@b.example\r\n"), utf16Stream("0C1A", strings.Repeat("Ann", 900))))
	f.Fuzz(func(t *testing.T, b []byte) { check(t, document.MSG, b) })
}

func FuzzUnpackRTF(f *testing.F) {
	f.Add(pack(primer, `{\rtf1\ansi\deff0 teateatea\par}`))
	f.Add(append(words(9, 9, 0x414C454D, 0), "{\\rtf1 tea}"...))
	f.Fuzz(func(t *testing.T, b []byte) {
		const limit = 1000
		if got := mail.UnpackRTF(b, limit); len(got) > limit+16 {
			t.Errorf("%d bytes unpack to %d", len(b), len(got))
		}
	})
}

// check reads what may be anything.
func check(t *testing.T, kind document.Type, b []byte) {
	t.Helper()
	const limit = 4000
	c, err := read(t, kind, b, mail.Options{MaxText: limit})
	if err != nil {
		if !fault.KindOf(err).Unreadable() {
			t.Errorf("error %v is not the document's own", err)
		}
		return
	}
	if text := c.Text(); !utf8.ValidString(text) || len(text) > limit || strings.ContainsAny(text, "\x00\u202E") {
		t.Errorf("text %q is not fit to read", text)
	}
	for key, value := range c.Meta {
		if len(value) > 1000 || !utf8.ValidString(value) || strings.ContainsAny(value, "\x00\n\u202E") {
			t.Errorf("%s %q is not fit to read", key, value)
		}
	}
}
