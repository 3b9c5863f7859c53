package bulk

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
)

// Options says which output is opened, and for what.
type Options struct {
	Path     string // ends in .jsonl or .csv
	Settings Settings
	Version  string // of docsift

	Restart     bool // forget what is there
	RetryFailed bool // take out those that failed, for them to be asked about again
}

// Totals sums an output up.
type Totals struct {
	Done, Failed, Review, Duplicates int

	Cost cascade.Cost // of all of it, what was broken off or asked for again included
}

// Output is the file of a run's answers. It is safe for concurrent use by one process, and keeps
// others out. A line that Put has written outlives the process; within a second it outlives the
// machine's power.
type Output struct {
	opts   Options
	format format

	mu       sync.Mutex
	f        *os.File
	note     note
	size     int64
	answered map[mark]struct{} // files
	byDigest map[mark]place    // the first answer to some bytes
	asked    map[mark]chan struct{}
	totals   Totals
	lost     cascade.Cost // that the note does not tell of yet
	synced   time.Time
	failed   error // of a write: nothing more is written
}

// mark is a digest that tells one thing from all others.
type mark [16]byte

// place is where a line is.
type place struct {
	at     int64
	length int32
}

// Open opens an output to go on with it, or begins it. A half-written line at its end is cut off;
// lines about files that have changed since are taken out.
func Open(o Options) (_ *Output, err error) {
	out := &Output{opts: o, byDigest: make(map[mark]place), answered: make(map[mark]struct{}), asked: make(map[mark]chan struct{})}
	out.totals.Cost, out.lost = cascade.Cost{Known: true}, cascade.Cost{Known: true}
	if out.format, err = formatOf(o.Path); err != nil {
		return nil, err
	}
	if out.f, err = openLocked(o.Path); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, out.f.Close())
		}
	}()
	if o.Restart {
		if err := errors.Join(out.f.Truncate(0), removeNote(o.Path)); err != nil {
			return nil, unwritable(o.Path, err)
		}
	}
	if err := out.begin(); err != nil {
		return nil, err
	}
	if err := out.read(); err != nil {
		return nil, err
	}
	out.totals.Cost = out.totals.Cost.Plus(out.note.Lost)
	return out, nil
}

// openLocked opens a file that another process may be about to replace.
func openLocked(path string) (*os.File, error) {
	for {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
		if err != nil {
			return nil, unwritable(path, err)
		}
		free, err := lock(f)
		switch {
		case err != nil:
			err = unwritable(path, err)
		case !free:
			err = fault.New(Taken, nil, "another docsift is writing %s", path)
		}
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
		is, err1 := f.Stat()
		now, err2 := os.Stat(path)
		if err := errors.Join(err1, err2); err != nil {
			return nil, errors.Join(unwritable(path, err), f.Close())
		}
		if os.SameFile(is, now) && now.Mode().IsRegular() {
			return f, nil
		}
		f.Close()
		if !now.Mode().IsRegular() {
			return nil, fault.New(fault.Invalid, nil, "%s is no file", path)
		}
	}
}

func removeNote(path string) error {
	if err := os.Remove(NotePath(path)); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// begin holds the settings to those of the note, or notes them.
func (o *Output) begin() error {
	info, err := o.f.Stat()
	if err != nil {
		return unwritable(o.opts.Path, err)
	}
	n, err := readNote(o.opts.Path)
	switch {
	case err != nil:
		return err
	case n == nil && info.Size() > 0:
		return fault.New(Foreign, nil, "%s is there already, and no run has written it: choose another output, or replace it with --restart", o.opts.Path)
	case n != nil && (info.Size() > 0 || n.Batch != ""):
		o.note = *n
		return n.refuse(o.opts.Path, o.opts.Settings)
	}
	o.note = note{Version: o.opts.Version, Begun: time.Now().UTC().Truncate(time.Second), Settings: o.opts.Settings, Lost: cascade.Cost{Known: true}}
	if n != nil {
		o.note.Lost = n.Lost
	}
	return o.note.write(o.opts.Path)
}

// Answered reports whether the output says what a file is.
func (o *Output) Answered(f File) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	_, ok := o.answered[o.mark(f)]
	return ok
}

// mark tells a file from all others, as the format can tell.
func (o *Output) mark(f File) mark {
	name := f.Name()
	if _, csv := o.format.(table); csv {
		name = plain(name)
	}
	h := sha256.New()
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(f.Bytes)))
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(f.Modified.UnixNano())))
	io.WriteString(h, name)
	return mark(h.Sum(nil)[:16])
}

func digestMark(digest string) mark {
	sum := sha256.Sum256([]byte(digest))
	return mark(sum[:16])
}

