package sim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

const aboutText = `docsift simulator

This server answers in the wire formats of OpenAI, Gemini, Anthropic and System One. No model stands behind it:
it picks labels by counting words or from a script, counts tokens by rule, and fails on command.
Its answers are never a measurement of a real model.

  POST   /v1/chat/completions                       OpenAI
  POST   /v1beta/models/{model}:generateContent     Gemini
  POST   /v1/messages                               Anthropic
  POST   /v1/decisions                              OpenAI Decisions
  POST   /v1beta/decisions                          Gemini Decisions
  POST   /v1/systemone                              System One
  GET    /v1/models, /v1/models/{id}                OpenAI, or Anthropic with its headers
  GET    /v1beta/models, /v1beta/models/{id}        Gemini
  GET    /sim/requests                              the calls that arrived
  DELETE /sim/requests                              forget them
`

func about(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Write([]byte(aboutText))
}

type ledgerPage struct {
	Requests []Request `json:"requests"`
}

func (s *Server) showLedger(w http.ResponseWriter, _ *http.Request) {
	rows := s.ledger.all()
	if rows == nil {
		rows = []Request{}
	}
	sendJSON(w, http.StatusOK, ledgerPage{rows})
}

func (s *Server) resetLedger(w http.ResponseWriter, _ *http.Request) {
	s.ledger.reset()
	w.WriteHeader(http.StatusNoContent)
}

// asked tells which provider a request is meant for.
func asked(r *http.Request) dialect {
	switch {
	case strings.HasPrefix(r.URL.Path, "/v1beta"):
		return gemini{}
	case r.URL.Path == "/v1/systemone":
		return systemOne{}
	case r.Header.Get("X-Api-Key") != "", r.Header.Get("Anthropic-Version") != "", strings.HasPrefix(r.URL.Path, "/v1/messages"):
		return anthropic{}
	}
	return openai{}
}

// noRoute answers what no provider serves.
func (s *Server) noRoute(w http.ResponseWriter, r *http.Request) {
	x := &exchange{server: s, w: w, r: r, dialect: asked(r), id: requestID(asked(r).provider(), 0)}
	p := byStatus(x.dialect.provider(), http.StatusNotFound)
	p.message = fmt.Sprintf("Invalid URL (%s %s)", r.Method, r.URL.Path)
	x.fail(p)
}

type openaiModel struct {
	ID       string  `json:"id"`
	Object   string  `json:"object"`
	Created  int64   `json:"created"`
	OwnedBy  string  `json:"owned_by"`
	Shutdown *string `json:"shutdown_date"`
}

type geminiModel struct {
	Name        string   `json:"name"`
	Version     string   `json:"version"`
	DisplayName string   `json:"displayName"`
	InputLimit  int      `json:"inputTokenLimit"`
	OutputLimit int      `json:"outputTokenLimit"`
	Methods     []string `json:"supportedGenerationMethods"`
	Thinking    bool     `json:"thinking"`
}

type anthropicModel struct {
	Type         string                `json:"type"`
	ID           string                `json:"id"`
	DisplayName  string                `json:"display_name"`
	CreatedAt    string                `json:"created_at"`
	Lifecycle    string                `json:"lifecycle"`
	DeprecatedAt *string               `json:"deprecated_at"`
	RetiresAt    *string               `json:"retires_at"`
	MaxInput     int                   `json:"max_input_tokens"`
	MaxTokens    int                   `json:"max_tokens"`
	Capabilities map[string]capability `json:"capabilities"`
}

type capability struct {
	Supported bool `json:"supported"`
}

// created is the release date shown for every model.
func created() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }

// page is how a provider describes one model.
func (m spec) page() any {
	switch m.provider {
	case OpenAI:
		return openaiModel{m.id, "model", created().Unix(), "docsift-sim", orNull(m.shutdown)}
	case Gemini:
		methods := []string{"generateContent"}
		if m.decides {
			methods = []string{}
		}
		return geminiModel{"models/" + m.id, "sim", m.id, m.context, m.output, methods, m.thinking != noThinking}
	}
	a := anthropicModel{Type: "model", ID: m.id, DisplayName: m.id, CreatedAt: created().Format(time.RFC3339), Lifecycle: "active", MaxInput: m.context, MaxTokens: m.output}
	a.Capabilities = map[string]capability{"image_input": {true}, "structured_outputs": {true}}
	if m.shutdown != "" {
		a.Lifecycle = "deprecated"
		a.DeprecatedAt, a.RetiresAt = orNull(created().Format(time.RFC3339)), orNull(m.shutdown+"T00:00:00Z")
	}
	return a
}

func (s *Server) listModels(w http.ResponseWriter, r *http.Request) {
	x := &exchange{server: s, w: w, r: r, dialect: asked(r), id: requestID(asked(r).provider(), 0)}
	if _, p := x.dialect.key(r); p != nil {
		x.fail(*p)
		return
	}
	pages := []json.RawMessage{}
	for _, m := range s.models {
		if m.provider == x.dialect.provider() {
			pages = append(pages, marshal(m.page()))
		}
	}
	x.dialect.stamp(w.Header(), x.id)
	switch x.dialect.provider() {
	case OpenAI:
		sendJSON(w, http.StatusOK, openaiModels{"list", pages})
	case Gemini:
		sendJSON(w, http.StatusOK, geminiModels{pages})
	default:
		sendJSON(w, http.StatusOK, anthropicModels{Data: pages})
	}
}

type openaiModels struct {
	Object string            `json:"object"`
	Data   []json.RawMessage `json:"data"`
}

type geminiModels struct {
	Models []json.RawMessage `json:"models"`
}

type anthropicModels struct {
	Data    []json.RawMessage `json:"data"`
	HasMore bool              `json:"has_more"`
	FirstID *string           `json:"first_id"`
	LastID  *string           `json:"last_id"`
}

func (s *Server) showModel(w http.ResponseWriter, r *http.Request) {
	x := &exchange{server: s, w: w, r: r, dialect: asked(r), id: requestID(asked(r).provider(), 0)}
	if _, p := x.dialect.key(r); p != nil {
		x.fail(*p)
		return
	}
	m, ok := s.find(x.dialect.provider(), r.PathValue("id"))
	if !ok {
		x.fail(faultNamed(x.dialect.provider(), "model_not_found"))
		return
	}
	x.dialect.stamp(w.Header(), x.id)
	sendJSON(w, http.StatusOK, m.page())
}
