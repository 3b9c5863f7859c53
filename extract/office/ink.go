package office

import (
	"strconv"

	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/extract/unseen"
)

const (
	paper = "FFFFFF" // what is behind a text of which nothing else is said
	tiny  = 2.0      // points: smaller letters are not read
)

// near reports whether a reader cannot tell two colours apart, given as six digits.
func near(a, b string) bool {
	const apart = 16 // levels of 255
	x, errX := strconv.ParseUint(a, 16, 32)
	y, errY := strconv.ParseUint(b, 16, 32)
	if errX != nil || errY != nil || len(a) != 6 || len(b) != 6 {
		return false
	}
	for shift := 0; shift < 24; shift += 8 {
		d := int(x>>shift&0xFF) - int(y>>shift&0xFF)
		if max(d, -d) > apart {
			return false
		}
	}
	return true
}

// secrets is what a document says without showing it, by how that is hidden.
type secrets map[unseen.Kind]string

// add keeps a text, within reason.
func (s secrets) add(why unseen.Kind, text []byte) {
	const most = 64 << 10 // bytes of a kind
	if len(s[why]) < most {
		s[why] += string(text) + " "
	}
}

// merged returns what is hidden in the parts of one page.
func merged(parts []secrets) secrets {
	all := secrets{}
	for _, part := range parts {
		for why, text := range part {
			all.add(why, []byte(text))
		}
	}
	return all
}

// find writes down what is hidden on the pages of a document, in their order.
func find(c *extract.Content, hidden ...secrets) {
	for i, p := range c.Pages {
		if i < len(hidden) {
			c.Hidden = append(c.Hidden, unseen.Find(p.Number, hidden[i], p.Text)...)
		}
	}
}
