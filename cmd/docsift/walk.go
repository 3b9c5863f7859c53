package main

import (
	"errors"
	"io/fs"
	"iter"
	"path/filepath"
	"strings"

	"github.com/docsift/docsift/fault"
)

// source is one document to read, or why a path is none.
type source struct {
	path  string
	stdin bool
	err   error
}

// walk yields the documents that paths name: files as they are, folders file by file in the
// order of their names, - for standard input. In folders, hidden files are passed over and
// symbolic links to folders are not followed, so that no loop can catch it.
func walk(paths []string) iter.Seq[source] {
	return func(yield func(source) bool) {
		for _, p := range paths {
			if p == "-" {
				if !yield(source{path: p, stdin: true}) {
					return
				}
				continue
			}
			if !walkTree(p, yield) {
				return
			}
		}
	}
}

func walkTree(root string, yield func(source) bool) bool {
	errStop := errors.New("stop")
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		hidden := path != root && strings.HasPrefix(filepath.Base(path), ".")
		switch {
		case err != nil:
			if !yield(source{path: path, err: unreadable(err)}) {
				return errStop
			}
			return nil
		case hidden && entry.IsDir():
			return fs.SkipDir
		case hidden || entry.IsDir():
			return nil
		}
		if !yield(source{path: path}) {
			return errStop
		}
		return nil
	})
	return err == nil
}

func unreadable(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fault.New(fault.BadPath, err, "no such file or folder")
	case errors.Is(err, fs.ErrPermission):
		return fault.New(fault.BadPath, err, "no permission to read it")
	}
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		return fault.New(fault.BadPath, err, "cannot be read: %v", pathErr.Err)
	}
	return fault.New(fault.BadPath, err, "cannot be read")
}
