package docsift

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash"
	"io"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/model/chat"
	"github.com/docsift/docsift/taxonomy"
)

// Identity is what an answer depends on, and nothing else: two questions of one Sum have one answer.
type Identity struct {
	// Sum is a digest of the document, the categories, the policy, the models that can be asked
	// and where, the words that they are asked in, and what they are told beside the document.
	Sum [sha256.Size]byte

	// Taxonomy is what the answer is chosen from.
	Taxonomy *taxonomy.Taxonomy

	// Free says that only the local model can be asked.
	Free bool
}

// formatVersion changes with what the fields of a Result mean.
const formatVersion = "1"

// Identify returns what the answer to a request depends on, with the errors of Classify about a
// request. It looks at no more of d than its digest and its name.
func (c *Classifier) Identify(d *document.Document, req Request) (Identity, error) {
	tax, err := c.taxonomy(req)
	if err != nil {
		return Identity{}, err
	}
	pol, err := c.requested(req.Policy)
	if err != nil {
		return Identity{}, err
	}
	id, h := Identity{Taxonomy: tax, Free: len(pol.hosted) == 0}, sha256.New()
	texts(h, "docsift answer", formatVersion, d.SHA256, tax.ID, tax.Version, pol.sum, chat.PromptVersion)
	if pol.local {
		texts(h, c.localSum())
		if !c.opts.HideNames {
			texts(h, d.Name)
		}
	}
	h.Sum(id.Sum[:0])
	return id, nil
}

// identify notes what of a policy decides its answers: its text, and the models that can be asked.
func (p *policy) identify() error {
	spec := p.cascade.Policy()
	text, err := json.Marshal(spec)
	if err != nil {
		return fmt.Errorf("encode the policy %s: %w", spec.Name, err)
	}
	h := sha256.New()
	texts(h, spec.Name, spec.Version, string(text))
	seen := make(map[[2]string]bool) // once for all keys
	for _, g := range p.models {
		p.local = p.local || g.Name() == "local"
		is := [2]string{g.Name()}
		if at, ok := g.raw.(interface{ BaseURL() string }); ok {
			is[1] = at.BaseURL()
		}
		if !seen[is] {
			seen[is] = true
			texts(h, is[:]...)
		}
	}
	p.sum = string(h.Sum(nil))
	return nil
}

// texts writes texts such that no others read alike.
func texts(h hash.Hash, all ...string) {
	for _, s := range all {
		h.Write(binary.AppendUvarint(nil, uint64(len(s))))
		io.WriteString(h, s)
	}
}
