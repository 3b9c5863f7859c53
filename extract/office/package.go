package office

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"path"
	"strings"

	"github.com/docsift/docsift/fault"
)

// parcel is an Office file: a zip of XML parts that name each other.
type parcel struct {
	ctx   context.Context // of the one call that reads it
	opts  Options
	parts map[string]*zip.File // by lower-case name
	left  int64                // bytes that may still be unpacked
}

// openPackage lists the parts of an Office file and checks every limit that can be checked
// before the first byte is unpacked.
func openPackage(ctx context.Context, b []byte, o Options) (*parcel, error) {
	// Counted first, because listing the entries costs memory for each.
	if n := bytes.Count(b, []byte("PK\x01\x02")); n > o.MaxEntries {
		return nil, tooComplex("it holds more than %d files", o.MaxEntries)
	}
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // names are keys here, never paths
		return nil, fault.New(fault.Corrupt, err, "the Office file is damaged or incomplete")
	}
	p := &parcel{ctx: ctx, opts: o, parts: make(map[string]*zip.File, len(z.File)), left: o.MaxUnpacked}
	return p, p.list(z.File)
}

func (p *parcel) list(files []*zip.File) error {
	if len(files) > p.opts.MaxEntries {
		return tooComplex("it holds more than %d files", p.opts.MaxEntries)
	}
	total := uint64(0)
	for _, f := range files {
		if total += f.UncompressedSize64; f.UncompressedSize64 > uint64(p.opts.MaxUnpacked) || total > uint64(p.opts.MaxUnpacked) {
			return tooComplex("it unpacks to more than %d MiB", p.opts.MaxUnpacked>>20)
		}
		const encrypted = 1
		if f.Flags&encrypted != 0 {
			return fault.New(fault.Encrypted, nil, "the Office file is protected by a password: remove the protection and send it again")
		}
		name := key(f.Name)
		if isBomb(f, p.opts.MaxRatio) && !isMedia(name) {
			return tooComplex("a part of it unpacks to more than %d times its size", p.opts.MaxRatio)
		}
		if p.parts[name] == nil {
			p.parts[name] = f
		}
	}
	return nil
}

// isBomb reports whether f is packed tighter than a part that someone wrote.
func isBomb(f *zip.File, ratio int) bool {
	const small = 8 << 20 // a small part does no harm at any ratio
	return f.UncompressedSize64 > small && f.UncompressedSize64/uint64(ratio) > f.CompressedSize64
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

// open unpacks a part as it is read, within what is left of the budget.
func (p *parcel) open(name string) (io.ReadCloser, error) {
	f := p.parts[key(name)]
	if f == nil {
		return nil, fault.New(fault.Corrupt, nil, "the Office file lacks its part %q", short(name))
	}
	r, err := f.Open()
	if err != nil {
		return nil, fault.New(fault.Corrupt, err, "part %q of the Office file is damaged", short(name))
	}
	return &meter{inner: r, p: p}, nil
}

// meter takes what is read off the parcel's budget: a zip may lie about its sizes.
type meter struct {
	inner io.ReadCloser
	p     *parcel
}

func (m *meter) Read(b []byte) (int, error) {
	n, err := m.inner.Read(b)
	if m.p.left -= int64(n); m.p.left < 0 {
		return n, tooComplex("it unpacks to more than %d MiB", m.p.opts.MaxUnpacked>>20)
	}
	return n, err
}

func (m *meter) Close() error { return m.inner.Close() }

func tooComplex(format string, args ...any) error {
	return fault.New(fault.TooComplex, nil, "the Office file is over a limit: "+format, args...)
}

// short bounds a name from the file for a message.
func short(name string) string {
	const limit = 80
	if r := []rune(name); len(r) > limit {
		return string(r[:limit]) + "…"
	}
	return name
}
