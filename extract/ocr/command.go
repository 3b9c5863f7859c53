package ocr

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/fault"
)

// CommandOptions configures a Command. The zero value is ready to use.
type CommandOptions struct {
	// Path is the command. Default "tesseract", looked for in PATH.
	Path string

	// Data is the folder of the models. Default the command's own.
	Data string

	// Language is a model's name, or several with a plus between, such as "eng+fra". Default
	// "eng".
	Language string
}

func (o CommandOptions) withDefaults() CommandOptions {
	if o.Path == "" {
		o.Path = "tesseract"
	}
	if o.Language == "" {
		o.Language = "eng"
	}
	return o
}

const (
	maxErrors = 1 << 10         // bytes of what the command complains about
	askTime   = 5 * time.Second // to say its version
)

// Command is an extract.Recognizer: the installed tesseract. It runs once for each page, on
// one thread, and is killed with its children when ctx ends.
type Command struct {
	opts CommandOptions
	info Info
}

// NewCommand looks for the command and asks it for its version and languages. A command that
// is not there, does not answer, or lacks the language is fault.Config.
func NewCommand(ctx context.Context, o CommandOptions) (*Command, error) {
	o = o.withDefaults()
	path, err := exec.LookPath(o.Path)
	if err == nil {
		path, err = filepath.Abs(path)
	}
	if err == nil && o.Data != "" {
		o.Data, err = filepath.Abs(o.Data)
	}
	if err != nil {
		return nil, fault.New(fault.Config, err, "no command %s: install tesseract-ocr, or give its path", o.Path)
	}
	c := &Command{opts: o}
	c.info.Path = path
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	if err := c.ask(ctx); err != nil {
		return nil, fault.New(fault.Config, err, "%s does not say its version and languages: is it tesseract 4 or later?", path)
	}
	for language := range strings.SplitSeq(o.Language, "+") {
		if !slices.Contains(c.info.Languages, language) {
			return nil, fault.New(fault.Config, nil, "%s has no model of the language %s, only of %s: install tesseract-ocr-%[2]s",
				path, language, strings.Join(c.info.Languages, ", "))
		}
	}
	return c, nil
}

// ask fills in the version and languages.
func (c *Command) ask(ctx context.Context) error {
	first, err := c.run(ctx, nil, "--version")
	if err != nil {
		return err
	}
	name, rest, _ := strings.Cut(first, " ")
	if name != "tesseract" {
		return errors.New("its version does not begin with its name")
	}
	c.info.Engine = name
	c.info.Version, _, _ = strings.Cut(strings.TrimPrefix(rest, "v"), "\n")
	list, err := c.run(ctx, nil, c.withData("--list-langs")...)
	if err != nil {
		return err
	}
	_, list, _ = strings.Cut(list, "\n") // the first line says what follows
	c.info.Languages = strings.Fields(list)
	return nil
}

// Info returns what the command said of itself.
func (c *Command) Info() Info { return c.info }

// Recognize returns the letters of a page.
func (c *Command) Recognize(ctx context.Context, page document.Image) (string, error) {
	if _, err := parsePGM(page.Bytes); err != nil {
		return "", fault.New(fault.Invalid, nil, "the picture to read is not in PGM")
	}
	text, err := twice(func(t threshold) (string, error) {
		return c.run(ctx, page.Bytes, c.withData("-", "-", "--oem", strconv.Itoa(neuralOnly), "--psm", strconv.Itoa(wholePage),
			"-c", thresholding+"="+string(t), "-l", c.opts.Language)...) // no --dpi: what tesseract takes a page's letters for is nearer the truth
	})
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case err != nil:
		return "", fault.New(fault.Internal, err, "tesseract came to an error")
	}
	return text, nil
}

func (c *Command) withData(args ...string) []string {
	if c.opts.Data == "" {
		return args
	}
	return append(args, "--tessdata-dir", c.opts.Data)
}

// run starts the command on in and returns what it prints, of maxText bytes at most.
func (c *Command) run(ctx context.Context, in []byte, args ...string) (string, error) {
	out, complaints := bounded{limit: maxText}, bounded{limit: maxErrors, drop: true}
	cmd := exec.CommandContext(ctx, c.info.Path, args...)
	cmd.Env = []string{"OMP_THREAD_LIMIT=1", "LC_ALL=C"} // more threads make one page no faster, and many slower
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(in), &out, &complaints
	cmd.WaitDelay = time.Second // for a pipe that a grandchild holds open
	alone(cmd)
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("run %s: %w: %q", c.info.Path, err, complaints.buf.String())
	}
	return out.buf.String(), nil
}

// bounded is a buffer that takes limit bytes. More is an error, or dropped.
type bounded struct {
	buf   bytes.Buffer
	limit int
	drop  bool
}

// Write appends b, or as much as fits.
func (w *bounded) Write(b []byte) (int, error) {
	fits := min(len(b), w.limit-w.buf.Len())
	w.buf.Write(b[:fits])
	if fits < len(b) && !w.drop {
		return fits, fmt.Errorf("more than %d bytes of text", w.limit)
	}
	return len(b), nil
}
