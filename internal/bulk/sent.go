package bulk

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"sync"
)

// SentPath is where an output's list of what a server has taken is.
func SentPath(output string) string { return output + ".sent" }

// Sent is the list of the files that a server has taken into the batch of an output. It is safe
// for concurrent use.
type Sent struct {
	out *Output

	mu    sync.Mutex
	f     *os.File
	size  int64
	files map[mark]struct{}
	byID  map[string]File
}

// sentLine is a file and the id under which the server has it.
type sentLine struct {
	ID   string `json:"id"`
	File File   `json:"file"`
}

// Sent opens the list of an output.
func (o *Output) Sent() (*Sent, error) {
	f, err := os.OpenFile(SentPath(o.opts.Path), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, unwritable(SentPath(o.opts.Path), err)
	}
	s := &Sent{out: o, f: f, files: make(map[mark]struct{}), byID: make(map[string]File)}
	r := bufio.NewReaderSize(f, 1<<20)
	for {
		b, err := r.ReadBytes('\n')
		var l sentLine
		if err == nil {
			err = json.Unmarshal(b, &l)
		}
		if err != nil { // the end, or what was being written: the server still knows it by its idempotency key
			break
		}
		s.note(l)
		s.size += int64(len(b))
	}
	if err := f.Truncate(s.size); err != nil {
		return nil, errors.Join(unwritable(SentPath(o.opts.Path), err), f.Close())
	}
	return s, nil
}

func (s *Sent) note(l sentLine) {
	s.files[s.out.mark(l.File)] = struct{}{}
	s.byID[l.ID] = l.File
}

// Has reports whether the server has a file.
func (s *Sent) Has(f File) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.files[s.out.mark(f)]
	return ok
}

// File returns the file that the server has under an id.
func (s *Sent) File(id string) (File, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, ok := s.byID[id]
	return f, ok
}

// Add notes that the server has taken a file.
func (s *Sent) Add(id string, f File) error {
	l := sentLine{id, f}
	b, err := json.Marshal(l)
	if err != nil {
		return err
	}
	b = append(b, '\n')
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.f.WriteAt(b, s.size); err != nil {
		return unwritable(SentPath(s.out.opts.Path), err)
	}
	s.size += int64(len(b))
	s.note(l)
	return nil
}

// Clear forgets all of it: the answers are in the output.
func (s *Sent) Clear() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.files)
	clear(s.byID)
	s.size = 0
	return unwritable(SentPath(s.out.opts.Path), s.f.Truncate(0))
}

// Close closes the list, which is removed if it is empty.
func (s *Sent) Close() error {
	err := s.f.Close()
	if s.size == 0 {
		err = errors.Join(err, os.Remove(SentPath(s.out.opts.Path)))
	}
	return err
}
