package mail_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract/mail"
	"github.com/docsift/docsift/fault"
)

func TestBody(t *testing.T) {
	long := "Please find the invoice for March attached."
	tests := []struct {
		name  string
		lines []string
		want  string // after "Subject: tea"
	}{
		{"plain text", []string{"", "Dear Ann,", "", "thank you."}, "Dear Ann,\n\nthank you."},
		{"quoted-printable", []string{"Content-Transfer-Encoding: Quoted-Printable", "Content-Type: text/plain; charset=iso-8859-15", "", "Gr=FC=DFe 5 =A4, soft =  ", "line, a = b, =zz"}, "Grüße 5 €, soft line, a = b, =zz"},
		{"base64 with rubbish in it", []string{"Content-Transfer-Encoding: base64", "", "R3L!Dv MOf", "", "IHNvIQ=="}, "Grüß so!"},
		{"base64 without its end", []string{"Content-Transfer-Encoding: BASE64", "", "aGVsbG8gdGhlc"}, "hello the"},
		{"a Japanese charset", []string{"Content-Type: text/plain; charset=ISO-2022-JP", "", "\x1b$BF|K\\\x1b(B tea"}, "日本 tea"},
		{"a charset that nobody knows", []string{"Content-Type: text/plain; charset=x-quill", "", "Caf\xE9"}, "Café"},
		{"Russian without a charset", []string{"", "\xC4\xEE\xE3\xEE\xE2\xEE\xF0 \xE0\xF0\xE5\xED\xE4\xFB \xEF\xF0\xE8\xEB\xE0\xE3\xE0\xE5\xF2\xF1\xFF"}, "Договор аренды прилагается"},
		{"UTF-8 under a wrong name", []string{"Content-Type: text/plain; charset=iso-8859-1", "", "Grüße"}, "Grüße"},
		{"UTF-8 with a broken byte", []string{"Content-Type: text/plain; charset=utf-8", "", "Grüße\xFF!"}, "Grüße\uFFFD!"},
		{"lines that flow", []string{"Content-Type: text/plain; format=flowed", "", "one ", "two ", " three", "", "> a ", "> b", ">> c ", "tail ", "-- ", "Ann"}, "one two three\n\n> a b\n>> c \ntail \n-- \nAnn"},
		{"lines that flow without a space", []string{"Content-Type: text/plain; format=flowed; delsp=yes", "", "in ", "voice"}, "invoice"},
		{"a web page", []string{"Content-Type: text/html; charset=\"utf-8\"", "", "<p>hi"}, "page utf-8(<p>hi\n)"},
		{"rich text", []string{"Content-Type: text/rtf", "", `{\rtf1}`}, "rich({\\rtf1}\n)"},
		{"a type that makes no sense", []string{"Content-Type: plain", "", "hi"}, "hi"},
		{"no empty line after the header", []string{"hello there, Ann"}, "hello there, Ann"},
		{"plain text before a web page", multipart("alternative", part("text/html", "<p>"+long), part("text/plain", long)), long},
		{"a web page where the plain text is empty", multipart("alternative", part("text/plain", "(none)"), part("text/html; charset=x", long)), "page x(" + long + ")"},
		{"the plain text where nothing else says more", multipart("alternative", part("text/plain", "Yes."), part("text/html", "")), "Yes."},
		{"an alternative that is made of parts", multipart("alternative", part("text/plain", "-"), multipart("related", part("text/html", long), part("image/png; name=a.png\r\nContent-ID: <1>", "x"))), "page (" + long + ")"},
		{"parts one after the other", multipart("mixed", part("text/plain", "one"), part("text/html", "<p>two"), part("application/pdf; name=a.pdf", "%PDF"), part("text/plain", "three")), "one\n\npage (<p>two)\n\nthree\n\nAttachments: a.pdf"},
		{"the report of a mail that came back", multipart("report", part("text/plain", "It came back."), part("message/delivery-status", "Action: failed"), part("text/rfc822-headers", "Subject: old")), "It came back.\n\nAction: failed\n\nSubject: old"},
		{"parts that are cut off", []string{"Content-Type: multipart/mixed; boundary=b", "", "--b", "", "one", "--b", "Content-Type: text/plain", "", "two"}, "one\n\ntwo"},
		{"a boundary that is nowhere", []string{"Content-Type: multipart/mixed; boundary=b", "", "--c", "text"}, "--c\ntext"},
		{"parts without a boundary", []string{"Content-Type: multipart/mixed", "", "text"}, "text"},
		{"no text before the first part and after the last", []string{"Content-Type: multipart/mixed; boundary=\"b\"", "", "old programs", "--b  ", "", "one", "--bb", "two", "--b--", "", "more"}, "one\n--bb\ntwo"},
		{"a signed mail", multipart("signed", part("text/plain", "signed text"), part("application/pgp-signature; name=sig.asc", "-----BEGIN")), "signed text\n\nAttachments: sig.asc"},
		{"text around what is encrypted", []string{"", "before", "-----BEGIN PGP MESSAGE-----", "hQEMA", "-----END PGP MESSAGE-----", "after"}, "before\n\nafter"},
		{"the header of an encrypted mail", multipart("encrypted", part("application/pgp-encrypted", "Version: 1"), part("application/octet-stream", "x")), ""},
		{"control characters and hidden ones", []string{"", "a\x00b\u200Bc\u202Ed"}, "abcd"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := read(t, document.EML, crlf(append([]string{"Subject: tea"}, tt.lines...)...), mail.Options{})
			if err != nil {
				t.Fatal(err)
			}
			want := strings.TrimSpace("Subject: tea\n\n" + tt.want)
			if got := strings.ReplaceAll(c.Text(), "\n)", ")"); got != strings.ReplaceAll(want, "\n)", ")") {
				t.Errorf("text %q, want %q", got, want)
			}
			if len(c.Pages) != 1 || c.PageCount != 1 || c.Draw != nil {
				t.Errorf("%d pages of %d, draws %v", len(c.Pages), c.PageCount, c.Draw != nil)
			}
		})
	}
}

