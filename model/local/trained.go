package local

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"sync"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/taxonomy"
)

// Trained is what a Model has learned from documents: by how much each thing that is found, and
// how a document looks, speaks for a kind. All kinds share it. It is immutable.
type Trained struct {
	weights   weights
	book      phrasebook // nil where no phrases were learned
	documents int
	groups    int
}

//go:embed builtin.json
var builtinModel []byte

// Builtin returns the trained model that is part of the program.
var Builtin = sync.OnceValue(func() *Trained {
	t, err := ReadTrained("the built-in model", bytes.NewReader(builtinModel))
	if err != nil {
		panic(err) // the first test shows it
	}
	return t
})

// Threshold returns the confidence from which on the model's answers were right in 97 % of cases,
// on senders that it had not seen and however they fall: what an answer needs to be accepted. It is
// 1 where that was never so.
func (t *Trained) Threshold() float64 { return t.weights.Accept }

// String says what it was trained on.
func (t *Trained) String() string {
	return fmt.Sprintf("trained on %d documents of %d groups", t.documents, t.groups)
}

// Sum returns a digest of all that it has learned.
func (t *Trained) Sum() string {
	sum, err := t.file().digest()
	if err != nil {
		panic(err) // numbers and texts always encode
	}
	return sum
}

// trainedVersion changes with what the weights mean.
const trainedVersion = 2

// trainedFile is the form of a trained model in a file: numbers by the names of what they are for.
type trainedFile struct {
	Format    string                        `json:"format"`
	Version   int                           `json:"version"`
	Documents int                           `json:"documents"`
	Groups    int                           `json:"groups"`
	Evidence  map[string]float64            `json:"evidence"`
	Scanned   map[string]float64            `json:"evidence_of_scans"`
	Brief     map[string]float64            `json:"evidence_of_short_texts"`
	Outside   float64                       `json:"outside"`
	Foreign   float64                       `json:"foreign"`
	Nothing   map[string]float64            `json:"nothing"`
	Shapes    map[string]map[string]float64 `json:"shapes"`

	Sharpness float64 `json:"sharpness"`
	Doubt     float64 `json:"doubt"`
	Accept    float64 `json:"accept_from"`

	Phrases phrasebook `json:"phrases,omitempty"`
	Sum     string     `json:"sum"` // SHA-256 of the file without it
}

const trainedFormat = "docsift local model"

// The names of what is weighed, as files spell them.
func featureNames() []string {
	return []string{"headings", "titles", "early", "anywhere", "counter", "many", "share", "vocabulary", "lead", "learnt", "in_name"}
}

func measureNames() []string {
	return []string{
		"always", "length", "brevity", "width", "money", "money_rate", "dates", "labels", "salutation", "closing", "blanks",
		"pictured", "pages", "mailed", "sheet",
	}
}

// Write writes t so that ReadTrained returns it. The same model gives the same bytes.
func (t *Trained) Write(w io.Writer) error {
	f := t.file()
	var err error
	if f.Sum, err = f.digest(); err != nil {
		return err
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(f)
}

func (t *Trained) file() trainedFile {
	f := trainedFile{
		Format: trainedFormat, Version: trainedVersion, Documents: t.documents, Groups: t.groups,
		Evidence: named(featureNames(), t.weights.Row[:]), Scanned: named(featureNames(), t.weights.Scanned[:]), Brief: named(featureNames(), t.weights.Brief[:]),
		Outside: rounded(t.weights.Outside), Foreign: rounded(t.weights.Foreign),
		Nothing: named(measureNames(), t.weights.Null[:]), Shapes: map[string]map[string]float64{}, Phrases: t.book,
		Sharpness: t.weights.Sharpness, Doubt: t.weights.Doubt, Accept: t.weights.Accept,
	}
	for i, s := range taxonomy.Shapes() {
		f.Shapes[string(s)] = named(measureNames(), t.weights.Shape[i][:])
	}
	return f
}

// digest returns the sum over all but itself.
func (f trainedFile) digest() (string, error) {
	f.Sum = ""
	b, err := json.Marshal(f) // maps are written in the order of their keys
	if err != nil {
		return "", fmt.Errorf("encode model: %w", err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

func named(names []string, values []float64) map[string]float64 {
	m := make(map[string]float64, len(names))
	for i, n := range names {
		m[n] = rounded(values[i])
	}
	return m
}

// rounded keeps what matters of a weight: other processors add up in another way far behind that.
func rounded(v float64) float64 { return math.Round(v*1e4) / 1e4 }

// maxTrained is far above the size of a model, in bytes.
const maxTrained = 4 << 20

// ReadTrained reads a trained model. One that is cut short, damaged or made by another version is
// fault.Config, by the name given.
func ReadTrained(name string, r io.Reader) (*Trained, error) {
	var f trainedFile
	b, err := io.ReadAll(io.LimitReader(r, maxTrained+1))
	if err != nil {
		return nil, fault.New(fault.Config, err, "%s cannot be read", name)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	err = d.Decode(&f)
	switch sum, sumErr := f.digest(); {
	case f.Format == trainedFormat && f.Version != trainedVersion:
		return nil, fault.New(fault.Config, nil, "%s is of version %d, and this docsift uses version %d: train it again", name, f.Version, trainedVersion)
	case len(b) > maxTrained, err != nil, f.Format != trainedFormat:
		return nil, fault.New(fault.Config, err, "%s is no model of docsift, or cut short", name)
	case sumErr != nil, sum != f.Sum:
		return nil, fault.New(fault.Config, sumErr, "%s is damaged: its sum does not fit", name)
	}
	t, err := f.trained()
	if err != nil {
		return nil, fault.New(fault.Config, err, "%s is of another build of docsift (%v): train it again", name, err)
	}
	return t, nil
}

func (f trainedFile) trained() (*Trained, error) {
	t := &Trained{book: f.Phrases, documents: f.Documents, groups: f.Groups, weights: weights{Outside: f.Outside, Foreign: f.Foreign}}
	t.weights.calibration = calibration{Sharpness: f.Sharpness, Doubt: f.Doubt, Accept: f.Accept}
	errs := []error{
		t.weights.calibration.check(),
		fill(t.weights.Row[:], featureNames(), f.Evidence),
		fill(t.weights.Scanned[:], featureNames(), f.Scanned),
		fill(t.weights.Brief[:], featureNames(), f.Brief),
		fill(t.weights.Null[:], measureNames(), f.Nothing),
	}
	if len(f.Shapes) != shapes {
		errs = append(errs, fmt.Errorf("%d shapes instead of %d", len(f.Shapes), shapes))
	}
	for i, s := range taxonomy.Shapes() {
		errs = append(errs, fill(t.weights.Shape[i][:], measureNames(), f.Shapes[string(s)]))
	}
	return t, errors.Join(errs...)
}

func fill(to []float64, names []string, from map[string]float64) error {
	if len(from) != len(names) {
		return fmt.Errorf("%d weights instead of %d", len(from), len(names))
	}
	for i, n := range names {
		v, ok := from[n]
		if !ok {
			return fmt.Errorf("no weight for %s", n)
		}
		to[i] = v
	}
	return nil
}
