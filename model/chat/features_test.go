package chat_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/chat"
	"github.com/docsift/docsift/model/modeltest"
)

// server is a provider whose requests are lists of parameters. It refuses some of them.
type server struct {
	refuses []string // as fields, such as "temperature"
	silent  bool     // it gives no log-probabilities, and does not say so
	sight   int      // the status of what has a picture; 0 for 200

	known chat.Features // by the model's name
	asked []chat.Ask
	sent  []string // the bodies
}

func (s *server) open(found chat.Features) *chat.Model {
	param := func(name string) chat.Param { return chat.Param{Fields: []string{name}, Words: []string{name}} }
	return chat.New(chat.Options{Client: answering(s.answer), BaseURL: "http://api.invalid", Model: "m", Found: found}, chat.Provider{
		Name: "p",
		Body: func(a chat.Ask) ([]byte, error) {
			s.asked = append(s.asked, a)
			return body(a)
		},
		Features: func(chat.Options) chat.Features { return s.known },
		Params:   chat.Params{Schema: param("schema"), Logprobs: param("logprobs"), Temperature: param("temperature")},
		Blame:    func(r chat.Reply) string { return string(r.Body) },
		Failure:  func(r chat.Reply) error { return r.Fault(chat.StatusKind(r.Status), "", string(r.Body)) },
		Usage:    fields(),
		Read: func(r chat.Reply) (chat.Answer, error) {
			said := chat.Answer{Text: `{"category":"invoice","confidence":0.9}`}
			if strings.Contains(string(r.Body), "tokens") {
				said.Tokens = []chat.Token{{Text: said.Text}}
			}
			return said, nil
		},
	})
}

func body(a chat.Ask) ([]byte, error) {
	b := fmt.Sprintf(`{"text":%q`, a.Data)
	if a.Takes.Schema != chat.No {
		b += `,"schema":{}`
	}
	if a.Takes.Logprobs == chat.Yes {
		b += `,"logprobs":5`
	}
	if a.Takes.Temperature != chat.No && a.Temperature != nil {
		b += fmt.Sprintf(`,"temperature":%v`, *a.Temperature)
	}
	if len(a.Images) > 0 {
		b += `,"image":1`
	}
	return []byte(b + "}"), nil
}

func (s *server) answer(r *http.Request) (*http.Response, error) {
	b, _ := io.ReadAll(r.Body)
	s.sent = append(s.sent, string(b))
	reply := func(status int, text string) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(text))}, nil
	}
	for _, p := range s.refuses {
		if strings.Contains(string(b), `"`+p+`":`) {
			return reply(400, "no "+p)
		}
	}
	switch {
	case s.sight != 0 && strings.Contains(string(b), `"image":`):
		return reply(s.sight, "no pictures")
	case strings.Contains(string(b), `"logprobs":`) && !s.silent:
		return reply(200, `{"tokens":1,"usage":{"in":100,"out":10}}`)
	}
	return reply(200, `{"usage":{"in":100,"out":10}}`)
}

func TestProbeFeatures(t *testing.T) {
	all := chat.Features{Schema: chat.Yes, Logprobs: chat.Yes, Temperature: chat.Yes, Images: chat.Yes}
	with := func(f chat.Features) chat.Features { return f.Or(all) }
	tests := []struct {
		name   string
		server server
		want   chat.Features
		calls  int
		input  int // tokens that were paid for
	}{
		{"a server that takes all", server{}, all, 2, 200},
		{"one that takes none", server{refuses: []string{"schema", "logprobs", "temperature"}, sight: 400},
			chat.Features{Schema: chat.No, Logprobs: chat.No, Temperature: chat.No, Images: chat.No}, 5, 100},
		{"one that leaves out what it was asked for", server{silent: true}, with(chat.Features{Logprobs: chat.No}), 2, 200},
		{"one that fails at pictures", server{sight: 503}, chat.Features{Schema: chat.Yes, Logprobs: chat.Yes, Temperature: chat.Yes}, 2, 100},
		{"nothing known is asked again", server{known: chat.Features{Logprobs: chat.No, Temperature: chat.No, Images: chat.No}},
			chat.Features{Schema: chat.Yes, Logprobs: chat.No, Temperature: chat.No, Images: chat.No}, 1, 100},
		{"what is known is wrong", server{known: all, refuses: []string{"logprobs"}}, with(chat.Features{Logprobs: chat.No}), 2, 100},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := tt.server.open(chat.Features{})
			metered := 0
			got, err := m.ProbeFeatures(t.Context(), modeltest.Request(t), func(m model.Model) model.Model {
				return modeltest.Func(func(ctx context.Context, req model.Request) (model.Response, error) {
					metered++
					resp, err := m.Score(ctx, req)
					resp.Cost = &model.Cost{NanoUSD: int64(resp.Usage.Input), Known: true}
					return resp, err
				})
			})
			if err != nil || got.Features != tt.want {
				t.Errorf("found %+v, %v; want %+v", got, err, tt.want)
			}
			if u := got.Usage; len(tt.server.sent) != tt.calls || metered != tt.calls || u.Input != tt.input || !u.Known || got.Cost.NanoUSD != int64(tt.input) {
				t.Errorf("%d calls for %+v, want %d and %d tokens", len(tt.server.sent), got, tt.calls, tt.input)
			}
			before := len(tt.server.sent)
			if _, err := m.Score(t.Context(), modeltest.Request(t)); err != nil || len(tt.server.sent) != before+1 {
				t.Errorf("afterwards: %v after %d calls", err, len(tt.server.sent)-before)
			}
		})
	}
}