// multipart returns the lines of a part made of parts. Their boundary is the kind.
func multipart(kind string, parts ...[]string) []string {
	lines := []string{"Content-Type: multipart/" + kind + ";", "\tboundary=\"" + kind + "\"", ""}
	for _, p := range parts {
		lines = append(append(lines, "--"+kind), p...)
	}
	return append(lines, "--"+kind+"--")
}

func part(media, text string) []string { return []string{"Content-Type: " + media, "", text} }

func TestHeader(t *testing.T) {
	tests := []struct{ name, field, want string }{
		{"as it stands", "Subject: Tea  prices", "Tea prices"},
		{"over several lines", "Subject: Tea\r\n\tprices\r\n  of May", "Tea prices of May"},
		{"the first of two", "subject: one\r\nSUBJECT: two", "one"},
		{"encoded words", "Subject: Re: =?utf-8?Q?Gr=C3=BC=C3=9Fe_?= =?ISO-8859-1?b?YXVzIEv2bG4=?= (Tee)", "Re: Grüße aus Köln (Tee)"},
		{"a letter that two words divide", "Subject: =?utf-8?B?w4Q=?= =?utf-8?Q?=C3?=\r\n =?utf-8?Q?=96?=", "ÄÖ"},
		{"a charset by a name of Python's", "Subject: =?eucgb2312_cn?b?xPq6w6Osx+uy6crV1+LB3rrPzaw=?=", "您好，请查收租赁合同"},
		{"the language of a word", "Subject: =?utf-8*de?q?T=C3=BCr?=", "Tür"},
		{"words that are none", "Subject: =?utf-8?x?a?= =?q =??= =?", "=?utf-8?x?a?= =?q =??= =?"},
		{"raw UTF-8", "Subject: Grüße", "Grüße"},
		{"raw Windows-1252", "Subject: Gr\xFC\xDFe", "Grüße"},
		{"no characters that turn the direction", "Subject: a=?utf-8?q?=E2=80=AE=00?=b\x07", "ab"},
		{"long values cut", "Subject: " + strings.Repeat("ü", 4000), strings.Repeat("ü", 500)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := read(t, document.EML, crlf("From x Mon Jan  5 10:00:00 2031", "X-Empty:", tt.field, "", "body"), mail.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got := c.Meta["subject"]; got != tt.want {
				t.Errorf("subject %q, want %q", got, tt.want)
			}
		})
	}
}

