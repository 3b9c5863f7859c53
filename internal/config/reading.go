package config

import (
	"runtime"
	"slices"
	"strconv"
	"time"

	"github.com/docsift/docsift/fault"
)

// Reading says who reads documents and what one may cost. Load leaves none of it at 0 that was
// not set to it.
type Reading struct {
	Children int           // DOCSIFT_CHILDREN: processes that read PDFs, and as many for the rest; 0: none; default one per CPU, at most 4
	Memory   int           // DOCSIFT_MAX_MEMORY: bytes that a child may hold; default 512 MiB
	Timeout  time.Duration // DOCSIFT_READ_TIMEOUT: for one document, or one page to draw; default 8s

	Pages    int // DOCSIFT_MAX_PAGES: pages that are read from the front; the last always is; default 3
	Pixels   int // DOCSIFT_MAX_PIXELS: of a picture, width times height; default 60 million
	Unpacked int // DOCSIFT_MAX_UNPACKED: bytes that an office file may unpack to; default 200 MiB
	Entries  int // DOCSIFT_MAX_ENTRIES: parts that an office file may have; default 10,000
	Ratio    int // DOCSIFT_MAX_RATIO: times its packed size that a part may have; default 200
	Depth    int // DOCSIFT_MAX_DEPTH: how deep elements of an office file may nest; default 256
	Text     int // DOCSIFT_MAX_TEXT: bytes of text that are kept of a document; default 1 MiB

	OCR       string // DOCSIFT_OCR: auto, tesseract, embedded or off; default auto
	Languages string // DOCSIFT_OCR_LANGUAGES: for the tesseract command, such as eng+fra; default eng
}

// OCR engines that can be asked for.
const (
	OCRAuto     = "auto" // the command where it is installed, else the embedded one
	OCRCommand  = "tesseract"
	OCREmbedded = "embedded"
	OCROff      = "off"
)

// maxChildren is how many of each kind may be asked for, autoChildren how many there are unasked.
const (
	maxChildren  = 64
	autoChildren = 4
)

func (c Config) reading() (Reading, error) {
	n := numbers{config: c}
	r := Reading{
		Children:  n.within("DOCSIFT_CHILDREN", min(runtime.GOMAXPROCS(0), autoChildren), 0, maxChildren),
		Memory:    n.above0("DOCSIFT_MAX_MEMORY", "bytes", 512<<20),
		Timeout:   n.time("DOCSIFT_READ_TIMEOUT", 8*time.Second),
		Pages:     n.above0("DOCSIFT_MAX_PAGES", "pages", 3),
		Pixels:    n.above0("DOCSIFT_MAX_PIXELS", "pixels", 60_000_000),
		Unpacked:  n.above0("DOCSIFT_MAX_UNPACKED", "bytes", 200<<20),
		Entries:   n.above0("DOCSIFT_MAX_ENTRIES", "parts", 10_000),
		Ratio:     n.above0("DOCSIFT_MAX_RATIO", "times", 200),
		Depth:     n.above0("DOCSIFT_MAX_DEPTH", "levels", 256),
		Text:      n.above0("DOCSIFT_MAX_TEXT", "bytes", 1<<20),
		OCR:       c.or("DOCSIFT_OCR", OCRAuto),
		Languages: c.or("DOCSIFT_OCR_LANGUAGES", "eng"),
	}
	if !slices.Contains([]string{OCRAuto, OCRCommand, OCREmbedded, OCROff}, r.OCR) {
		return r, fault.New(fault.Config, nil, "DOCSIFT_OCR=%s: use auto, tesseract, embedded or off", r.OCR)
	}
	return r, n.err
}

// numbers reads settings that are numbers. It keeps the first error.
type numbers struct {
	config Config
	err    error
}

// above0 reads a number of something.
func (n *numbers) above0(name, of string, otherwise int) int {
	s := n.config.Getenv(name)
	if s == "" {
		return otherwise
	}
	v, err := strconv.Atoi(s)
	if err != nil || v <= 0 {
		n.refuse("%s=%s: give a number of %s above 0", name, s, of)
	}
	return v
}

func (n *numbers) within(name string, otherwise, least, most int) int {
	s := n.config.Getenv(name)
	if s == "" {
		return otherwise
	}
	v, err := strconv.Atoi(s)
	if err != nil || v < least || v > most {
		n.refuse("%s=%s: give a number from %d to %d", name, s, least, most)
	}
	return v
}

func (n *numbers) time(name string, otherwise time.Duration) time.Duration {
	s := n.config.Getenv(name)
	if s == "" {
		return otherwise
	}
	v, err := time.ParseDuration(s)
	if err != nil || v <= 0 {
		n.refuse("%s=%s: give a time above 0, such as %v", name, s, otherwise)
	}
	return v
}

func (n *numbers) refuse(format string, args ...any) {
	if n.err == nil {
		n.err = fault.New(fault.Config, nil, format, args...)
	}
}
