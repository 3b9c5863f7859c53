package mail

import (
	"encoding/binary"
	"strconv"
	"strings"
	"time"

	"github.com/docsift/docsift/extract"
)

// Properties of a message and of an attachment, by the numbers that MAPI gives them.
const (
	messageClass    = 0x001A
	subject         = 0x0037
	submitTime      = 0x0039
	fromName        = 0x0042 // on whose behalf it was sent
	fromAddress     = 0x0065
	fromSMTP        = 0x5D02
	internetHeader  = 0x007D
	senderName      = 0x0C1A
	senderAddress   = 0x0C1F
	senderSMTP      = 0x5D01
	displayCc       = 0x0E03
	displayTo       = 0x0E04
	deliveryTime    = 0x0E06
	plainBody       = 0x1000
	packedRTF       = 0x1009
	htmlBody        = 0x1013
	bodyCodePage    = 0x3FDE
	stringCodePage  = 0x3FFD
	displayName     = 0x3001
	attachedData    = 0x3701
	shortFileName   = 0x3704
	longFileName    = 0x3707
	attachedType    = 0x370E
	attachedID      = 0x3712
	attachedHidden  = 0x7FFE
	propertiesOfTop = 32 // bytes before the fixed properties of a message
	propertiesInner = 24 // of a message inside another
	propertiesPart  = 8  // of an attachment
)

// outlook reads a message in the format of Outlook.
func (r *reader) outlook(b []byte) (*message, error) {
	c, err := openCompound(b, r.opts.MaxStreams)
	if err != nil {
		return nil, err
	}
	p := c.properties(c.entries[0], propertiesOfTop)
	if len(p.streams) == 0 {
		return nil, corrupt("there is no message in it")
	}
	return r.item(p, 0)
}