func TestAttachments(t *testing.T) {
	tests := []struct{ name, header, want string }{
		{"named by where it goes", "Content-Type: application/pdf; name=b.pdf\r\nContent-Disposition: attachment; filename=\"a b.pdf\"", "a b.pdf"},
		{"named by its type", "Content-Type: application/pdf; name=\"a\\\"b.pdf\"", `a"b.pdf`},
		{"named without quotes", "Content-Disposition: attachment; size=1; filename=a b.pdf ; x", "a b.pdf"},
		{"named in another alphabet", "Content-Disposition: attachment; filename*=utf-8'de'Gr%C3%BC%C3%9Fe%20an.pdf; filename=x.pdf", "Grüße an.pdf"},
		{"named in pieces", "Content-Disposition: attachment; filename*0*=iso-8859-1''Gr%FC;\r\n filename*1=\"sse \"; filename*2*=%31.pdf", "Grüsse 1.pdf"},
		{"named by an encoded word", "Content-Disposition: attachment; filename=\"=?utf-8?q?=E2=82=AC.pdf?=\"", "€.pdf"},
		{"no folders", "Content-Disposition: attachment; filename=\"C:\\dir\\..\\a.pdf\"", "a.pdf"},
		{"no tricks", "Content-Disposition: attachment; filename*=utf-8''a%E2%80%AEfdp.exe%00%0D%0A", "afdp.exe"},
		{"its type where the name does not tell", "Content-Type: image/tiff\r\nContent-Disposition: attachment; filename=scan", "scan (image/tiff)"},
		{"its type where there is no name", "Content-Type: application/pdf", "application/pdf"},
		{"a text that is attached", "Content-Type: text/plain\r\nContent-Disposition: attachment; filename=a.txt", "a.txt"},
		{"an invitation", "Content-Type: text/calendar", "text/calendar"},
		{"a picture that is attached", "Content-Type: image/png\r\nContent-ID: <1>\r\nContent-Disposition: attachment; filename=a.png", "a.png"},
		{"no picture of a web page", "Content-Type: image/png; name=logo.png\r\nContent-ID: <1>\r\nContent-Disposition: inline; filename=logo.png", ""},
		{"no name at all", "Content-Disposition: attachment; filename=/", "text/plain"},
		{"no signed message unpacked", "Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m", "smime.p7m"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := crlf(append([]string{"Subject: s"}, multipart("mixed", []string{tt.header, "", "data"})...)...)
			c, err := read(t, document.EML, m, mail.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got := c.Meta["attachments"]; got != tt.want {
				t.Errorf("attachments %q, want %q", got, tt.want)
			}
			if strings.Contains(c.Text(), "data") {
				t.Errorf("text %q shows what is attached", c.Text())
			}
		})
	}
}