// Claim returns the answer to a document of that digest, if there is one. It waits for one that
// is being asked for. Where there is none, the caller is to ask, and then to call done.
func (o *Output) Claim(ctx context.Context, digest string) (answer *Line, done func(), err error) {
	m := digestMark(digest)
	for {
		o.mu.Lock()
		if p, ok := o.byDigest[m]; ok {
			defer o.mu.Unlock()
			l, err := o.at(p)
			return &l, func() {}, err
		}
		wait, ok := o.asked[m]
		if !ok {
			wait = make(chan struct{})
			o.asked[m] = wait
			o.mu.Unlock()
			return nil, func() { o.release(m, wait) }, nil
		}
		o.mu.Unlock()
		select {
		case <-ctx.Done():
			return nil, func() {}, fault.New(fault.Canceled, ctx.Err(), "interrupted")
		case <-wait:
		}
	}
}

func (o *Output) release(m mark, wait chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.asked, m)
	close(wait)
}

func (o *Output) at(p place) (Line, error) {
	b := make([]byte, p.length)
	if _, err := o.f.ReadAt(b, p.at); err != nil {
		return Line{}, fmt.Errorf("read %s: %w", o.opts.Path, err)
	}
	return o.format.decode(b)
}

// Put writes an answer. After an error nothing more is written, and the output ends with a whole line.
func (o *Output) Put(l Line) error {
	b, err := o.format.encode(l)
	if err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.failed != nil {
		return o.failed
	}
	if err := o.append(b); err != nil {
		return err
	}
	o.count(l, place{o.size - int64(len(b)), int32(len(b))})
	if now := time.Now(); now.Sub(o.synced) > time.Second {
		o.synced = now
		o.failed = unwritable(o.opts.Path, o.f.Sync())
	}
	return o.failed
}

// append writes whole bytes or none.
func (o *Output) append(b []byte) error {
	n, err := o.f.WriteAt(b, o.size)
	if err == nil {
		o.size += int64(n)
		return nil
	}
	o.failed = unwritable(o.opts.Path, errors.Join(err, o.f.Truncate(o.size)))
	return o.failed
}

// count takes note of a line.
func (o *Output) count(l Line, p place) {
	o.answered[o.mark(l.File)] = struct{}{}
	if digest := l.Document.SHA256; digest != "" {
		if _, known := o.byDigest[digestMark(digest)]; !known {
			o.byDigest[digestMark(digest)] = p
		}
	}
	o.totals.Cost = o.totals.Cost.Plus(l.Cost)
	switch {
	case l.failed():
		o.totals.Failed++
	case l.Review.Needed:
		o.totals.Review++
		fallthrough
	default:
		o.totals.Done++
	}
	if l.File.DuplicateOf != "" {
		o.totals.Duplicates++
	}
}

// Spend counts what was paid for an answer that never came.
func (o *Output) Spend(c cascade.Cost) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.lost, o.totals.Cost = o.lost.Plus(c), o.totals.Cost.Plus(c)
}

// Totals sums up what the output holds.
func (o *Output) Totals() Totals {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.totals
}

// Sync makes what was written outlive the machine's power.
func (o *Output) Sync() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return unwritable(o.opts.Path, o.f.Sync())
}

// Batch returns the batch of a server that the answers come from, or "".
func (o *Output) Batch() string { return o.note.Batch }

// SetBatch notes the batch of a server that the answers come from.
func (o *Output) SetBatch(id string) error {
	o.note.Batch = id
	return o.note.write(o.opts.Path)
}

// Is reports whether a path leads to the output or to what is beside it.
func (o *Output) Is(path string) bool {
	if !strings.HasPrefix(filepath.Base(path), filepath.Base(o.opts.Path)) {
		return false
	}
	info, err := os.Stat(path)
	if err != nil {
		return false
	}
	return slices.ContainsFunc([]string{o.opts.Path, NotePath(o.opts.Path), SentPath(o.opts.Path)}, func(own string) bool {
		is, err := os.Stat(own)
		return err == nil && os.SameFile(is, info)
	})
}

// Close makes all that was written safe.
func (o *Output) Close() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	var err error
	if o.lost.Estimated() > 0 || !o.lost.Known {
		o.note.Lost = o.note.Lost.Plus(o.lost)
		err = o.note.write(o.opts.Path)
	}
	return errors.Join(err, unwritable(o.opts.Path, errors.Join(o.f.Sync(), o.f.Close())))
}

// unwritable says why an output cannot be written.
func unwritable(path string, err error) error {
	switch {
	case err == nil:
		return nil
	case isFull(err):
		return fault.New(fault.StorageFull, err, "there is no room for %s: what it holds is whole; make room and run the command again", path)
	}
	return fault.New(fault.Storage, err, "%s cannot be written: %v", path, err)
}
