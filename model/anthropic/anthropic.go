// Package anthropic asks Claude models through Anthropic's Messages.
package anthropic

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

// DefaultBaseURL is where Anthropic answers. A base URL does not include the version.
const DefaultBaseURL = "https://api.anthropic.com"

// Options configures a Model.
type Options struct {
	chat.Settings `yaml:",inline"`

	// Model is the provider's name of the model.
	Model string

	// Key is the API key. A server at another BaseURL may do without.
	Key string

	// BaseURL is where the API is, without the version. Default DefaultBaseURL.
	BaseURL string

	// Client makes the calls. Default http.DefaultClient.
	Client *http.Client
}

// Model is one Claude model. It is safe for concurrent use.
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

// Name returns "anthropic/" and the model's name.
func (m *Model) Name() string { return "anthropic/" + m.opts.Model }

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
	reply, err := m.exchange(ctx, "/v1/messages", body)
	if err != nil {
		return model.Response{}, err
	}
	resp, err := read(req.Taxonomy, reply)
	resp.RequestID = reply.Header.Get("Request-Id")
	return resp, err
}

// Lifecycle asks the provider whether the model exists and when it ends.
func (m *Model) Lifecycle(ctx context.Context) (chat.Lifecycle, error) {
	reply, err := m.exchange(ctx, "/v1/models/"+url.PathEscape(m.opts.Model), nil)
	switch {
	case err != nil:
		return chat.Lifecycle{}, fmt.Errorf("%s: %w", m.Name(), err)
	case reply.Status == http.StatusNotFound:
		return chat.Lifecycle{}, nil
	case reply.Status != http.StatusOK:
		return chat.Lifecycle{}, fmt.Errorf("%s: %w", m.Name(), failure(reply))
	}
	var said struct {
		Lifecycle string `json:"lifecycle"`
		RetiresAt string `json:"retires_at"` // RFC 3339
	}
	if err := reply.Decode(&said); err != nil {
		return chat.Lifecycle{}, fmt.Errorf("%s: %w", m.Name(), err)
	}
	day, _, _ := strings.Cut(said.RetiresAt, "T")
	return chat.Lifecycle{Exists: said.Lifecycle != "retired", Shutdown: day}, nil
}

func (m *Model) exchange(ctx context.Context, path string, body []byte) (chat.Reply, error) {
	if m.opts.Key == "" && m.opts.BaseURL == DefaultBaseURL {
		return chat.Reply{}, fault.New(fault.NoKey, nil, "no key for Anthropic")
	}
	return chat.Exchange(ctx, m.opts.Client, chat.Call{
		URL:       m.opts.BaseURL + path,
		Header:    http.Header{"Anthropic-Version": {"2023-06-01"}},
		Key:       m.opts.Key,
		KeyHeader: "X-Api-Key",
		Body:      body,
		Timeout:   m.opts.Timeout,
	})
}
