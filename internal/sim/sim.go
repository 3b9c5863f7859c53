package sim

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// Options configures a Server. The zero value is ready to use.
type Options struct {
	// Script says what is answered and what fails at the start. Default: no faults.
	Script Script

	// Answers and Rules stay when SetScript replaces the script; the script's own come first.
	Answers map[string]Answer
	Rules   []Rule

	// Answer, when set, is asked first; an Answer without a label leaves the call to the rest.
	// It is called from several goroutines at once.
	Answer func(Call) Answer

	// Effect, when set, is asked before the script's steps; the zero Effect leaves the call to them.
	// It is called from several goroutines at once, and not checked as a script is.
	Effect func(Call) Effect

	// Labels are the labels of requests that name none in a schema. Default: none, which answers "unknown".
	Labels []string

	// Models are added to the catalogue.
	Models []Model

	// Limits are enforced; the first that fits a model and a key holds for them. Default: none are,
	// and a 429 comes from a script alone.
	Limits []Limit

	// Latency is the mean time before a reply is sent. Default 0.
	Latency time.Duration

	// Jitter spreads the latency evenly over this share of it to each side, 0 to 1. Default 0.
	Jitter float64

	// Seed seeds the latency and the shares of scripts. Default 0, a seed like any other.
	Seed uint64

	// Log receives a line for each call at level debug. Default: none.
	Log *slog.Logger
}

// Server simulates the providers. It is an http.Handler, safe for concurrent use.
type Server struct {
	opts   Options
	models []spec
	mux    *http.ServeMux
	log    *slog.Logger
	ledger ledger
	meter  meter

	mu     sync.Mutex
	random *rand.Rand
	script Script
	fits   []int // for each step, how many calls fitted its match so far
}

// New returns a Server, or an error where the script or a model of o is wrong.
func New(o Options) (*Server, error) {
	models, err := withModels(catalogue(), o.Models)
	if err != nil {
		return nil, err
	}
	if o.Latency < 0 || !(o.Jitter >= 0 && o.Jitter <= 1) {
		return nil, fmt.Errorf("latency %v with jitter %v: want no negative latency and a jitter from 0 to 1", o.Latency, o.Jitter)
	}
	if err := checkLimits(o.Limits); err != nil {
		return nil, fmt.Errorf("options: limits: %w", err)
	}
	own := Script{Answers: o.Answers, Rules: o.Rules}
	if where, err := own.validate(); err != nil {
		return nil, fmt.Errorf("options: %v: %w", where, err)
	}
	s := &Server{opts: o, models: models, log: o.Log, meter: meter{limits: o.Limits}, random: rand.New(rand.NewPCG(o.Seed, 0))}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if err := s.SetScript(o.Script); err != nil {
		return nil, err
	}
	s.mux = s.routes()
	return s, nil
}

// SetScript replaces the script; its steps start to count anew. A wrong script leaves the old one in place.
func (s *Server) SetScript(script Script) error {
	if where, err := script.validate(); err != nil {
		return fmt.Errorf("script: %v: %w", where, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.script, s.fits = script, make([]int, len(script.Steps))
	return nil
}

// Requests returns the calls of models that arrived, oldest first; the last 100,000 at least.
func (s *Server) Requests() []Request { return s.ledger.all() }

// Count returns how many calls named a provider's model; an empty provider or model stands for all.
func (s *Server) Count(provider, model string) int { return s.ledger.count(provider, model) }

// ServeHTTP answers as the provider whose path is asked.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Docsift-Sim", "1")
	s.mux.ServeHTTP(w, r)
}

func (s *Server) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/chat/completions", func(w http.ResponseWriter, r *http.Request) { s.generate(w, r, openai{}) })
	mux.HandleFunc("POST /v1/decisions", func(w http.ResponseWriter, r *http.Request) { s.generate(w, r, openaiDecisions{}) })
	mux.HandleFunc("POST /v1beta/decisions", func(w http.ResponseWriter, r *http.Request) { s.generate(w, r, geminiDecisions{}) })
	mux.HandleFunc("POST /v1/systemone", func(w http.ResponseWriter, r *http.Request) { s.generate(w, r, systemOne{}) })
	mux.HandleFunc("POST /v1/messages", func(w http.ResponseWriter, r *http.Request) { s.generate(w, r, anthropic{}) })
	mux.HandleFunc("POST /v1beta/models/{call}", s.generateGemini)
	mux.HandleFunc("GET /v1/models", s.listModels)
	mux.HandleFunc("GET /v1/models/{id}", s.showModel)
	mux.HandleFunc("GET /v1beta/models", s.listModels)
	mux.HandleFunc("GET /v1beta/models/{id}", s.showModel)
	mux.HandleFunc("GET /sim", about)
	mux.HandleFunc("GET /sim/requests", s.showLedger)
	mux.HandleFunc("DELETE /sim/requests", s.resetLedger)
	mux.HandleFunc("/", s.noRoute)
	return mux
}

func (s *Server) currentScript() Script {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.script
}

// latency draws the time before a reply.
func (s *Server) latency() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	spread := 1 + s.opts.Jitter*(2*s.random.Float64()-1)
	return time.Duration(float64(s.opts.Latency) * spread)
}

// effect returns the effect of the hook, or else counts a call on every step and returns that of
// the first step that picks it.
func (s *Server) effect(q *query) Effect {
	if s.opts.Effect != nil {
		if e := s.opts.Effect(q.call(q.labels(s.opts.Labels))); e != (Effect{}) {
			return e
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var picked Effect
	found := false
	for i, step := range s.script.Steps {
		if !step.Match.fits(q) {
			continue
		}
		s.fits[i]++
		if !found && step.Match.picks(s.fits[i], s.random) {
			picked, found = step.Effect, true
		}
	}
	return picked
}

// fits reports whether a call is among those a step counts.
func (m Match) fits(q *query) bool {
	return (m.Provider == "" || m.Provider == q.provider) &&
		(m.Model == "" || m.Model == q.spec.id) &&
		(m.Key == "" || m.Key == q.key) &&
		(m.Contains == "" || q.textContains(m.Contains)) &&
		(m.Sends == "" || q.sends(m.Sends))
}

// picks reports whether the n-th fitting call is picked.
func (m Match) picks(n int, random *rand.Rand) bool {
	if m.Nth > 0 {
		return n == m.Nth
	}
	i := n - max(m.From, 1)
	return i >= 0 &&
		(m.Count == 0 || i < m.Count) &&
		(m.Every == 0 || (i+1)%m.Every == 0) &&
		(m.Share == 0 || random.Float64() < m.Share)
}
