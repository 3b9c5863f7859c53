package ole

import (
	"context"

	"github.com/docsift/docsift/fault"
)

// Types of records of a presentation.
const (
	recDocument    = 1000
	recSlide       = 1006
	recNotes       = 1008
	recNotesOf     = 1009
	recListed      = 1011
	recOutlineText = 3998
	recTextHead    = 3999
	recTextWide    = 4000
	recTextBytes   = 4008
	recString      = 4026
	recHeadersFeet = 4057
	recList        = 4080
	recUserEdit    = 4085
	recTags        = 5000
	recObjects     = 6002
	recComment     = 12000
)

const atomHeader = 8 // bytes

// atom is a record of a presentation. One that is a container holds others.
type atom struct {
	kind, instance int
	inside         int // the kind of the container that holds it
	container      bool
	at, end        int // of its data, in bytes
	data           []byte
}

// record reads the record at an offset. Where there is none it returns one of kind 0.
func (p *presentation) record(at int) atom {
	const container = 0xF
	if at < 0 || at+atomHeader > len(p.b) {
		return atom{end: len(p.b)}
	}
	a := atom{kind: u16(p.b, at+2), instance: u16(p.b, at) >> 4, at: at + atomHeader}
	a.container = u16(p.b, at)&container == container
	a.data = span(p.b, a.at, int(u32(p.b, at+4)))
	a.end = a.at + len(a.data)
	return a
}

// text decodes the text that a record is.
func (a atom) text() string {
	if a.kind == recTextBytes {
		return latinText(a.data)
	}
	return utf16Text(a.data)
}

// walk meets the records in the one at an offset, in their order. It looks into the containers
// that visit asks for. A visit may return errEnough.
func (p *presentation) walk(ctx context.Context, at int, visit func(atom) (bool, error)) error {
	return enough(p.descend(ctx, []atom{p.record(at)}, visit))
}

// descend meets the records in the last of those that are open.
func (p *presentation) descend(ctx context.Context, open []atom, visit func(atom) (bool, error)) error {
	if len(open) > p.opts.MaxDepth {
		return fault.New(fault.TooDeep, nil, "the records of the presentation nest deeper than %d", p.opts.MaxDepth)
	}
	in := open[len(open)-1]
	for at := in.at; in.container && at+atomHeader <= in.end; {
		a := p.record(at)
		a.inside = in.kind
		if err := p.budget.spend(ctx, atomHeader); err != nil {
			return err
		}
		into, err := visit(a)
		if err == nil && into && a.container {
			err = p.descend(ctx, append(open, a), visit)
		}
		if err != nil {
			return err
		}
		at = a.end
	}
	return nil
}
