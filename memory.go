package docsift

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"github.com/docsift/docsift/model"
)

// Memory remembers what models have answered in a run, so that a run that was broken off and is
// begun again does not pay twice. It is safe for concurrent use. What it cannot do it leaves: the
// model is then asked.
type Memory interface {
	// Recall returns what was answered in the run to what the key stands for.
	Recall(ctx context.Context, run, key string) (model.Response, bool)

	// Keep remembers an answer beyond the end of the process.
	Keep(ctx context.Context, run, key string, r model.Response)
}

// remembered returns m, which in a run that may have begun before is asked only what it has not
// answered yet. The local model costs nothing, and is asked again.
func remembered(m model.Model, in Memory) model.Model {
	if in == nil || m.Name() == "local" {
		return m
	}
	return &remembering{m, in}
}

type remembering struct {
	model.Model
	memory Memory
}

// Score returns what the model says, or has said. What it has said costs what it cost then.
func (m *remembering) Score(ctx context.Context, req model.Request) (model.Response, error) {
	if !req.Account.Again {
		return m.Model.Score(ctx, req)
	}
	run, key := req.Account.Run, keyOf(m.Name(), req)
	if r, ok := m.memory.Recall(ctx, run, key); ok {
		return r, nil
	}
	r, err := m.Model.Score(ctx, req)
	if err == nil {
		m.memory.Keep(ctx, run, key, r)
	}
	return r, err
}

// keyOf tells a request from every other to which a model might answer otherwise.
func keyOf(name string, req model.Request) string {
	h := sha256.New()
	part := func(b []byte) {
		var size [8]byte
		binary.BigEndian.PutUint64(size[:], uint64(len(b)))
		h.Write(size[:])
		h.Write(b)
	}
	for _, s := range []string{name, req.Account.Policy, req.Account.Stage, req.Taxonomy.ID, req.Taxonomy.Version, req.Prompt, req.Text} {
		part([]byte(s))
	}
	part(fmt.Appendf(nil, "%+v %v", req.Document, req.Pages))
	for _, img := range req.Images {
		part(img.Bytes)
	}
	return hex.EncodeToString(h.Sum(nil))
}
