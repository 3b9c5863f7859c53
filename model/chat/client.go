package chat

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/taxonomy"
)

// Options configures a Model.
type Options struct {
	Settings `yaml:",inline"`

	// Model is the provider's name of the model.
	Model string

	// Name is what answers, prices and metrics call the model. Default the provider's name, a
	// slash and Model.
	Name string

	// Key is the API key. A server at another BaseURL may do without.
	Key string

	// KeyHeader is the canonical name of the header that holds the bare key. Default the
	// adapter's way to send it.
	KeyHeader string

	// BaseURL is where the API is. Default the adapter's DefaultBaseURL, which shows
	// whether the version is part of it. A query in it goes with every call.
	BaseURL string

	// Client makes the calls. Default http.DefaultClient.
	Client *http.Client

	// Found is what was found out about the model before. It goes before what its name tells.
	Found Features
}

// Provider is what an adapter tells of a provider: where its API is, how a request to it is
// written, and how its replies are read.
type Provider struct {
	Name  string // before the slash in the names of its models
	Title string // for people

	BaseURL             string // the provider's own, where a key is a must
	AskPath, LookUpPath string // below it; {model} stands for the model's name

	Header                          http.Header // of every request
	KeyHeader, KeyPrefix, RequestID string      // canonical names of headers

	// Body returns the request as JSON.
	Body func(Ask) ([]byte, error)

	// Features tells what is known of a model by its name and address. Default: Deciding, of which nobody knows more.
	Features func(Options) Features

	// Params names the parameters that a model may lack, and Blame returns the words of an
	// error that name the one it is about. Default: none.
	Params Params
	Blame  func(Reply) string

	// Read returns what a reply with status 200 says. Beside an error, it says as much as it can.
	Read func(Reply) (Answer, error)

	// Usage is where such a reply says what it is billed for.
	Usage UsageFields

	// Lifecycle reads the description of a model that exists.
	Lifecycle func(Reply) (Lifecycle, error)

	// Failure classifies a reply with any other status.
	Failure func(Reply) error
}

// Answer is what a reply says.
type Answer struct {
	Text      string    // for ParseAnswer
	Decision  *Decision // instead of Text, of an endpoint that gives probabilities
	Served    string    // the model that has answered
	RequestID string    // where it is not in a header

	// Tokens are those of Text, in order, where the provider tells how likely each was.
	Tokens []Token
}

// Model is one chat model of one provider. It is safe for concurrent use.
type Model struct {
	opts     Options
	provider Provider
	shelf    shelf

	mu      sync.Mutex
	learned Features // from what the provider answered
}

// New returns the model that o names at p. Nothing is sent.
func New(o Options, p Provider) *Model {
	o.Settings = o.Settings.WithDefaults()
	o.Key = strings.TrimSpace(o.Key)
	o.BaseURL = cmp.Or(strings.TrimRight(o.BaseURL, "/"), p.BaseURL)
	o.Name = cmp.Or(o.Name, p.Name+"/"+o.Model)
	if o.KeyHeader != "" {
		p.KeyHeader, p.KeyPrefix = o.KeyHeader, ""
	}
	if p.Features == nil {
		p.Features = func(Options) Features { return Deciding("", "") }
	}
	if p.Blame == nil {
		p.Blame = func(Reply) string { return "" }
	}
	return &Model{opts: o, provider: p}
}

// Name returns the provider's and the model's name, such as "openai/gpt-4o-mini".
func (m *Model) Name() string { return m.opts.Name }

// BaseURL returns where the model's API is.
func (m *Model) BaseURL() string { return m.opts.BaseURL }

// Score asks the model once. It never asks again, not even without a parameter that was
// refused: that is fault.Adapted, and the next call leaves it out.
func (m *Model) Score(ctx context.Context, req model.Request) (model.Response, error) {
	resp, _, err := m.score(ctx, m.opts, m.known(), req)
	return resp, m.wrap(err)
}

