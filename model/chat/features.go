package chat

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/docsift/docsift/fault"
)

// Found is whether a model can do something: Yes, No, or "" while nobody knows.
type Found string

// What can be found.
const (
	Yes Found = "yes"
	No  Found = "no"
)

// Features is what a model can do. An adapter sends nothing for what it is known to lack.
type Features struct {
	Schema      Found `json:"schema"`      // holds its answer to a JSON Schema
	Logprobs    Found `json:"logprobs"`    // tells the probabilities of its tokens
	Temperature Found `json:"temperature"` // takes one
	Effort      Found `json:"effort"`      // takes how hard to think
	Caching     Found `json:"caching"`     // takes a hint on what to keep for the next call
	Images      Found `json:"images"`      // looks at pictures
	PDF         Found `json:"pdf"`         // reads a PDF as it is; docsift sends none
	Decisions   Found `json:"decisions"`   // answers at a decisions endpoint
}

// Or returns what f knows, and for the rest what g does.
func (f Features) Or(g Features) Features {
	all := f.all()
	for i, found := range g.all() {
		if *all[i] == "" {
			*all[i] = *found
		}
	}
	return f
}

// Deciding returns what is known of an endpoint that does nothing but decide, and whether it looks
// at pictures.
func Deciding(images, pdf Found) Features {
	return Features{Schema: No, Logprobs: No, Temperature: No, Effort: No, Caching: No, Images: images, PDF: pdf, Decisions: Yes}
}

// Valid reports whether every field is Yes, No or empty.
func (f Features) Valid() bool {
	for _, found := range f.all() {
		if *found != "" && *found != Yes && *found != No {
			return false
		}
	}
	return true
}

// all returns the fields, in order.
func (f *Features) all() []*Found {
	return []*Found{&f.Schema, &f.Logprobs, &f.Temperature, &f.Effort, &f.Caching, &f.Images, &f.PDF, &f.Decisions}
}

// Params tells which parameters of a provider's stand for the first of the features.
type Params struct{ Schema, Logprobs, Temperature, Effort, Caching Param }

// Param is one or more fields of a request, and words by which an error names them.
type Param struct{ Fields, Words []string }

// all returns the parameters in the order of the fields of Features.
func (p Params) all() []Param {
	return []Param{p.Schema, p.Logprobs, p.Temperature, p.Effort, p.Caching}
}

// sent returns Yes for each parameter that is in a request.
func (p Params) sent(body []byte) Features {
	var f Features
	for i, param := range p.all() {
		for _, field := range param.Fields {
			if bytes.Contains(body, []byte(`"`+field+`":`)) { // in a text its quotes would be escaped
				*f.all()[i] = Yes
			}
		}
	}
	return f
}

// blamed returns No for each parameter that an error's words name.
func (p Params) blamed(said string) Features {
	var f Features
	for i, param := range p.all() {
		for _, word := range param.Words {
			if strings.Contains(strings.ToLower(said), strings.ToLower(word)) {
				*f.all()[i] = No
			}
		}
	}
	return f
}

// known returns what is known of the model by now.
func (m *Model) known() Features {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.learned.Or(m.opts.Found).Or(m.provider.Features(m.opts))
}

// learn remembers what was found.
func (m *Model) learn(f Features) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.learned = f.Or(m.learned)
}

// refusal returns the error of a reply that is none. Where it blames a parameter of the request,
// that is remembered, and the same call may be made again at once: it leaves the parameter out.
func (m *Model) refusal(reply Reply, body []byte) error {
	err := m.provider.Failure(reply)
	status := reply.Status == http.StatusBadRequest || reply.Status == http.StatusUnprocessableEntity
	if !status || fault.KindOf(err) != fault.Rejected {
		return err
	}
	sent, lacks := m.provider.Params.sent(body), m.provider.Params.blamed(cut(m.provider.Blame(reply), 200))
	var names []string
	for i, param := range m.provider.Params.all() {
		found := lacks.all()[i]
		if *found == No && *sent.all()[i] == Yes {
			names = append(names, param.Fields[0])
			continue
		}
		*found = ""
	}
	if len(names) == 0 {
		return err
	}
	m.learn(lacks)
	return fault.New(fault.Adapted, err, "the model does not take %s: the next request leaves it out", strings.Join(names, ", "))
}
