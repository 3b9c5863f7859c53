// Package gemini asks Google's models through the Gemini API's generateContent.
package gemini

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/chat"
)

// DefaultBaseURL is where Google answers. A base URL does not include the version.
const DefaultBaseURL = "https://generativelanguage.googleapis.com"

// Options configures a Model.
type Options struct {
	chat.Settings `yaml:",inline"`

	// Model is the provider's name of the model, without "models/".
	Model string

	// Key is the API key. A server at another BaseURL may do without.
	Key string

	// BaseURL is where the API is, without the version. Default DefaultBaseURL.
	BaseURL string

	// Client makes the calls. Default http.DefaultClient.
	Client *http.Client
}

// Model is one Gemini model. It is safe for concurrent use.
type Model struct {
	opts   Options
	family family
}

// New returns the model that o names. Nothing is sent.
func New(o Options) *Model {
	o.Settings = o.Settings.WithDefaults()
	o.Model = strings.TrimPrefix(o.Model, "models/")
	o.Key = strings.TrimSpace(o.Key)
	o.BaseURL = strings.TrimRight(o.BaseURL, "/")
	if o.BaseURL == "" {
		o.BaseURL = DefaultBaseURL
	}
	return &Model{opts: o, family: familyOf(o.Model)}
}

// Name returns "google/" and the model's name.
func (m *Model) Name() string { return "google/" + m.opts.Model }

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
	reply, err := m.exchange(ctx, ":generateContent", body)
	if err != nil {
		return model.Response{}, err
	}
	resp, err := read(req.Taxonomy, reply)
	resp.RequestID = cmp.Or(resp.RequestID, reply.Header.Get("X-Request-Id"))
	return resp, err
}

// Lifecycle asks the provider whether the model exists. Google announces no end there.
func (m *Model) Lifecycle(ctx context.Context) (chat.Lifecycle, error) {
	reply, err := m.exchange(ctx, "", nil)
	switch {
	case err != nil:
		return chat.Lifecycle{}, fmt.Errorf("%s: %w", m.Name(), err)
	case reply.Status == http.StatusNotFound:
		return chat.Lifecycle{}, nil
	case reply.Status != http.StatusOK:
		return chat.Lifecycle{}, fmt.Errorf("%s: %w", m.Name(), failure(reply))
	}
	return chat.Lifecycle{Exists: true}, nil
}

func (m *Model) exchange(ctx context.Context, verb string, body []byte) (chat.Reply, error) {
	if m.opts.Key == "" && m.opts.BaseURL == DefaultBaseURL {
		return chat.Reply{}, fault.New(fault.NoKey, nil, "no key for Google")
	}
	return chat.Exchange(ctx, m.opts.Client, chat.Call{
		URL:       m.opts.BaseURL + "/v1beta/models/" + url.PathEscape(m.opts.Model) + verb,
		Key:       m.opts.Key,
		KeyHeader: "X-Goog-Api-Key",
		Body:      body,
		Timeout:   m.opts.Timeout,
	})
}
