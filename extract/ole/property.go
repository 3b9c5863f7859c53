package ole

import (
	"strings"
	"time"

	"github.com/docsift/docsift/extract"
)

// Ids and types of properties.
const (
	idCodePage = 1
	idPages    = 14

	typeInt32    = 3
	typeBytes    = 30
	typeWide     = 31
	typeFileTime = 64
)

// summary is the stream that keeps them.
const summary = "\x05SummaryInformation"

// properties returns what the file says of itself, and its number of pages if it makes sense,
// else 1. Damage here is no reason to refuse a document that can be read.
func properties(c *compound) (meta map[string]string, pages int) {
	meta, pages = map[string]string{}, 1
	set := propertySet(c.stream(summary))
	page := u16(set[idCodePage], 4)
	for id, key := range map[uint32]string{
		2: "title", 3: "subject", 4: "author", 5: "keywords", 12: "created", 13: "modified", 18: "producer",
	} {
		if v := propertyText(set[id], page); v != "" {
			meta[key] = v
		}
	}
	const most = 10_000
	if n := u32(set[idPages], 4); u32(set[idPages], 0) == typeInt32 && n >= 1 && n <= most {
		pages = int(n)
	}
	return meta, pages
}

// pageOfProperties returns the code page of the machine that wrote the file, or 0.
func pageOfProperties(c *compound) int {
	return u16(propertySet(c.stream(summary))[idCodePage], 4)
}

// propertySet returns the values of the first set of a stream, types included, by their ids.
func propertySet(b []byte) map[uint32][]byte {
	const most = 100
	section := from(b, int(u32(b, 44)))
	set := map[uint32][]byte{}
	for i := range min(int(u32(section, 4)), most, len(section)/8) {
		at := 8 + 8*i
		set[u32(section, at)] = from(section, int(u32(section, at+4)))
	}
	return set
}

// maxMeta is how many bytes of a property are kept.
const maxMeta = 512

func propertyText(v []byte, page int) string {
	var s string
	switch n := int(min(u32(v, 4), 4*maxMeta)); u32(v, 0) {
	case typeBytes:
		s = decoded(codePage(page), span(v, 8, n))
	case typeWide:
		s = utf16Text(span(v, 8, 2*n))
	case typeFileTime:
		s = fileTime(u64(v, 4))
	}
	s, _, _ = strings.Cut(s, "\x00")
	return extract.Cut(strings.Join(strings.Fields(extract.Clean(s)), " "), maxMeta)
}

// fileTime writes a count of 100 ns since the year 1601; "" for one that is none.
func fileTime(n uint64) string {
	const toUnix, perSecond = 11_644_473_600, 10_000_000
	t := time.Unix(int64(n/perSecond)-toUnix, 0).UTC()
	if t.Year() < 1980 || t.Year() > 2200 {
		return ""
	}
	return t.Format(time.RFC3339)
}
