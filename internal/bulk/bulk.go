// Package bulk keeps the answers of a run over many files in one file, such that the run can be
// broken off by anything and goes on where it stopped: the answers themselves say what is done.
package bulk

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/fault"
)

// The kinds of errors of an Output.
const (
	Mixed   fault.Kind = "mixed_settings"  // what is there was answered under other settings
	Damaged fault.Kind = "damaged_output"  // a line in the midst of it is none
	Taken   fault.Kind = "output_in_use"   // another process writes it
	Foreign fault.Kind = "output_is_other" // what is there is no output
)

// File is what an answer is about: the file at a path, as it was when it was read. A file of
// another size or time of change is another one.
type File struct {
	Path     string    `json:"path"`
	Bytes    int64     `json:"bytes"`
	Modified time.Time `json:"modified"`

	// Raw is the path where it is no text that JSON can hold.
	Raw []byte `json:"path_bytes,omitempty"`

	// DuplicateOf is the path of the file of the same bytes whose answer this is.
	DuplicateOf string `json:"duplicate_of,omitempty"`
}

// NewFile returns the file at path.
func NewFile(path string, size int64, modified time.Time) File {
	f := File{Path: path, Bytes: size, Modified: modified.UTC()}
	if !utf8.ValidString(path) {
		f.Raw = []byte(path)
	}
	return f
}

// Name returns the path as the file system has it.
func (f File) Name() string {
	if f.Raw != nil {
		return string(f.Raw)
	}
	return f.Path
}

// Line is one answer of an output.
type Line struct {
	docsift.Result

	File File `json:"file"`
}

// failed reports whether a line tells of a document that has no answer.
func (l Line) failed() bool { return l.Error != nil || l.Status != docsift.Completed }

// format is how lines are written.
type format interface {
	head() []byte // what comes before the first line
	encode(Line) ([]byte, error)

	// decode reads a line with its end.
	decode([]byte) (Line, error)

	// whole reports whether b, which ends with an end of a line, is not within a longer one.
	whole(b []byte) bool
}

// formatOf returns how an output of that name is written.
func formatOf(path string) (format, error) {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".jsonl", ".ndjson":
		return lines{}, nil
	case ".csv":
		return table{}, nil
	}
	return nil, fault.New(fault.Invalid, nil, "%s: the name of an output ends in .jsonl or .csv", path)
}

// lines is JSON, an object a line.
type lines struct{}

func (lines) head() []byte { return nil }

func (lines) encode(l Line) ([]byte, error) {
	b, err := json.Marshal(l)
	return append(b, '\n'), err
}

func (lines) decode(b []byte) (l Line, err error) {
	if err = json.Unmarshal(b, &l); err == nil && l.File.Path == "" {
		err = fault.New(Foreign, nil, "it names no file")
	}
	return l, err
}

func (lines) whole([]byte) bool { return true }
