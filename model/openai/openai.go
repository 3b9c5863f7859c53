// Package openai asks models behind OpenAI's Chat Completions: OpenAI's own, and those of
// servers that speak the same format.
package openai

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/chat"
)

// DefaultBaseURL is where OpenAI answers. A base URL includes the version.
const DefaultBaseURL = "https://api.openai.com/v1"

// Options configures a Model.
type Options struct {
	chat.Settings `yaml:",inline"`

	// Model is the provider's name of the model.
	Model string

	// Key is the API key. A server at another BaseURL may do without.
	Key string

	// BaseURL is where the API is, version included. Default DefaultBaseURL.
	BaseURL string

	// Client makes the calls. Default http.DefaultClient.
	Client *http.Client
}

// Model is one model of one provider. It is safe for concurrent use.
type Model struct {
	opts   Options
	family family
}

// New returns the model that o names. Nothing is sent.
func New(o Options) *Model {
	o.Settings = o.Settings.WithDefaults()
	o.Key = strings.TrimSpace(o.Key)
	o.BaseURL = strings.TrimRight(o.BaseURL, "/")
	if o.BaseURL == "" {
		o.BaseURL = DefaultBaseURL
	}
	return &Model{opts: o, family: familyOf(o.Model)}
}

// Name returns "openai/" and the model's name.
func (m *Model) Name() string { return "openai/" + m.opts.Model }

// Score asks the model once. It never asks again, not even without a parameter that was
// refused: that is fault.Rejected.
func (m *Model) Score(ctx context.Context, req model.Request) (model.Response, error) {
	resp, err := m.score(ctx, req)
	if err != nil {
		return resp, fmt.Errorf("%s: %w", m.Name(), err)
	}
	return resp, nil
}

func (m *Model) score(ctx context.Context, req model.Request) (model.Response, error) {
	body, err := m.body(req)
	if err != nil {
		return model.Response{}, err
	}
	reply, err := m.exchange(ctx, "/chat/completions", body)
	if err != nil {
		return model.Response{}, err
	}
	resp, err := read(req.Taxonomy, reply)
	resp.RequestID = reply.Header.Get("X-Request-Id")
	return resp, err
}

// Lifecycle asks the provider whether the model exists and when it ends.
func (m *Model) Lifecycle(ctx context.Context) (chat.Lifecycle, error) {
	reply, err := m.exchange(ctx, "/models/"+url.PathEscape(m.opts.Model), nil)
	switch {
	case err != nil:
		return chat.Lifecycle{}, fmt.Errorf("%s: %w", m.Name(), err)
	case reply.Status == http.StatusNotFound:
		return chat.Lifecycle{}, nil
	case reply.Status != http.StatusOK:
		return chat.Lifecycle{}, fmt.Errorf("%s: %w", m.Name(), failure(reply))
	}
	var said struct {
		ShutdownDate string `json:"shutdown_date"`
	}
	if err := reply.Decode(&said); err != nil {
		return chat.Lifecycle{}, fmt.Errorf("%s: %w", m.Name(), err)
	}
	return chat.Lifecycle{Exists: true, Shutdown: said.ShutdownDate}, nil
}

func (m *Model) exchange(ctx context.Context, path string, body []byte) (chat.Reply, error) {
	if m.opts.Key == "" && m.opts.BaseURL == DefaultBaseURL {
		return chat.Reply{}, fault.New(fault.NoKey, nil, "no key for OpenAI")
	}
	return chat.Exchange(ctx, m.opts.Client, chat.Call{
		URL:       m.opts.BaseURL + path,
		Key:       m.opts.Key,
		KeyHeader: "Authorization",
		KeyPrefix: "Bearer ",
		Body:      body,
		Timeout:   m.opts.Timeout,
	})
}