func TestProbeFeaturesOfAModelThatIsDown(t *testing.T) {
	s := server{known: chat.Features{Schema: chat.Yes}}
	m := s.open(chat.Features{})
	s.refuses = []string{"text"} // which is no parameter
	got, err := m.ProbeFeatures(t.Context(), modeltest.Request(t), nil)
	if fault.KindOf(err) != fault.Rejected || got.Usage.Input != 0 || got.Features != s.known || len(s.sent) != 1 {
		t.Errorf("found %+v, %v after %d calls", got, err, len(s.sent))
	}
}

// Score never asks twice. What is refused is an error that passes, and the next call knows.
func TestScoreLearnsFromARefusal(t *testing.T) {
	s := server{refuses: []string{"logprobs"}}
	m := s.open(chat.Features{Logprobs: chat.Yes})
	_, err := m.Score(t.Context(), modeltest.Request(t))
	if fault.KindOf(err) != fault.Adapted || !fault.KindOf(err).MayPass() || fault.MaybeBilled(err) || len(s.sent) != 1 {
		t.Errorf("first %v (%s) after %d calls", err, fault.KindOf(err), len(s.sent))
	}
	if !strings.Contains(fault.Message(err), "logprobs") {
		t.Errorf("message %q does not name what was refused", fault.Message(err))
	}
	if _, err := m.Score(t.Context(), modeltest.Request(t)); err != nil || strings.Contains(s.sent[1], "logprobs") {
		t.Errorf("then %v for %s", err, s.sent[1])
	}
}

// A complaint about what was not sent, or about the document, is none about a parameter.
func TestScoreDoesNotLearnFromOtherRefusals(t *testing.T) {
	s := server{refuses: []string{"text"}}
	m := s.open(chat.Features{})
	req := modeltest.Request(t)
	req.Text = `they say {"temperature":0, "logprobs":1} here`
	for range 2 {
		if _, err := m.Score(t.Context(), req); fault.KindOf(err) != fault.Rejected {
			t.Errorf("error %v (%s), want %s", err, fault.KindOf(err), fault.Rejected)
		}
	}
	s.refuses = nil
	if _, err := m.Score(t.Context(), req); err != nil || !strings.Contains(s.sent[2], `"schema":`) {
		t.Errorf("%v for %s", err, s.sent[2])
	}
}

func TestPicturesAreNotSentToTheBlind(t *testing.T) {
	s := server{}
	req := modeltest.Request(t)
	req.Images = []document.Image{{MIME: "image/png", Bytes: []byte("page")}}
	_, err := s.open(chat.Features{Images: chat.No}).Score(t.Context(), req)
	if fault.KindOf(err) != fault.Rejected || fault.MaybeBilled(err) || len(s.sent) != 0 {
		t.Errorf("error %v (%s) after %d calls, want %s and none", err, fault.KindOf(err), len(s.sent), fault.Rejected)
	}
}

// Answers of two prompts are not to be mixed up, and the same prompt has one name.
func TestScoreTellsThePrompt(t *testing.T) {
	s := server{}
	m := s.open(chat.Features{})
	seen := make(map[string]bool)
	for _, prompt := range []string{"", "", "Sort {categories}.", "Sort {categories}!"} {
		req := modeltest.Request(t)
		req.Prompt = prompt
		resp, err := m.Score(t.Context(), req)
		if err != nil || resp.Prompt == "" || prompt == "" && resp.Prompt != chat.PromptVersion {
			t.Errorf("prompt %q is %q, %v", prompt, resp.Prompt, err)
		}
		seen[resp.Prompt] = true
	}
	if len(seen) != 3 || !seen[chat.PromptVersion] {
		t.Errorf("three prompts are %v", seen)
	}
}

// The instructions are the same bytes for all documents of a taxonomy, so that providers can
// keep them, and their key says which they are.
func TestAskIsStable(t *testing.T) {
	s := server{}
	m := s.open(chat.Features{})
	ask := func(categories, text string) {
		req := modeltest.Request(t)
		req.Taxonomy, req.Text = names(t, strings.Fields(categories)...), text
		if _, err := m.Score(t.Context(), req); err != nil {
			t.Fatal(err)
		}
	}
	ask("invoice receipt", "first text")
	for i := range 200 { // more than are kept
		ask(fmt.Sprintf("invoice c%d", i), "two")
	}
	ask("invoice receipt", "three")
	first, second, last := s.asked[0], s.asked[1], s.asked[len(s.asked)-1]
	if first.System != last.System || first.Key != last.Key || string(first.Schema) != string(last.Schema) {
		t.Errorf("two documents of one taxonomy are asked about by\n%s %s\n%s %s", first.Key, first.System, last.Key, last.System)
	}
	if first.System == second.System || first.Key == second.Key {
		t.Errorf("two taxonomies share the instructions %s", first.Key)
	}
	if len(first.Key) > 64 || strings.Contains(first.System, "first text") {
		t.Errorf("key %q of %q", first.Key, first.System)
	}
}
