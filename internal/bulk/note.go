package bulk

import (
	"cmp"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
)

// Settings is what the answers of an output depend on, by names that people understand.
type Settings map[string]string

// differ returns the name of the first setting that is another, or "".
func (s Settings) differ(t Settings) string {
	all := maps.Clone(s)
	maps.Copy(all, t)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if s[name] != t[name] {
			return name
		}
	}
	return ""
}

// note stands beside an output.
type note struct {
	Version  string    `json:"docsift"` // that began it
	Begun    time.Time `json:"begun"`
	Settings Settings  `json:"settings"`

	// Lost is what was paid for answers that the output does not hold: those that were broken off,
	// and those that were asked for again.
	Lost cascade.Cost `json:"lost"`

	Batch string `json:"batch,omitempty"` // of a server
}

// NotePath is where the note of an output is.
func NotePath(output string) string { return output + ".run" }

// readNote returns nil where there is none.
func readNote(output string) (*note, error) {
	data, err := os.ReadFile(NotePath(output))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var n note
	if err == nil {
		err = json.Unmarshal(data, &n)
	}
	if err != nil {
		return nil, fault.New(Damaged, err, "%s cannot be read, which says what the answers in %s depend on: begin anew with --restart", NotePath(output), output)
	}
	return &n, nil
}

// write replaces the note, so that there is always a whole one.
func (n note) write(output string) error {
	data, err := json.MarshalIndent(n, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(output), "."+filepath.Base(output)+"-*")
	if err != nil {
		return unwritable(output, err)
	}
	defer os.Remove(f.Name()) // nothing when it has its name
	_, err = f.Write(append(data, '\n'))
	return unwritable(output, errors.Join(err, settle(f, NotePath(output))))
}

// settle gives a temporary file its name once its bytes are safe.
func settle(f *os.File, path string) error {
	err := errors.Join(f.Sync(), f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err == nil {
		err = syncFolder(filepath.Dir(path))
	}
	return err
}

// refuse says how the settings of an output are others.
func (n note) refuse(output string, now Settings) error {
	name := n.Settings.differ(now)
	if name == "" {
		return nil
	}
	return fault.New(Mixed, nil, "%s holds answers by other settings (%s was %s and is %s now): set it as it was, choose another output, or begin anew with --restart",
		output, name, cmp.Or(n.Settings[name], "none"), cmp.Or(now[name], "none"))
}
