package bulk

import (
	"bufio"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/docsift/docsift/fault"
)

// read takes note of what an output holds, and puts it in order.
func (o *Output) read() error {
	s := scan{out: o, r: bufio.NewReaderSize(o.f, 1<<20)}
	stale, err := s.all()
	if err != nil {
		return err
	}
	if err := o.f.Truncate(s.at); err != nil { // a line that was being written
		return unwritable(o.opts.Path, err)
	}
	o.size = s.at
	if len(stale) > 0 {
		return o.without(stale)
	}
	if o.size == 0 {
		return o.append(o.format.head())
	}
	return nil
}

// scan goes through an output line by line.
type scan struct {
	out *Output
	r   *bufio.Reader
	at  int64
}

// all counts the lines that stand, and returns the places of those that do not.
func (s *scan) all() (stale map[int64]bool, err error) {
	stale = make(map[int64]bool)
	number := 0
	for {
		b, err := s.line()
		number++
		switch {
		case errors.Is(err, io.EOF):
			return stale, nil
		case errors.Is(err, errEndless):
			return nil, s.damaged(number, err)
		case err != nil:
			return nil, unwritable(s.out.opts.Path, err)
		}
		head := s.out.format.head()
		if number == 1 && len(head) > 0 {
			if !isHead(b) {
				return nil, s.damaged(number, nil)
			}
			s.at += int64(len(b))
			continue
		}
		l, err := s.out.format.decode(b)
		if err != nil {
			if _, more := s.r.Peek(1); more == nil {
				return nil, s.damaged(number, err)
			}
			return stale, nil // the last one was not written whole before the power went
		}
		if s.out.stale(l) {
			stale[s.at] = true
			s.out.note.Lost = s.out.note.Lost.Plus(l.Cost)
		} else {
			s.out.count(l, place{s.at, int32(len(b))})
		}
		s.at += int64(len(b))
	}
}

func (s *scan) damaged(number int, err error) error {
	return fault.New(Damaged, err, "line %d of %s is no answer: take it out, or begin anew with --restart", number, s.out.opts.Path)
}

// mostBreaks is how many ends of lines a path and the other fields of a table may have in all.
const mostBreaks = 300

// line returns the next whole line. What comes after the last one is io.EOF.
func (s *scan) line() ([]byte, error) {
	var b []byte
	for range mostBreaks {
		part, err := s.r.ReadBytes('\n')
		b = append(b, part...)
		if err != nil {
			return nil, err
		}
		if s.out.format.whole(b) {
			return b, nil
		}
	}
	return nil, errEndless
}

// errEndless says that quotes are not closed: what follows may well be answers.
var errEndless = errors.New("the quotes are not closed")

// stale reports whether a line is about a file that has changed since, or that is to be asked about again.
func (o *Output) stale(l Line) bool {
	if o.opts.RetryFailed && l.failed() {
		return true
	}
	info, err := os.Stat(l.File.Name())
	return err == nil && o.mark(NewFile(l.File.Name(), info.Size(), info.ModTime())) != o.mark(l.File)
}

// without writes the output again, without the lines at some places. Until that is done the old one stands.
func (o *Output) without(stale map[int64]bool) error {
	next, err := os.CreateTemp(filepath.Dir(o.opts.Path), "."+filepath.Base(o.opts.Path)+"-*")
	if err != nil {
		return unwritable(o.opts.Path, err)
	}
	defer os.Remove(next.Name()) // nothing when it has its name
	if err := o.copy(next, stale); err != nil {
		return errors.Join(unwritable(o.opts.Path, err), next.Close())
	}
	if err := o.note.write(o.opts.Path); err != nil { // first: rather count twice than not at all
		return errors.Join(err, next.Close())
	}
	return o.replace(next)
}

func (o *Output) copy(to *os.File, stale map[int64]bool) error {
	if _, err := o.f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	s, w := scan{out: o, r: bufio.NewReaderSize(o.f, 1<<20)}, bufio.NewWriterSize(to, 1<<20)
	for s.at < o.size {
		b, err := s.line()
		if err != nil {
			return err
		}
		if !stale[s.at] {
			if _, err := w.Write(b); err != nil {
				return err
			}
		}
		s.at += int64(len(b))
	}
	return w.Flush()
}

// replace puts another file in the place of the output, and reads it.
func (o *Output) replace(next *os.File) error {
	if _, err := lock(next); err != nil {
		return errors.Join(unwritable(o.opts.Path, err), next.Close())
	}
	err := errors.Join(next.Sync(), next.Chmod(0o644), os.Rename(next.Name(), o.opts.Path), syncFolder(filepath.Dir(o.opts.Path)))
	if err != nil {
		return errors.Join(unwritable(o.opts.Path, err), next.Close())
	}
	old := o.f
	o.f = next
	if err := old.Close(); err != nil {
		return unwritable(o.opts.Path, err)
	}
	return o.again()
}

// again reads the output from its beginning.
func (o *Output) again() error {
	if _, err := o.f.Seek(0, io.SeekStart); err != nil {
		return unwritable(o.opts.Path, err)
	}
	clear(o.answered)
	clear(o.byDigest)
	o.totals = Totals{Cost: o.lost} // nothing yet
	o.opts.RetryFailed = false
	return o.read()
}
