// Command samplegen writes the sample documents that newcomers classify first.
// The same source writes the same bytes on every run, so the files are committed
// and a test sees when they drift. Every name, number and place in them is invented.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

func main() {
	dir := flag.String("o", "samples", "folder to write to")
	flag.Parse()
	if err := writeAll(*dir); err != nil {
		fmt.Fprintln(os.Stderr, "samplegen:", err)
		os.Exit(1)
	}
}

// sample is one file of the set.
type sample struct {
	path   string // below the output folder: industry/category-slug.ext
	render func() ([]byte, error)
}

func samples() []sample {
	return slices.Concat(
		financeSamples(),
		healthcareSamples(),
		hrSamples(),
		insuranceSamples(),
		legalSamples(),
		realEstateSamples(),
	)
}

func writeAll(dir string) error {
	for _, s := range samples() {
		if err := write(filepath.Join(dir, s.path), s); err != nil {
			return err
		}
	}
	return nil
}

func write(path string, s sample) error {
	data, err := s.render()
	if err != nil {
		return fmt.Errorf("render %s: %w", s.path, err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		return fmt.Errorf("write sample: %w", err)
	}
	return nil
}

// asPDF, asDocx and asText defer the rendering of a description.
func asPDF(d func() doc) func() ([]byte, error) {
	return func() ([]byte, error) { return renderPDF(d()) }
}

func asDocx(d func() doc) func() ([]byte, error) {
	return func() ([]byte, error) { return renderDocx(d()) }
}

func asText(text string) func() ([]byte, error) {
	return func() ([]byte, error) { return []byte(text), nil }
}