// score asks once, and returns what of the request the model has taken, too.
func (m *Model) score(ctx context.Context, o Options, f Features, req model.Request) (model.Response, Features, error) {
	if len(req.Images) > 0 && f.Images == No {
		return model.Response{}, Features{}, fault.New(fault.Rejected, nil, "the model does not look at pictures")
	}
	shared, err := m.shelf.of(req)
	if err != nil {
		return model.Response{}, Features{}, err
	}
	body, err := m.provider.Body(shared.ask(o, f, req))
	if err != nil {
		return model.Response{}, Features{}, err
	}
	reply, err := m.exchange(ctx, m.provider.AskPath, body)
	shown := m.show(shared, o, f, req, reply)
	if err != nil {
		return model.Response{Prompt: shared.prompt, Exchange: shown}, Features{}, err
	}
	if reply.Status != http.StatusOK {
		resp := model.Response{
			Prompt: shared.prompt, Exchange: shown, RequestID: reply.Header.Get(m.provider.RequestID), Allowances: allowances(reply.Header),
		}
		return resp, Features{}, m.refusal(reply, body)
	}
	resp, tokens, err := m.read(req.Taxonomy, reply)
	resp.Prompt, resp.Exchange = shared.prompt, shown
	resp.RequestID = cmp.Or(resp.RequestID, reply.Header.Get(m.provider.RequestID))
	resp.Allowances = allowances(reply.Header)
	took := m.provider.Params.sent(body)
	if took.Logprobs == Yes && !tokens {
		took.Logprobs = No
	}
	return resp, took, err
}

// read turns a reply into a response, and tells whether it has the probabilities of tokens. What
// it cost is in the response beside an error too.
func (m *Model) read(t *taxonomy.Taxonomy, reply Reply) (model.Response, bool, error) {
	var resp model.Response
	said, err := m.provider.Read(reply)
	if err == nil {
		resp, err = said.response(t)
	}
	resp.Served, resp.RequestID = said.Served, said.RequestID
	usage, note := m.provider.Usage.Read(reply.Body)
	resp.Usage = usage
	if note != "" {
		resp.Notes = append(resp.Notes, note)
	}
	return resp, len(said.Tokens) > 0, err
}

// Lifecycle asks the provider whether the model exists and, where it says so, when it ends.
func (m *Model) Lifecycle(ctx context.Context) (Lifecycle, error) {
	life, err := m.lookUp(ctx)
	return life, m.wrap(err)
}

func (m *Model) lookUp(ctx context.Context) (Lifecycle, error) {
	reply, err := m.exchange(ctx, m.provider.LookUpPath, nil)
	switch {
	case err != nil:
		return Lifecycle{}, err
	case reply.Status == http.StatusNotFound:
		return Lifecycle{}, nil
	case reply.Status != http.StatusOK:
		return Lifecycle{}, m.provider.Failure(reply)
	}
	return m.provider.Lifecycle(reply)
}

func (m *Model) wrap(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", m.Name(), err)
}

func (m *Model) exchange(ctx context.Context, path string, body []byte) (Reply, error) {
	p := m.provider
	if m.opts.Key == "" && p.BaseURL != "" && m.opts.BaseURL == p.BaseURL {
		return Reply{}, fault.New(fault.NoKey, nil, "no key for %s", p.Title)
	}
	return Exchange(ctx, m.opts.Client, Call{
		URL:       below(m.opts.BaseURL, strings.ReplaceAll(path, "{model}", url.PathEscape(m.opts.Model))),
		Header:    p.Header,
		Key:       m.opts.Key,
		KeyHeader: p.KeyHeader,
		KeyPrefix: p.KeyPrefix,
		Body:      body,
		Timeout:   m.opts.Timeout,
	})
}

// below returns the address of path under a base URL, whose query it keeps.
func below(base, path string) string {
	address, query, has := strings.Cut(base, "?")
	address = strings.TrimRight(address, "/") + path
	if has {
		address += "?" + query
	}
	return address
}