func TestManyAttachments(t *testing.T) {
	var parts [][]string
	for i := range 200 {
		parts = append(parts, part(fmt.Sprintf("application/pdf; name=page-%03d.pdf", i), ""))
	}
	c, err := read(t, document.EML, crlf(multipart("mixed", parts...)...), mail.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got := c.Meta["attachments"]
	if !strings.HasPrefix(got, "page-000.pdf, page-001.pdf, ") || !strings.HasSuffix(got, ", and 132 more") || len(got) > 1000 {
		t.Errorf("%d bytes of attachments %q", len(got), got)
	}
}

// The whole of a message with a message in it.
const golden = `From: Ann Bee <ann@tea.example>
To: Łukasz <l@mill.example>, office@mill.example
Cc: Accounts: a@tea.example;
Subject: Fwd: Invoice № 7
Date: Mon, 2 Apr 2031 09:00:00 +0200

See below; the invoice is attached.

Attachments: invoice-7.pdf, scan (image/tiff)

From: Clerk <clerk@mill.example>
Subject: Invoice 7
Date: Sun, 1 Apr 2031 08:00:00 +0000

Where is it?

Attachments: photo.jpg`

func TestMessage(t *testing.T) {
	inner := append([]string{"From: Clerk <clerk@mill.example>", "Date: Sun, 1 Apr 2031 08:00:00 +0000", "Subject: Invoice 7"},
		multipart("related", part("text/plain", "Where is it?"), part("image/jpeg; name=photo.jpg", "x"))...)
	m := append([]string{
		"Received: from mill.example by tea.example; Mon, 2 Apr 2031 09:00:00 +0200",
		"From: Ann Bee <ann@tea.example>", "To: =?utf-8?q?=C5=81ukasz?= <l@mill.example>,", " office@mill.example",
		"Cc: Accounts: a@tea.example;", "Subject: Fwd: Invoice =?utf-8?b?4oSW?= 7", "Date: Mon, 2 Apr 2031 09:00:00 +0200", "MIME-Version: 1.0",
	}, multipart("mixed", part("text/plain", "See below; the invoice is attached."),
		append([]string{"Content-Type: message/rfc822", ""}, inner...),
		part("application/pdf\r\nContent-Disposition: attachment; filename=invoice-7.pdf", "x"),
		part("image/tiff; name=scan", "x"))...)
	c, err := read(t, document.EML, crlf(m...), mail.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Text(); got != golden {
		t.Errorf("text\n%s\nwant\n%s", got, golden)
	}
	want := map[string]string{
		"from": "Ann Bee <ann@tea.example>", "to": "Łukasz <l@mill.example>, office@mill.example", "cc": "Accounts: a@tea.example;",
		"subject": "Fwd: Invoice № 7", "date": "Mon, 2 Apr 2031 09:00:00 +0200", "attachments": "invoice-7.pdf, scan (image/tiff)",
	}
	if !maps.Equal(c.Meta, want) {
		t.Errorf("meta %v, want %v", c.Meta, want)
	}
}

func TestLimits(t *testing.T) {
	parts := func(n int) []byte {
		return crlf("Content-Type: multipart/mixed; boundary=b", "", strings.Repeat("--b\r\n\r\nx\r\n", n))
	}
	nested := func(n int) []byte {
		return crlf(strings.Repeat("Content-Type: message/rfc822\r\n\r\n", n), "Subject: s")
	}
	tests := []struct {
		name string
		in   []byte
		o    mail.Options
		want fault.Kind
	}{
		{"as many parts as may be", parts(9), mail.Options{MaxParts: 10}, ""},
		{"one part too many", parts(10), mail.Options{MaxParts: 10}, fault.Inflated},
		{"as many parts as may be by default", parts(999), mail.Options{}, ""},
		{"one part more than by default", parts(1000), mail.Options{}, fault.Inflated},
		{"as deep as may be", nested(5), mail.Options{MaxDepth: 5}, ""},
		{"too deep", nested(6), mail.Options{MaxDepth: 5}, fault.TooDeep},
		{"deeper than by default", nested(21), mail.Options{}, fault.TooDeep},
		{"encrypted with a subject", crlf("Subject: Invoice", "Content-Type: multipart/encrypted; boundary=b", "", "--b"), mail.Options{}, ""},
		{"encrypted without one", crlf("From: a@b.example", "Subject: ...", "Content-Type: multipart/encrypted; boundary=b", "", "--b"), mail.Options{}, fault.Encrypted},
		{"encrypted by other means", crlf("From: a@b.example", "Content-Type: application/pkcs7-mime; smime-type=enveloped-data", "", "x"), mail.Options{}, fault.Encrypted},
		{"encrypted in the text", crlf("From: a@b.example", "", "-----BEGIN PGP MESSAGE-----", "x"), mail.Options{}, fault.Encrypted},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := read(t, document.EML, tt.in, tt.o); fault.KindOf(err) != tt.want {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

func TestLimitsThatCut(t *testing.T) {
	m := crlf("X: "+strings.Repeat("x", 80), "Subject: s", "", strings.Repeat("tea ", 100))
	c, err := read(t, document.EML, m, mail.Options{MaxHeader: 80})
	if err != nil || c.Meta["subject"] != "" || !strings.HasPrefix(c.Text(), "tea tea") {
		t.Errorf("a long header: %v, %v", c, err)
	}
	if c, err = read(t, document.EML, m, mail.Options{MaxText: 50}); err != nil || c.Text() != "Subject: s\n\n"+strings.Repeat("tea ", 9)+"te" {
		t.Errorf("a long text: %q, %v", c.Text(), err)
	}
	page := crlf("Subject: s", "Content-Type: text/html", "", "<p>")
	if c, err = mail.New(mail.Options{}).Extract(t.Context(), &document.Document{Type: document.EML, Bytes: page}); err != nil || c.Text() != "Subject: s" {
		t.Errorf("a page that nobody reads: %q, %v", c.Text(), err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err = mail.New(mail.Options{}).Extract(ctx, &document.Document{Type: document.EML, Bytes: m}); !errors.Is(err, context.Canceled) {
		t.Errorf("a reader who gave up: %v", err)
	}
	if _, err = read(t, document.PDF, m, mail.Options{}); fault.KindOf(err) != fault.Unsupported {
		t.Errorf("no mail: %v", err)
	}
}
