package ledger

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
)

// permission of what is written: the account names documents and keys' settings.
const permission = 0o600

// every is how many bytes of entries may be read anew at a start.
const every = 4 << 20

// day is the account of one day.
type day struct {
	tally
	path    string // "" keeps nothing
	file    *os.File
	offset  int64  // how much of the file is in the tally
	summed  int64  // how much of it the file of sums has
	buf     []byte // of reading
	own     []own  // what this process has written and not read back yet
	pending []byte
	torn    bool // the last write may have ended in the middle of a line
}

// own is an entry and how it was written, so that it need not be decoded.
type own struct {
	line  []byte
	entry Entry
}

// sums is what stands in the file of sums.
type sums struct {
	Offset int64 `json:"offset"`
	tally
}

// open opens the file and takes up where the file of sums ends.
func (d *day) open(create bool) error {
	if d.file != nil || d.path == "" {
		return nil
	}
	flags := os.O_RDWR | os.O_APPEND
	if create {
		if err := os.MkdirAll(filepath.Dir(d.path), 0o700); err != nil {
			return err
		}
		flags |= os.O_CREATE
	}
	file, err := os.OpenFile(d.path, flags, permission)
	if err != nil {
		return err
	}
	d.file, d.torn = file, d.torn || cutShort(file)
	if d.offset == 0 {
		d.resume()
	}
	return nil
}

// cutShort reports whether a file ends in the middle of a line.
func cutShort(file *os.File) bool {
	var last [1]byte
	info, err := file.Stat()
	if err != nil || info.Size() == 0 {
		return false
	}
	_, err = file.ReadAt(last[:], info.Size()-1)
	return err == nil && last[0] != '\n'
}

// resume takes the tally from the file of sums, where that fits the day's file.
func (d *day) resume() {
	data, err := os.ReadFile(d.path + ".sum")
	if err != nil {
		return
	}
	s := sums{tally: newTally()}
	info, err := d.file.Stat()
	if json.Unmarshal(data, &s) != nil || err != nil || s.Offset > info.Size() {
		return
	}
	d.tally, d.offset, d.summed = s.tally, s.Offset, s.Offset
}

// read takes in what was written since, by whichever process.
func (d *day) read() error {
	switch err := d.open(false); {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return err
	case d.path == "":
		return nil
	}
	if d.buf == nil {
		d.buf = make([]byte, 64<<10)
	}
	for buf := d.buf; ; {
		n, err := d.file.ReadAt(buf, d.offset)
		whole := bytes.LastIndexByte(buf[:n], '\n') + 1
		d.take(buf[:whole])
		d.offset += int64(whole)
		switch {
		case whole == 0 && n == len(buf): // a line as long as that is none of ours
			d.Damaged++
			d.offset += int64(n)
		case err == io.EOF:
			return d.sum(every)
		case err != nil:
			return err
		}
	}
}

func (d *day) take(lines []byte) {
	for line := range bytes.Lines(lines) {
		var e Entry
		switch {
		case len(line) == 1:
		case len(d.own) > 0 && bytes.Equal(line, d.own[0].line):
			d.add(d.own[0].entry)
			d.own = d.own[1:]
		case json.Unmarshal(line, &e) != nil:
			d.Damaged++
		default:
			d.add(e)
		}
	}
}

// write adds an entry, behind those that could not be written before. One that closes is kept
// when it cannot be written; one that opens is not, because its request is not sent.
func (d *day) write(e Entry) error {
	if d.path == "" {
		d.add(e)
		return nil
	}
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encode entry: %w", err)
	}
	line = append(line, '\n')
	switch err = d.put(line); {
	case err == nil:
		d.own = append(d.own, own{line, e})
	case e.Closed != nil:
		d.pending = append(d.pending, line...)
	}
	return err
}

func (d *day) put(line []byte) error {
	if err := d.open(true); err != nil {
		return err
	}
	if len(d.pending) > 0 || d.torn {
		head := d.pending
		if d.torn {
			head = append([]byte{'\n'}, head...)
		}
		line = append(head, line...)
	}
	n, err := d.file.Write(line)
	if err != nil {
		d.torn = d.torn || n > 0
		return err
	}
	d.pending, d.torn = nil, false
	return nil
}

// sum writes the sums when more than least bytes came since.
func (d *day) sum(least int64) error {
	if d.offset-d.summed <= least {
		return nil
	}
	data, err := json.Marshal(sums{d.offset, d.tally})
	if err != nil {
		return fmt.Errorf("encode sums: %w", err)
	}
	temp := d.path + ".sum.tmp" + strconv.Itoa(os.Getpid())
	if err := os.WriteFile(temp, data, permission); err != nil {
		return nil // it saves time at the next start, and nothing else
	}
	if os.Rename(temp, d.path+".sum") == nil {
		d.summed = d.offset
	}
	return nil
}

func (d *day) close() error {
	if d.file == nil {
		return nil
	}
	err := errors.Join(d.flush(), d.read(), d.sum(0), d.file.Close())
	d.file, d.buf, d.own = nil, nil, nil
	return err
}

// flush writes what could not be written before.
func (d *day) flush() error {
	if len(d.pending) == 0 {
		return nil
	}
	return d.put(nil)
}
