package chat

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"sync"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/taxonomy"
)

// Ask is one question as an adapter writes it down in its provider's format.
type Ask struct {
	Options // with the defaults filled in

	Taxonomy *taxonomy.Taxonomy
	Own      bool // the caller gave instructions

	System string          // the instructions: the same bytes for every document of a taxonomy
	Key    string          // names System: the same text has the same key
	Schema json.RawMessage // of the answer

	Data   []string // the parts of the document's text, in order; none is blank
	Images []document.Image

	// Takes says what the model takes. What it is known to lack is to be left out.
	Takes Features
}

// common is what the questions about all documents of a taxonomy share.
type common struct {
	system, key, prompt string
	schema              json.RawMessage
}

// shelf keeps what was made for the taxonomies in use. A taxonomy is known by its version, which
// a digest of its content is part of; one made by hand has none and is known by its address.
type shelf struct {
	mu   sync.Mutex
	kept map[shelfKey]common
}

type shelfKey struct {
	version, prompt string
	address         *taxonomy.Taxonomy
}

// maxKept bounds the shelf: a server's callers may send lists of categories of their own.
const maxKept = 64

// of returns what questions like req share.
func (s *shelf) of(req model.Request) (common, error) {
	key := shelfKey{version: req.Taxonomy.Version, prompt: req.Prompt}
	if key.version == "" {
		key.address = req.Taxonomy
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if c, ok := s.kept[key]; ok {
		return c, nil
	}
	c, err := newCommon(req)
	if err != nil {
		return common{}, err
	}
	if s.kept == nil || len(s.kept) >= maxKept {
		s.kept = make(map[shelfKey]common)
	}
	s.kept[key] = c
	return c, nil
}

func newCommon(req model.Request) (common, error) {
	schema, err := schemaOf(req.Taxonomy)
	if err != nil {
		return common{}, err
	}
	c := common{system: Instructions(req), prompt: PromptVersion, schema: schema}
	if req.Prompt != "" {
		c.prompt = "own-" + digest(req.Prompt)
	}
	c.key = "docsift-" + PromptVersion + "-" + digest(c.system)
	return c, nil
}

// digest returns twelve hex digits.
func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:6])
}

// ask returns the question about req to a model that takes what f says.
func (c common) ask(o Options, f Features, req model.Request) Ask {
	if o.Logprobs == "off" {
		f.Logprobs = No
	}
	return Ask{
		Options: o, Taxonomy: req.Taxonomy, Own: req.Prompt != "", System: c.system, Key: c.key, Schema: slices.Clip(c.schema),
		Data: data(req), Images: req.Images, Takes: f,
	}
}
