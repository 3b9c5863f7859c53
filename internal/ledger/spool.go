package ledger

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"

	"github.com/docsift/docsift/fault"
)

// Spool is a file in which entries wait, in their order, for an account that does not answer. An
// entry has reached the operating system when Put returns. It is for one caller at a time.
type Spool struct {
	path string // "" keeps nothing
	most int64

	file    *os.File
	size    int64
	pending []byte // ends that could not be written
	torn    bool   // the last write may have ended in the middle of a line

	done int64 // bytes that Done was told of
	seen int64 // bytes that Next has returned
}

// NewSpool returns a spool that has nothing in it. Its file is made when the first entry comes.
func NewSpool(path string, most int64) *Spool { return &Spool{path: path, most: most} }

// Put keeps an entry. It is fault.Unrecorded where that cannot be done; one that closes is then
// kept in memory and written with the next.
func (s *Spool) Put(e Entry) error {
	if s.path == "" {
		return fault.New(fault.Unrecorded, nil, "nothing is sent, because the database does not answer and there is no folder for what it would keep")
	}
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	line = append(line, '\n')
	if e.Closed == nil && s.size+int64(len(line)) > s.most {
		return fault.New(fault.Unrecorded, nil, "nothing is sent, because the database does not answer and %d MiB wait for it already", s.most>>20)
	}
	if err = s.write(line); err == nil {
		return nil
	}
	if e.Closed != nil {
		s.pending = append(s.pending, line...)
	}
	return fault.New(fault.Unrecorded, err, "nothing is sent, because neither the database nor the folder beside it can be written: %v", reason(err))
}

func (s *Spool) write(line []byte) error {
	if s.file == nil {
		if err := os.MkdirAll(filepath.Dir(s.path), 0o700); err != nil {
			return err
		}
		file, err := os.OpenFile(s.path, os.O_RDWR|os.O_APPEND|os.O_CREATE, permission)
		if err != nil {
			return err
		}
		s.file = file
	}
	all := append(bytes.Clone(s.pending), line...)
	if s.torn {
		all = append([]byte{'\n'}, all...)
	}
	n, err := s.file.Write(all)
	s.size += int64(n)
	if err != nil {
		s.torn = s.torn || n > 0
		return err
	}
	s.pending, s.torn = nil, false
	return nil
}

// Next returns up to n of the entries that wait, the oldest first: those after the ones that Done
// was told of.
func (s *Spool) Next(n int) ([]Entry, error) {
	s.seen = s.done
	if s.file == nil {
		return nil, nil
	}
	all, read, err := next(io.NewSectionReader(s.file, s.done, 1<<62), n)
	s.seen += read
	return all, err
}

// Done says that what Next returned last need not wait any more.
func (s *Spool) Done() { s.done = s.seen }

// Rest removes the file if nothing waits in it, and reports whether that is so.
func (s *Spool) Rest() bool {
	if len(s.pending) > 0 && s.write(nil) != nil || s.done < s.size {
		return false
	}
	if s.file != nil {
		s.file.Close()
		os.Remove(s.path)
	}
	s.file, s.size, s.done, s.seen, s.torn = nil, 0, 0, 0, false
	return true
}

// Close leaves what waits for the next process.
func (s *Spool) Close() error {
	if s.Rest() || s.file == nil {
		return nil
	}
	return s.file.Close()
}

// next reads up to n entries, and says how many bytes they and what is none take.
func next(r io.Reader, n int) (all []Entry, read int64, err error) {
	buf := make([]byte, 0, 64<<10)
	for len(all) < n {
		got, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+got]
		rest := buf
		for len(all) < n {
			line, after, whole := bytes.Cut(rest, []byte{'\n'})
			if !whole {
				break
			}
			var e Entry
			if json.Unmarshal(line, &e) == nil {
				all = append(all, e)
			}
			read += int64(len(line)) + 1
			rest = after
		}
		switch {
		case len(rest) == cap(buf): // no line of ours is as long as that
			read += int64(len(rest))
			rest = nil
		case err == io.EOF:
			return all, read, nil
		case err != nil:
			return all, read, err
		}
		buf = buf[:copy(buf[:cap(buf)], rest)]
	}
	return all, read, nil
}

// Follow calls take with up to n entries at a time of what a file holds from an offset on, and
// returns where it ends: to go on from there another time. It ends at an error of take.
func Follow(file *os.File, from int64, n int, take func([]Entry) error) (int64, error) {
	for {
		all, read, err := next(io.NewSectionReader(file, from, 1<<62), n)
		if err == nil && len(all) > 0 {
			err = take(all)
		}
		if err != nil || read == 0 {
			return from, err
		}
		from += read
	}
}
