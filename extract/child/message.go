package child

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/fault"
)

// setup is the first frame of the parent: what the child is held to.
type setup struct {
	Files      []string // it may read these
	MaxMemory  int64    // bytes
	CPUSeconds uint64   // in all its life
	Renew      bool     // it ends, for another to begin, if getting ready took more memory than leaves room for its limit
}

// hello is the first frame of the child, when it is ready.
type hello struct {
	Protocol    int
	Unprepared  string `json:",omitempty"` // why it will never be ready
	Outgrown    bool   `json:",omitempty"` // getting ready took more memory than leaves room for a limit
	Confinement Confinement
}

func (h hello) err() error {
	switch {
	case h.Protocol != protocol:
		return fmt.Errorf("the child speaks protocol %d, not %d: its program was replaced", h.Protocol, protocol)
	case h.Unprepared != "":
		return fmt.Errorf("prepare: %s", h.Unprepared)
	}
	return nil
}

// protocol changes with the frames. Parent and child are the same program, unless someone
// replaced its file in between.
const protocol = 4

const (
	opExtract   = "extract"
	opDraw      = "draw"
	opRecognize = "recognize"
)

// request is the head of what the parent sends. The body is the document or the picture.
type request struct {
	Op     string
	Name   string        `json:",omitempty"`
	Type   document.Type `json:",omitempty"`
	SHA256 string        `json:",omitempty"`
	Kept   bool          `json:",omitempty"` // the child still holds the document: there is no body
	Page   int           `json:",omitempty"`
	View   extract.View
	Image  *picture `json:",omitempty"`
}

func about(op string, d *document.Document) request {
	return request{Op: op, Name: d.Name, Type: d.Type, SHA256: d.SHA256}
}

// picture says what the body is.
type picture struct {
	MIME          string
	Width, Height int
}

// reply is the head of what the child sends. The body is the texts of the pages one after the
// other, a picture, or the letters in one.
type reply struct {
	Fault   *failure         `json:",omitempty"`
	Content *extract.Content `json:",omitempty"` // its pages without their texts
	Lengths []int            `json:",omitempty"` // of the texts, in bytes
	Draws   bool             `json:",omitempty"` // pages can be drawn
	Image   *picture         `json:",omitempty"`

	took time.Duration // by the parent's clock
}

// content returns the content with its texts, whose lengths were checked.
func (r reply) content(texts []byte) *extract.Content {
	for i, n := range r.Lengths {
		r.Content.Pages[i].Text = string(texts[:n])
		texts = texts[n:]
	}
	r.Content.Took = r.took
	return r.Content
}

// err returns the error that the child tells of.
func (r reply) err() error {
	if r.Fault == nil {
		return nil
	}
	return r.Fault.err()
}

// plain reports whether the child is none the worse for it.
func (r reply) plain() bool {
	return r.Fault == nil || r.Fault.err().Kind.Unreadable() && r.Fault.Kind != fault.TooComplex || r.Fault.Kind == fault.Invalid
}

// failure is an error on its way through the pipe.
type failure struct {
	Kind  fault.Kind
	Msg   string
	Cause string `json:",omitempty"` // for the log
}

func newFailure(err error) *failure {
	f := &failure{Kind: fault.KindOf(err), Msg: fault.Message(err)}
	var e *fault.Error
	switch {
	case !errors.As(err, &e):
		f.Cause = err.Error()
	case e.Err != nil:
		f.Cause = e.Err.Error()
	}
	f.Msg, f.Cause = extract.Cut(f.Msg, maxMsg), extract.Cut(f.Cause, maxCause)
	return f
}

// err returns the error. A kind that is not the document's or the caller's own fault is none
// that a reader can tell.
func (f failure) err() *fault.Error {
	var cause error
	if f.Cause != "" {
		cause = errors.New(f.Cause)
	}
	if f.Kind.Unreadable() || f.Kind == fault.Invalid {
		return fault.New(f.Kind, cause, "%s", extract.Clean(f.Msg))
	}
	return fault.New(fault.Internal, cause, "the reader met an error of its own")
}

// The most that a child may tell, in bytes unless said otherwise. All of them are far above
// what readers give.
const (
	maxHead  = 1 << 20
	maxTexts = 16 << 20
	maxPages = 10_000 // read, and
	maxCount = math.MaxInt32
	maxImage = 1 << 16 // pixels of a side
	maxFound = 10_000  // kinds of hidden text on pages
	maxMeta  = 64      // keys, each with
	maxKey   = 100
	maxValue = 4000
	maxMsg   = 1000
	maxCause = 4000
)

// answers returns the bounds of an answer.
func (r request) answers() bounds {
	if r.Op != opDraw {
		return bounds{maxHead, maxTexts}
	}
	side := int64(min(r.View.Side, 8192))
	return bounds{maxHead, max(1<<20, 4*side*side)}
}
