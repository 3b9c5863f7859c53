package main

import (
	"errors"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"github.com/docsift/docsift/fault"
)

// source is one document to read, or why a path is none.
type source struct {
	path  string
	stdin bool
	empty bool // a folder in which there is none
	err   error
}

// walk yields the documents that paths name: files as they are, folders file by file in the
// order of their names, - for standard input. A path that is no document is yielded too, for
// reading it to say why, and so is a folder without any. Below a folder, hidden files, links to folders, and what is no file
// (sockets, pipes, devices) are passed over, so that no loop can catch it.
func walk(paths []string) iter.Seq[source] {
	return func(yield func(source) bool) {
		for _, p := range paths {
			info, err := os.Stat(p)
			more := false
			switch {
			case p == "-":
				more = yield(source{path: p, stdin: true})
			case err == nil && info.IsDir():
				found := false
				more = walkFolder(p, func(s source) bool {
					found = true
					return yield(s)
				})
				if !found {
					more = yield(source{path: p, empty: true})
				}
			default:
				more = yield(source{path: p})
			}
			if !more {
				return
			}
		}
	}
}

func walkFolder(dir string, yield func(source) bool) bool {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		switch {
		case strings.HasPrefix(e.Name(), "."):
		case e.IsDir():
			if !walkFolder(path, yield) {
				return false
			}
		case isFile(path, e):
			if !yield(source{path: path}) {
				return false
			}
		}
	}
	if err != nil {
		return yield(source{path: dir, err: unreadableFolder(err)})
	}
	return true
}

// isFile reports whether an entry of a folder is a file or a link to one. A link that leads
// nowhere counts: somebody meant a file.
func isFile(path string, e fs.DirEntry) bool {
	if e.Type() != fs.ModeSymlink {
		return e.Type().IsRegular()
	}
	info, err := os.Stat(path)
	return err != nil || info.Mode().IsRegular()
}

func unreadableFolder(err error) error {
	cause := err
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		cause = p.Err // the path is told already
	}
	return fault.New(fault.BadPath, err, "the folder cannot be read: %v", cause)
}