// item reads a message and those inside it.
func (r *reader) item(p *properties, depth int) (*message, error) {
	if err := r.enter(depth); err != nil {
		return nil, err
	}
	h, _ := readHeader([]byte(p.text(internetHeader)), r.opts.MaxHeader)
	m := &message{
		from:    first(p.sender(), h.text("from")),
		to:      first(oneLine(p.text(displayTo)), h.text("to")),
		cc:      first(oneLine(p.text(displayCc)), h.text("cc")),
		subject: first(oneLine(p.text(subject)), h.text("subject")),
		date:    first(p.time(submitTime), h.text("date"), p.time(deliveryTime)),
	}
	m.body = r.outlookBody(m, p)
	class := strings.ToUpper(p.text(messageClass))
	m.isEncrypted = m.isEncrypted || strings.HasSuffix(class, ".SMIME") || strings.HasSuffix(class, ".SECURE")
	for _, e := range p.storages {
		if !strings.HasPrefix(strings.ToLower(e.name), "__attach_version1.0_") {
			continue
		}
		if err := r.attachment(m, p.file.properties(e, propertiesPart), depth+1); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// outlookBody returns the body: plain text if it says anything, or else what there is.
func (r *reader) outlookBody(m *message, p *properties) string {
	const mostRTF = 16 << 20 // bytes; pictures are unpacked with the text
	plain := m.withoutSealed(extract.Clean(p.text(plainBody)))
	if extract.Readable(plain) {
		return r.keep(plain)
	}
	page := ""
	if b, charset := p.page(); len(b) > 0 && r.opts.HTML != nil {
		page = r.keepShown(r.opts.HTML(b, charset))
	}
	if page == "" {
		page = r.rich(unpackRTF(p.bytes(packedRTF), mostRTF))
	}
	return first(page, r.keep(plain))
}

// attachment notes an attachment, or reads the message that it is.
func (r *reader) attachment(m *message, p *properties, depth int) error {
	for _, e := range p.storages {
		if !strings.EqualFold(e.name, streamName(attachedData, "000D")) {
			continue
		}
		inner := p.file.properties(e, propertiesInner)
		if len(inner.numbers) == 0 {
			break // an object of another program
		}
		item, err := r.item(inner, depth)
		if err != nil {
			return err
		}
		m.inside = append(m.inside, item)
		return nil
	}
	if err := r.enter(depth); err != nil {
		return err
	}
	media := p.text(attachedType)
	isPicture := strings.HasPrefix(media, "image/") && p.text(attachedID) != ""
	if p.numbers[attachedHidden] == 0 && !isPicture {
		m.attach(first(p.text(longFileName), p.text(shortFileName), p.text(displayName)), media)
	}
	return nil
}

// properties is what a storage says of its message or attachment.
type properties struct {
	file     *compound
	streams  map[string]entry  // by name in upper case
	numbers  map[uint16]uint64 // properties of fixed size
	storages []entry
}

// properties reads the list of a storage, whose fixed properties begin after skip bytes.
func (c *compound) properties(storage entry, skip int) *properties {
	p := &properties{file: c, streams: map[string]entry{}, numbers: map[uint16]uint64{}}
	for _, e := range c.list(storage) {
		switch name := strings.ToUpper(e.name); {
		case e.kind == storageEntry:
			p.storages = append(p.storages, e)
		case e.kind == streamEntry && strings.HasPrefix(name, "__"):
			p.streams[name] = e
		}
	}
	const size = 16 // a type, a number, flags and a value
	b := c.read(p.streams["__PROPERTIES_VERSION1.0"])
	for b = b[min(skip, len(b)):]; len(b) >= size; b = b[size:] {
		p.numbers[binary.LittleEndian.Uint16(b[2:])] = binary.LittleEndian.Uint64(b[8:])
	}
	return p
}

func streamName(id int, kind string) string {
	const digits = "0123456789ABCDEF"
	return "__SUBSTG1.0_" + string([]byte{digits[id>>12&15], digits[id>>8&15], digits[id>>4&15], digits[id&15]}) + kind
}

// text returns a property that is a text, or "".
func (p *properties) text(id int) string {
	if e, ok := p.streams[streamName(id, "001F")]; ok {
		return strings.TrimRight(decodeUTF16(p.file.read(e)), "\x00")
	}
	b := p.file.read(p.streams[streamName(id, "001E")])
	return strings.TrimRight(decode(b, charsetOfPage(p.numbers[stringCodePage])), "\x00")
}

// bytes returns a property that is data, or nil.
func (p *properties) bytes(id int) []byte { return p.file.read(p.streams[streamName(id, "0102")]) }

// page returns the body that is a web page and its charset.
func (p *properties) page() ([]byte, string) {
	if b := p.bytes(htmlBody); len(b) > 0 {
		return b, charsetOfPage(p.numbers[bodyCodePage])
	}
	return []byte(p.text(htmlBody)), "utf-8"
}

// sender returns who sent the message. Addresses that are not of the Internet say nothing.
func (p *properties) sender() string {
	name := first(oneLine(p.text(senderName)), oneLine(p.text(fromName)))
	for _, id := range []int{senderSMTP, fromSMTP, senderAddress, fromAddress} {
		address := oneLine(p.text(id))
		switch {
		case !strings.Contains(address, "@"):
			continue
		case name == "" || strings.Contains(name, address):
			return first(name, address)
		}
		return name + " <" + address + ">"
	}
	return name
}

// time returns a point in time as mail writes it, or "".
func (p *properties) time(id uint16) string {
	const unit, epoch = 100, 11_644_473_600 // nanoseconds; seconds from 1601 to 1970
	ticks := p.numbers[id]
	if ticks == 0 || ticks > 1<<62 {
		return ""
	}
	const perSecond = uint64(time.Second / unit)
	return time.Unix(int64(ticks/perSecond)-epoch, 0).UTC().Format(time.RFC1123Z)
}

// charsetOfPage returns the name of a code page of Windows, or "".
func charsetOfPage(n uint64) string {
	switch {
	case n == 932:
		return "shift_jis"
	case n == 936:
		return "gbk"
	case n == 949:
		return "euc-kr"
	case n == 950:
		return "big5"
	case n == 10000:
		return "macintosh"
	case n == 20866:
		return "koi8-r"
	case n == 21866:
		return "koi8-u"
	case n > 28590 && n <= 28606:
		return "iso-8859-" + strconv.FormatUint(n-28590, 10)
	case n == 50220 || n == 50221 || n == 50222:
		return "iso-2022-jp"
	case n == 51932 || n == 20932:
		return "euc-jp"
	case n == 54936:
		return "gb18030"
	case n == 65001:
		return "utf-8"
	case n == 874 || n >= 1250 && n <= 1258:
		return "windows-" + strconv.FormatUint(n, 10)
	}
	return ""
}

// first returns the first text that is not empty.
func first(texts ...string) string {
	for _, s := range texts {
		if s != "" {
			return s
		}
	}
	return ""
}
