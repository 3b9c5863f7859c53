package sim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"
)

// dialect is one provider's wire format.
type dialect interface {
	provider() string

	// maxBody is the size of the largest request read, in bytes.
	maxBody() int64

	// key returns the API key of a request, or why it is refused.
	key(r *http.Request) (string, *problem)

	// read checks a body against all the rules of the provider. The query's model is set as soon as it is known.
	read(body []byte, q *query, find func(id string) (spec, bool)) *problem

	// reply is the body of a 200.
	reply(q *query, t turn) any

	// failure is the body of an error.
	failure(p problem, requestID string) any

	// stamp sets the headers that all replies of the provider carry.
	stamp(h http.Header, requestID string)

	// limits sets the rate-limit headers of a 200, and of a 429 over a limit.
	limits(h http.Header, l left)
}

// query is an accepted request.
type query struct {
	provider string
	key      string
	id       string // of the request
	model    string // as asked for
	spec     spec

	body          []byte // as it was sent
	system, texts []string
	images        []picture

	schema    *schema
	wantsJSON bool // a JSON mode without a schema
	bareLabel bool // the label alone, without JSON

	question string   // asked of a decisions endpoint, by its name
	choices  []string // in that question; nil elsewhere

	maxTokens   int // 0: no limit asked for
	reasoning   int // tokens
	logprobs    bool
	topLogprobs int
	cacheMarks  int
}

func (q *query) textContains(s string) bool {
	return slices.ContainsFunc(q.texts, func(text string) bool { return strings.Contains(text, s) })
}

// sends reports whether a field of that name stands anywhere in the request.
func (q *query) sends(field string) bool {
	dec := json.NewDecoder(bytes.NewReader(q.body))
	for {
		tok, err := dec.Token()
		if err != nil {
			return false
		}
		// A text that is followed by a colon is a name.
		if s, ok := tok.(string); ok && s == field {
			rest := bytes.TrimLeft(q.body[dec.InputOffset():], " \t\r\n")
			if len(rest) > 0 && rest[0] == ':' {
				return true
			}
		}
	}
}

func (q *query) promptTokens() int {
	n := 0
	for _, text := range slices.Concat(q.system, q.texts) {
		n += textTokens(text)
	}
	for _, p := range q.images {
		n += q.spec.images(p.w, p.h, p.detail)
	}
	return n
}

func (q *query) call(labels []string) Call {
	c := Call{Provider: q.provider, Model: q.model, System: q.system, Text: q.texts, Labels: labels}
	for _, p := range q.images {
		c.Images = append(c.Images, p.data)
	}
	return c
}

// exchange is one call of a model under way.
type exchange struct {
	server  *Server
	w       http.ResponseWriter
	r       *http.Request
	dialect dialect
	seq     int
	id      string // request id
	taken   *taken // of the limits
}

func (s *Server) generateGemini(w http.ResponseWriter, r *http.Request) {
	model, method, _ := strings.Cut(r.PathValue("call"), ":")
	if method != "generateContent" {
		s.noRoute(w, r)
		return
	}
	s.generate(w, r, gemini{model: model})
}

// generate serves one call of a model, from the key to the last byte of the reply.
func (s *Server) generate(w http.ResponseWriter, r *http.Request, d dialect) {
	key, refusal := d.key(r)
	row := Request{Time: time.Now(), Provider: d.provider()}
	if key != "" {
		row.Key = digest([]byte(key))[:8]
	}
	x := &exchange{server: s, w: w, r: r, dialect: d, seq: s.ledger.open(row)}
	x.id = requestID(d.provider(), x.seq)

	q := &query{provider: d.provider(), key: key, id: x.id}
	if refusal == nil {
		refusal = x.accept(q)
	}
	s.ledger.named(x.seq, q.model)
	s.ledger.update(x.seq, func(row *Request) { row.ID, row.HasImage = x.id, len(q.images) > 0 })
	if refusal != nil {
		x.refuse(*refusal)
		return
	}
	if over := x.admit(q); over != nil {
		x.dialect.limits(w.Header(), s.meter.left(q.model, q.key))
		x.fail(*over)
		x.close(over.status, "limited", over.describe())
		return
	}
	x.play(q, s.effect(q))
}

// admit counts the call towards the limits of its key, or says how the provider refuses it.
func (x *exchange) admit(q *query) *problem {
	t, over, wait := x.server.meter.admit(q.model, q.key, taken{input: q.promptTokens(), output: q.maxTokens})
	if t == nil {
		p := overLimit(q.provider, over, wait)
		return &p
	}
	x.taken = t
	return nil
}

// accept reads the body into q, or says why it is refused.
func (x *exchange) accept(q *query) *problem {
	body, err := io.ReadAll(http.MaxBytesReader(x.w, x.r.Body, x.dialect.maxBody()))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return &problem{status: http.StatusRequestEntityTooLarge, page: true}
	case err != nil:
		p := byStatus(q.provider, http.StatusBadRequest)
		p.message = "the request body could not be read"
		return &p
	}
	if t, _, _ := mime.ParseMediaType(x.r.Header.Get("Content-Type")); t != "application/json" {
		p := byStatus(q.provider, http.StatusBadRequest)
		p.message = fmt.Sprintf("Unsupported content type: '%s'. This API method only accepts 'application/json' requests.", t)
		return &p
	}
	q.body = body
	find := func(id string) (spec, bool) { return x.server.find(q.provider, id) }
	if p := x.dialect.read(body, q, find); p != nil {
		return p
	}
	return nil
}

func (x *exchange) refuse(p problem) {
	x.fail(p)
	x.close(p.status, "refused", p.describe())
}

// fail sends an error in the provider's form.
func (x *exchange) fail(p problem) {
	h := x.w.Header()
	x.dialect.stamp(h, x.id)
	if p.retry != "" && x.dialect.provider() != Gemini {
		h.Set("Retry-After", p.retry)
	}
	if p.page {
		h.Set("Content-Type", "text/html")
		x.w.WriteHeader(p.status)
		x.w.Write(htmlPage(p.status))
		return
	}
	sendJSON(x.w, p.status, x.dialect.failure(p, x.id))
}

// close writes the end of a call into the ledger.
func (x *exchange) close(status int, outcome, detail string) {
	var row Request
	x.server.ledger.update(x.seq, func(r *Request) {
		r.Status, r.Outcome, r.Detail = status, outcome, detail
		row = *r
	})
	x.server.log.Debug("call", "seq", x.seq, "provider", row.Provider, "model", row.Model,
		"status", status, "outcome", outcome, "detail", detail)
}

func (p problem) describe() string {
	if p.page {
		return "answered by a proxy: " + http.StatusText(p.status)
	}
	if p.code != "" {
		return p.code + ": " + p.message
	}
	return p.message
}

func sendJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(marshal(body))
}

// marshal writes JSON without escaping HTML, as the providers do.
func marshal(body any) []byte {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(body); err != nil {
		panic(fmt.Sprintf("sim: marshal %T: %v", body, err)) // all bodies are our own types
	}
	return []byte(strings.TrimSuffix(b.String(), "\n"))
}

func requestID(provider string, seq int) string {
	if provider == Anthropic {
		return fmt.Sprintf("req_011C%020d", seq)
	}
	return fmt.Sprintf("req_%032x", seq)
}
