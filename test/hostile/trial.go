//go:build linux

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// expectation is what must happen to a file.
type expectation string

const (
	classify expectation = "must-classify"
	reject   expectation = "must-reject-with-clear-error"
	either   expectation = "either-but-no-crash"
)

// trial is one request to make.
type trial struct {
	kind   string
	name   string // of the trial, for people
	expect expectation
	codes  []string // that a refusal may carry; none: any

	path     string // of the file to send; "" where text is sent
	text     string
	filename string // as the form gives it
	raw      string // content type of a body that is sent as it is, without a form
}

// load reads the manifest and the lists beside it.
func load(folder, kind string) ([]trial, error) {
	trials, err := manifest(folder)
	if err != nil {
		return nil, err
	}
	for _, more := range []func(string) ([]trial, error){filenames, injections} {
		got, err := more(folder)
		if err != nil {
			return nil, err
		}
		trials = append(trials, got...)
	}
	if kind == "" {
		return trials, nil
	}
	var of []trial
	for _, t := range trials {
		if t.kind == kind {
			of = append(of, t)
		}
	}
	if len(of) == 0 {
		return nil, fmt.Errorf("no file of kind %q", kind)
	}
	return of, nil
}

func manifest(folder string) ([]trial, error) {
	var trials []trial
	err := lines(filepath.Join(folder, "manifest.tsv"), func(n int, line string) error {
		f := strings.Split(line, "\t")
		if n == 1 {
			return nil // the head
		}
		if len(f) < 4 {
			return fmt.Errorf("line %d of the manifest has %d columns", n, len(f))
		}
		_, name, _ := strings.Cut(filepath.Base(f[0]), "-") // the digest before it is the manifest's own
		t := trial{
			kind: f[1], name: f[0], expect: expectation(f[2]),
			path: filepath.Join(folder, f[0]), filename: name,
		}
		if f[3] != "" {
			t.codes = strings.Split(f[3], "|")
		}
		switch t.kind {
		case "http-fuzz-json":
			t.raw = "application/json"
		case "http-fuzz-multipart":
			t.raw = "multipart/form-data; boundary=xxx"
		}
		trials = append(trials, t)
		return nil
	})
	return trials, err
}

const harmless = "Invoice number 17\nBill to: A. Person\nAmount due: 20.00\nPayment terms: 30 days\n"

// filenames are names that a form may give to a harmless text.
func filenames(folder string) ([]trial, error) {
	data, err := os.ReadFile(filepath.Join(folder, "filenames.json"))
	if err != nil {
		return nil, err
	}
	var names []string
	if err := json.Unmarshal(data, &names); err != nil {
		return nil, fmt.Errorf("read filenames.json: %w", err)
	}
	var trials []trial
	for i, n := range names {
		trials = append(trials, trial{kind: "file-name", name: fmt.Sprintf("filenames.json #%d", i+1), expect: either, text: harmless, filename: n})
	}
	return trials, nil
}

// injections are texts that try to talk a model out of its task.
func injections(folder string) ([]trial, error) {
	var trials []trial
	err := lines(filepath.Join(folder, "injection.jsonl"), func(n int, line string) error {
		var row struct{ Text, Context string }
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			return fmt.Errorf("line %d of injection.jsonl: %w", n, err)
		}
		if strings.TrimSpace(row.Text+row.Context) != "" {
			trials = append(trials, trial{
				kind: "injection", name: fmt.Sprintf("injection.jsonl #%d", n), expect: either,
				text: row.Context + "\n" + row.Text, filename: "letter.txt",
			})
		}
		return nil
	})
	return trials, err
}

func lines(path string, f func(n int, line string) error) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	s := bufio.NewScanner(file)
	s.Buffer(nil, 16<<20)
	for n := 1; s.Scan(); n++ {
		if err := f(n, s.Text()); err != nil {
			return err
		}
	}
	return s.Err()
}
