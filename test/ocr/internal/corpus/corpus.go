//go:build ocr

// Package corpus walks a folder of labelled documents for the measuring programs.
package corpus

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/extract/all"
)

// Document is one that was read.
type Document struct {
	Name, Label string
	Content     *extract.Content
	Raw         *document.Document
}

// HasText reports whether a page has text to judge by.
func (d Document) HasText() bool {
	return slices.ContainsFunc(d.Content.Pages, func(p extract.Page) bool { return extract.Readable(p.Text) })
}

// Walk reads the documents that manifest.tsv in folder names, every nth of them that pass
// keep, and hands them to use one by one. What cannot be read is passed over.
func Walk(folder string, nth int, keep func(Document) bool, use func(Document) error) error {
	rows, err := manifest(folder)
	if err != nil {
		return err
	}
	x := all.New(all.Options{})
	defer x.Close()
	seen := 0
	for _, row := range rows {
		d, err := read(x, folder, row["file"])
		if err != nil {
			continue
		}
		d.Label = row["label"]
		if !keep(d) {
			continue
		}
		if seen++; seen%nth != 0 {
			continue
		}
		if err := use(d); err != nil {
			return fmt.Errorf("%s: %w", d.Name, err)
		}
	}
	if seen == 0 {
		return errors.New("the folder holds no such document")
	}
	return nil
}

func read(x extract.Extractor, folder, name string) (Document, error) {
	f, err := os.Open(filepath.Join(folder, name))
	if err != nil {
		return Document{}, err
	}
	defer f.Close()
	raw, err := document.Read(f, name, document.Options{})
	if err != nil {
		return Document{}, err
	}
	c, err := x.Extract(context.Background(), raw)
	return Document{Name: name, Content: c, Raw: raw}, err
}

// manifest returns the rows of manifest.tsv by the names of their columns.
func manifest(folder string) ([]map[string]string, error) {
	f, err := os.Open(filepath.Join(folder, "manifest.tsv"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma, r.LazyQuotes, r.FieldsPerRecord = '\t', true, -1
	head, err := r.Read()
	if err != nil {
		return nil, err
	}
	var rows []map[string]string
	for {
		fields, err := r.Read()
		if err == io.EOF {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
		row := make(map[string]string)
		for i := range min(len(head), len(fields)) {
			row[head[i]] = fields[i]
		}
		rows = append(rows, row)
	}
}

// Words counts the words of three or more letters and digits, in lower case.
func Words(text string) map[string]int {
	words := make(map[string]int)
	for _, w := range regexp.MustCompile(`[\pL\pN]{3,}`).FindAllString(strings.ToLower(text), -1) {
		words[w]++
	}
	return words
}

// Found returns how many of the wanted words are among the others, and how many are wanted.
func Found(want, among map[string]int) (found, wanted int) {
	for w, n := range want {
		found += min(n, among[w])
		wanted += n
	}
	return found, wanted
}
