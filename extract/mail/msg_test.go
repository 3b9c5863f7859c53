package mail_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/extract/mail"
	"github.com/docsift/docsift/fault"
)

// primer is what rich text is packed against.
const primer = `{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript ` +
	`\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0` + "\r\n" +
	`\par \pard\plain\f0\fs20\b\i\u\tab\tx`

// sent is 2 April 2031, 07:00 UTC, in tenths of microseconds since 1601.
const sent = (1_932_879_600 + 11_644_473_600) * 10_000_000

func TestOutlook(t *testing.T) {
	inner := node{"__substg1.0_3701000D", nil, []node{
		utf16Stream("0037", "Invoice 7"), utf16Stream("1000", "Where is it?"), fixed(24, map[uint16]uint64{0x0039: sent}),
	}}
	attached := func(number string, nodes ...node) node {
		return node{"__attach_version1.0_#0000000" + number, nil, nodes}
	}
	b := compound(
		fixed(32, map[uint16]uint64{0x0039: sent, 0x3FFD: 1251}),
		utf16Stream("001A", "IPM.Note"), utf16Stream("0037", "Fwd: Invoice № 7"),
		utf16Stream("0C1A", "Ann Bee"), utf16Stream("0C1F", "/O=TEA/CN=ANN"), utf16Stream("5D01", "ann@tea.example"),
		stream("0E04001E", []byte("\xCF\xE0\xED; office@mill.example\x00")), utf16Stream("0E03", "Accounts"),
		utf16Stream("1000", "See below;\r\nthe invoice is attached.\r\n"+strings.Repeat("Tea. ", 500)),
		attached("0", utf16Stream("3707", "invoice-7.pdf"), utf16Stream("3704", "INVOIC~1.PDF"), fixed(8, nil)),
		attached("1", inner, fixed(8, nil)),
		attached("2", stream("3704001E", []byte("scan")), utf16Stream("370E", "image/tiff"), fixed(8, nil)),
		attached("3", utf16Stream("3707", "logo.png"), utf16Stream("370E", "image/png"), utf16Stream("3712", "logo"), fixed(8, nil)),
		attached("4", utf16Stream("3707", "hidden.png"), fixed(8, map[uint16]uint64{0x7FFE: 1})),
		node{"__recip_version1.0_#00000000", nil, []node{utf16Stream("3001", "office")}},
	)
	c, err := read(t, document.MSG, b, mail.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := "From: Ann Bee <ann@tea.example>\nTo: Пан; office@mill.example\nCc: Accounts\nSubject: Fwd: Invoice № 7\n" +
		"Date: Wed, 02 Apr 2031 07:00:00 +0000\n\nSee below;\nthe invoice is attached.\n" + strings.TrimSpace(strings.Repeat("Tea. ", 500)) +
		"\n\nAttachments: invoice-7.pdf, scan (image/tiff)\n\nSubject: Invoice 7\nDate: Wed, 02 Apr 2031 07:00:00 +0000\n\nWhere is it?"
	if got := c.Text(); got != want {
		t.Errorf("text\n%s\nwant\n%s", got, want)
	}
	meta := map[string]string{
		"from": "Ann Bee <ann@tea.example>", "to": "Пан; office@mill.example", "cc": "Accounts", "subject": "Fwd: Invoice № 7",
		"date": "Wed, 02 Apr 2031 07:00:00 +0000", "attachments": "invoice-7.pdf, scan (image/tiff)",
	}
	if !maps.Equal(c.Meta, meta) {
		t.Errorf("meta %v, want %v", c.Meta, meta)
	}
}

func TestOutlookBody(t *testing.T) {
	long := "Please find the invoice for March attached."
	pages := fixed(32, map[uint16]uint64{0x3FDE: 28592, 0x3FFD: 932})
	tests := []struct {
		name  string
		nodes []node
		want  string
	}{
		{"plain text first", []node{utf16Stream("1000", long), stream("10130102", []byte("<p>"))}, long},
		{"plain text in a code page", []node{pages, stream("1000001E", []byte("\x93\xfa\x96\x7b"))}, "日本"},
		{"a web page in its code page", []node{pages, utf16Stream("1000", " "), stream("10130102", []byte("<p>hi"))}, "page iso-8859-2(<p>hi)"},
		{"a web page in Unicode", []node{utf16Stream("1013", "<p>hi")}, "page utf-8(<p>hi)"},
		{"packed rich text", []node{stream("10090102", pack(primer, `{\rtf1\ansi tea}`))}, `rich({\rtf1\ansi tea})`},
		{"short plain text when there is no other", []node{utf16Stream("1000", "Yes.")}, "Yes."},
		{"nothing", nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := read(t, document.MSG, compound(append(tt.nodes, utf16Stream("0037", "s"))...), mail.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got, want := c.Text(), strings.TrimSpace("Subject: s\n\n"+tt.want); got != want {
				t.Errorf("text %q, want %q", got, want)
			}
		})
	}
}

func TestOutlookSender(t *testing.T) {
	header := utf16Stream("007D", "From: Ann <a@b.example>\r\nTo: c@d.example\r\nSubject: s\r\nDate: Mon, 2 Apr 2031 09:00:00 +0200\r\n")
	tests := []struct {
		name  string
		nodes []node
		want  string
	}{
		{"a name alone", []node{utf16Stream("0C1A", "Ann"), utf16Stream("0C1F", "/O=TEA")}, "From: Ann"},
		{"an address alone", []node{utf16Stream("0C1F", "a@b.example")}, "From: a@b.example"},
		{"a name that is the address", []node{utf16Stream("0C1A", "a@b.example"), utf16Stream("5D01", "a@b.example")}, "From: a@b.example"},
		{"on behalf of someone", []node{utf16Stream("0042", "Ann"), utf16Stream("5D02", "a@b.example")}, "From: Ann <a@b.example>"},
		{"by the header of the Internet", []node{header}, "From: Ann <a@b.example>\nTo: c@d.example\nSubject: s\nDate: Mon, 2 Apr 2031 09:00:00 +0200"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := read(t, document.MSG, compound(tt.nodes...), mail.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got := c.Text(); got != tt.want {
				t.Errorf("text %q, want %q", got, tt.want)
			}
		})
	}
}

// nestedMessage returns messages each of which is attached to the one before.
func nestedMessage(n int) []node {
	nodes := []node{utf16Stream("0037", "s"), fixed(24, map[uint16]uint64{0x0039: sent})}
	for range n {
		in := node{"__attach_version1.0_#00000000", nil, []node{{"__substg1.0_3701000D", nil, nodes}}}
		nodes = []node{utf16Stream("0037", "s"), fixed(24, map[uint16]uint64{0x0039: sent}), in}
	}
	return nodes
}

func TestOutlookLimits(t *testing.T) {
	files := []node{utf16Stream("0037", "s")}
	for range 10 {
		files = append(files, node{"__attach_version1.0_#00000000", nil, []node{utf16Stream("3707", "a")}})
	}
	whole := compound(utf16Stream("0037", "Invoice"), utf16Stream("1000", strings.Repeat("Tea. ", 2000)))
	tests := []struct {
		name string
		in   []byte
		o    mail.Options
		want fault.Kind
	}{
		{"as many attachments as may be", compound(files...), mail.Options{MaxParts: 11}, ""},
		{"one too many", compound(files...), mail.Options{MaxParts: 10}, fault.Inflated},
		{"as many streams as may be", compound(files...), mail.Options{MaxStreams: 24}, ""},
		{"too many streams", compound(files...), mail.Options{MaxStreams: 20}, fault.Inflated},
		{"as deep as may be", compound(nestedMessage(5)...), mail.Options{MaxDepth: 5}, ""},
		{"too deep", compound(nestedMessage(6)...), mail.Options{MaxDepth: 5}, fault.TooDeep},
		{"encrypted with a subject", compound(utf16Stream("0037", "Invoice"), utf16Stream("001A", "IPM.Note.SMIME")), mail.Options{}, ""},
		{"encrypted without one", compound(utf16Stream("0C1A", "Ann"), utf16Stream("001A", "IPM.Note.SMIME")), mail.Options{}, fault.Encrypted},
		{"no message", compound(node{"WordDocument", []byte("x"), nil}), mail.Options{}, fault.Corrupt},
		{"an empty file of storages", compound(), mail.Options{}, fault.Corrupt},
		{"no file of storages", []byte("From: a@b.example"), mail.Options{}, fault.Corrupt},
		{"a header and nothing else", whole[:512], mail.Options{}, fault.Corrupt},
		{"a table that is cut off", whole[:len(whole)-400], mail.Options{}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := read(t, document.MSG, tt.in, tt.o); fault.KindOf(err) != tt.want {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

func TestOutlookText(t *testing.T) {
	b := compound(utf16Stream("0037", "s"), utf16Stream("1000", strings.Repeat("tea ", 5000)))
	c, err := read(t, document.MSG, b, mail.Options{MaxText: 100})
	if err != nil || len(c.Text()) > 100 || !strings.HasPrefix(c.Text(), "Subject: s\n\ntea tea") {
		t.Errorf("a long text: %q, %v", c.Text(), err)
	}
	rtf := func([]byte) (*extract.Content, error) { return nil, errors.New("broken") }
	b = compound(utf16Stream("0037", "s"), stream("10090102", pack(primer, "x")))
	if c, err = read(t, document.MSG, b, mail.Options{RTF: rtf}); err != nil || c.Text() != "Subject: s" {
		t.Errorf("broken rich text: %q, %v", c.Text(), err)
	}
}

// A circle of siblings, of storages or of sectors ends, and streams that share their sectors
// give no more bytes than the file has.
func TestOutlookCircles(t *testing.T) {
	entryOf := func(b []byte, name string) []byte {
		var key []byte
		for _, c := range name {
			key = binary.LittleEndian.AppendUint16(key, uint16(c))
		}
		i := bytes.Index(b, key)
		if i < 0 {
			t.Fatalf("no entry %q", name)
		}
		return b[i:][:128]
	}
	b := compound(utf16Stream("0037", "Invoice"), node{"__attach_version1.0_#00000000", nil, []node{utf16Stream("3707", "a.pdf")}})
	binary.LittleEndian.PutUint32(entryOf(b, "__substg1.0_3707001F")[72:], 1)   // back to the subject
	binary.LittleEndian.PutUint32(entryOf(b, "__substg1.0_0037001F")[76:], 0)   // the root in a stream
	binary.LittleEndian.PutUint32(entryOf(b, "__attach_version1.0_")[68:], 0)   // the root as a sibling
	binary.LittleEndian.PutUint32(entryOf(b, "__substg1.0_3707001F")[68:], 999) // nowhere
	if c, err := read(t, document.MSG, b, mail.Options{}); err != nil || c.Text() != "Subject: Invoice\n\nAttachments: a.pdf" {
		t.Errorf("circles of entries: %v, %v", c, err)
	}

	b = compound(utf16Stream("0037", "Invoice"), utf16Stream("1000", strings.Repeat("tea ", 1000)))
	binary.LittleEndian.PutUint32(entryOf(b, "__substg1.0_1000001F")[120:], 1<<31)
	binary.LittleEndian.PutUint32(b[len(b)-1024:], 0) // the body's first sector follows itself
	c, err := read(t, document.MSG, b, mail.Options{})
	if err != nil || len(c.Text()) > len(b) || !strings.HasPrefix(c.Text(), "Subject: Invoice\n\ntea tea") {
		t.Errorf("a circle of sectors: %v, %v", c, err)
	}
}

func TestUnpackRTF(t *testing.T) {
	text := `{\rtf1\ansi\deff0 ` + strings.Repeat(`\par teateateatea `, 40) + `}`
	packed := pack(primer, text)
	if len(packed) > len(text)/4 {
		t.Fatalf("%d bytes are packed to %d", len(text), len(packed))
	}
	plain := words(uint32(len(text)+12), uint32(len(text)), 0x414C454D, 0)
	tests := []struct {
		name  string
		in    []byte
		limit int
		want  string
	}{
		{"unpacks", packed, 1 << 20, text},
		{"stops at the limit", packed, 100, text[:100]},
		{"keeps what was not packed", append(plain, text...), 1 << 20, text},
		{"keeps the part of it that is there", append(plain, text[:9]...), 1 << 20, text[:9]},
		{"leaves out another packing", append(words(9, 9, 9, 0), text...), 1 << 20, ""},
		{"needs a header", packed[:15], 1 << 20, ""},
		{"a word of the primer", append(words(15, 6, 0x75465A4C, 0), 1, 0, 4), 1 << 20, `{\rtf1`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(mail.UnpackRTF(tt.in, tt.limit)); got != tt.want {
				t.Errorf("unpacked %q, want %q", got, tt.want)
			}
		})
	}
	for n := range packed {
		if got := string(mail.UnpackRTF(packed[:n], 1<<20)); !strings.HasPrefix(text, got[:max(0, len(got)-17)]) {
			t.Fatalf("the first %d bytes unpack to %q", n, got)
		}
	}
}
