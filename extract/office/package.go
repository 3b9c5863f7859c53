package office

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/docsift/docsift/fault"
)

// parcel is an Office file: a zip of XML parts that name each other.
type parcel struct {
	ctx   context.Context // of the one call that reads it
	opts  Options
	parts map[string]*entry // by lower-case name
	left  int64             // bytes that may still be unpacked
	buf   []byte            // room for what is being read

	cut     bool  // the zip has no directory: what is left of its parts is read
	damaged error // what is said when nothing can be read of a cut one
}

// openPackage lists the parts of an Office file and checks every limit that can be checked
// before the first byte is unpacked.
func openPackage(ctx context.Context, b []byte, o Options) (*parcel, error) {
	p := &parcel{ctx: ctx, opts: o, left: o.MaxUnpacked}
	// Counted first, because listing the entries costs memory for each.
	if n := bytes.Count(b, []byte("PK\x01\x02")); n > o.MaxEntries {
		return nil, p.tooMany()
	}
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // names are keys here, never paths
		p.cut = true
		p.damaged = fault.New(fault.Corrupt, err, "the Office file is damaged or incomplete: save it again and send the whole file")
		return p, p.salvage(b)
	}
	return p, p.list(z.File)
}

func (p *parcel) list(files []*zip.File) error {
	if len(files) > p.opts.MaxEntries {
		return p.tooMany()
	}
	p.parts = make(map[string]*entry, len(files))
	total := uint64(0)
	for _, f := range files {
		if total += f.UncompressedSize64; f.UncompressedSize64 > uint64(p.opts.MaxUnpacked) || total > uint64(p.opts.MaxUnpacked) {
			return p.tooBig()
		}
		if f.Flags&flagEncrypted != 0 {
			return locked()
		}
		name := key(f.Name)
		if isBomb(f.UncompressedSize64, f.CompressedSize64, p.opts.MaxRatio) && !isMedia(name) {
			return p.tooTight()
		}
		p.add(name, &entry{file: f})
	}
	return nil
}

// add takes in a part. Of two with one name the first counts.
func (p *parcel) add(name string, e *entry) {
	if p.parts[name] == nil {
		p.parts[name] = e
	}
}

// flagEncrypted is the bit of an entry's flags that says that it needs a password.
const flagEncrypted = 1

func locked() error {
	return fault.New(fault.Encrypted, nil, "the Office file is protected by a password: remove the protection and send it again")
}

// isBomb reports whether a part is packed tighter than one that someone wrote.
func isBomb(unpacked, packed uint64, ratio int) bool {
	const small = 8 << 20 // a small part does no harm at any ratio
	return unpacked > small && unpacked/uint64(ratio) > packed
}

// isMedia reports whether a part is never unpacked: a blank bitmap packs like a bomb.
func isMedia(name string) bool {
	return !strings.HasSuffix(name, ".xml") && !strings.HasSuffix(name, ".rels")
}

// key returns the name by which a part is known: names differ in slashes and case.
func key(name string) string {
	return strings.ToLower(strings.TrimPrefix(path.Clean("/"+strings.ReplaceAll(name, `\`, "/")), "/"))
}

func (p *parcel) has(name string) bool { return p.parts[key(name)] != nil }

// numbered returns the names of the parts that are called prefix, a number and ".xml", in
// the order of their numbers.
func (p *parcel) numbered(prefix string) []string {
	byNumber := map[int]string{}
	for name := range p.parts {
		rest, ok := strings.CutPrefix(name, prefix)
		if n, err := strconv.Atoi(strings.TrimSuffix(rest, ".xml")); ok && err == nil {
			byNumber[n] = name
		}
	}
	numbers := make([]int, 0, len(byNumber))
	for n := range byNumber {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	names := make([]string, len(numbers))
	for i, n := range numbers {
		names[i] = byNumber[n]
	}
	return names
}

// open unpacks a part as it is read, within what is left of the budget.
func (p *parcel) open(name string) (io.ReadCloser, error) {
	e := p.parts[key(name)]
	if e == nil {
		return nil, fault.New(fault.Corrupt, nil, "the Office file lacks its part %q", short(name))
	}
	r, err := e.open()
	if err != nil {
		return nil, fault.New(fault.Corrupt, err, "part %q of the Office file is damaged", short(name))
	}
	return &meter{inner: r, p: p, packed: e.size()}, nil
}

// meter takes what is read off the parcel's budget: a zip may lie about its sizes.
type meter struct {
	inner  io.ReadCloser
	p      *parcel
	n      uint64 // bytes read
	packed uint64 // bytes that they come from
}

func (m *meter) Read(b []byte) (int, error) {
	n, err := m.inner.Read(b)
	m.n += uint64(n)
	if m.p.left -= int64(n); m.p.left < 0 {
		return n, m.p.tooBig()
	}
	if isBomb(m.n, m.packed, m.p.opts.MaxRatio) {
		return n, m.p.tooTight()
	}
	return n, err
}

func (m *meter) Close() error { return m.inner.Close() }

func (p *parcel) tooMany() error {
	return overLimit(fault.Inflated, "it holds more than %d files", p.opts.MaxEntries)
}

func (p *parcel) tooBig() error {
	return overLimit(fault.Inflated, "it unpacks to more than %d MiB", p.opts.MaxUnpacked>>20)
}

func (p *parcel) tooTight() error {
	return overLimit(fault.Inflated, "a part of it unpacks to more than %d times its size", p.opts.MaxRatio)
}

func overLimit(k fault.Kind, format string, args ...any) error {
	return fault.New(k, nil, "the Office file is over a limit: "+format, args...)
}

// spare returns nil for an error that only says that a part is damaged or refused, for a
// part that can be done without.
func spare(err error) error {
	switch fault.KindOf(err) {
	case fault.Corrupt, fault.Doctype:
		return nil
	}
	return err
}

// short bounds a name from the file for a message.
func short(name string) string {
	const limit = 80
	if r := []rune(name); len(r) > limit {
		return string(r[:limit]) + "…"
	}
	return name
}
