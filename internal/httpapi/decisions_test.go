package httpapi_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/internal/httpapi"
	"github.com/docsift/docsift/internal/sim"
)

// postJSON sends a body and returns the status, the answer and its header.
func postJSON(t testing.TB, url, body string) (int, map[string]any, http.Header) {
	t.Helper()
	resp, err := http.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode, decode(t, resp.Body), resp.Header
}

// at returns what stands in v at a path such as answers.0.choice.
func at(v any, path string) any {
	for _, step := range strings.Split(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[step]
		case []any:
			var i int
			if _, err := fmt.Sscan(step, &i); err != nil || i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}

func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

const kindOf = `{"type":"choice","name":"kind","instructions":"Which kind of document is it?","choices":[{"value":"bank_statement","description":"of an account"},{"value":"invoice"},{"value":"other"}]}`

func asking(input string, questions ...string) string {
	return `{"model":"gpt-6-luna","input":` + input + `,"questions":[` + strings.Join(questions, ",") + `]}`
}

// The answers of the real cascade over the simulator, which says what it is told.
func TestDecisions(t *testing.T) {
	const (
		paid     = `{"type":"predicate","name":"paid","instructions":"It was paid."}`
		urgency  = `{"type":"score","name":"urgency","instructions":"How urgent is it?","levels":[{"label":"low"},{"label":"middle","description":"this week"},{"label":"high"}]}`
		typed    = `{"type":"choice","instructions":"Is it?","choices":[{"value":"true"},{"value":true},{"value":false}]}`
		partwise = `{"type":"choice","name":"p","instructions":[{"type":"input_text","text":"Which one?"},{"type":"input_json","data":{"hint":[1]}}],"choices":[{"value":"Left Hand"},{"value":"right"}]}`
	)
	says := func(label, confidence string) sim.Step {
		return sim.Step{Match: sim.Match{}, Effect: sim.Effect{Label: label, Confidence: sim.Raw(confidence)}}
	}
	tests := []struct {
		name  string
		steps []sim.Step
		body  string
		want  map[string]any
	}{
		{"the local model knows a kind", nil, asking(quote(invoice), kindOf), map[string]any{
			"model": "docsift/default", "answers.0.type": "choice", "answers.0.name": "kind", "answers.0.choice": "invoice", "answers.0.probabilities.1.value": "invoice",
			"answers.0.docsift.provider_used": "local", "answers.0.docsift.cost.usd": "0", "answers.0.docsift.review.needed": false, "usage.total_tokens": 0.0,
		}},
		{"a predicate", []sim.Step{says("true", "0.93")}, asking(quote(invoice), paid), map[string]any{
			"answers.0.type": "predicate", "answers.0.name": "paid", "answers.0.probability": 0.93, "answers.0.choice": nil, "answers.0.docsift.model": "gpt-6-luna", "docsift.usage_known": true,
		}},
		{"a predicate that is false", []sim.Step{says("false", "0.9")}, asking(quote(invoice), paid), map[string]any{"answers.0.probability": 0.1}},
		{"a scale", []sim.Step{says("high", "0.9")}, asking(quote(invoice), urgency), map[string]any{
			"answers.0.type": "score", "answers.0.score": 1.85, "answers.0.confidence": 0.9, "answers.0.probabilities.2.label": "high", "answers.0.probabilities.2.value": 2.0, "answers.0.probabilities.0.probability": 0.05,
		}},
		{"booleans stay booleans beside texts", []sim.Step{says("true (boolean)", "0.9")}, asking(quote("Short."), typed), map[string]any{
			"answers.0.name": nil, "answers.0.choice": true, "answers.0.probabilities.0.value": "true", "answers.0.probabilities.1.value": true, "answers.0.probabilities.2.value": false, "answers.0.confidence": 0.9,
		}},
		{"instructions in parts, labels as they are", []sim.Step{says("Left Hand", "0.9")}, asking(quote("Short."), partwise), map[string]any{"answers.0.choice": "Left Hand"}},
		{"unknown is the likeliest choice, for review", []sim.Step{says("unknown", "0.9")}, asking(quote("Short."), partwise), map[string]any{
			"answers.0.choice": "Left Hand", "answers.0.confidence": 0.5, "answers.0.docsift.review.needed": true, "answers.0.docsift.review.reason": "unknown",
		}},
		{"unknown is a choice where there is one", []sim.Step{says("unknown", "0.9")}, asking(quote("Zyx wvu tsr qpo nml kji hgf edc."), kindOf), map[string]any{"answers.0.choice": "other", "answers.0.confidence": 0.9}},
		{"messages", []sim.Step{says("true", "0.9")}, asking(`[{"role":"system","content":"Be brief."},{"type":"message","role":"user","content":[{"type":"input_text","text":"Hello"},{"type":"input_json","data":{"a":1}}]},{"role":"assistant","content":[{"type":"output_text","text":"Hi"}]}]`, paid), map[string]any{"answers.0.probability": 0.9}},
		{"answers in the order of the questions", []sim.Step{says("true", "0.9")}, asking(quote(invoice), paid, kindOf, `{"type":"predicate","name":"late","instructions":"It is late."}`), map[string]any{
			"answers.0.name": "paid", "answers.1.name": "kind", "answers.2.name": "late",
		}},
		{"a question that a model refuses beside one that is answered", []sim.Step{{Effect: sim.Effect{Finish: "content_filter"}}}, asking(quote(invoice), paid, kindOf), map[string]any{
			"answers.0.type": "refusal", "answers.0.name": "paid", "answers.0.confidence": nil, "answers.0.docsift.review.needed": true, "answers.1.choice": "invoice",
		}},
		{"a question that fails beside one that is answered", []sim.Step{{Effect: sim.Effect{Fault: "insufficient_quota"}}}, asking(quote(invoice), paid, kindOf), map[string]any{
			"answers.0.type": "refusal", "answers.0.docsift.error.code": "no_model_available", "answers.1.choice": "invoice",
		}},
		{"fields that mean nothing here", nil, `{"model":"x","prompt_cache_key":"k","safety_identifier":1,"input":` + quote(invoice) + `,"questions":[` + kindOf + `]}`, map[string]any{"answers.0.choice": "invoice"}},
		{"a policy by its name", nil, strings.Replace(asking(quote(invoice), kindOf), "gpt-6-luna", "docsift/local", 1), map[string]any{"model": "docsift/local", "answers.0.choice": "invoice"}},
		{"a policy by its bare name", nil, strings.Replace(asking(quote(invoice), kindOf), "gpt-6-luna", "local", 1), map[string]any{"model": "docsift/local"}},
		{"another question to the local model alone", nil, strings.Replace(asking(quote(invoice), paid), "gpt-6-luna", "docsift/local", 1), map[string]any{
			"answers.0.type": "refusal", "answers.0.name": "paid", "answers.0.docsift.error": nil, "answers.0.docsift.reason": "the local model knows kinds of documents, and this is another question",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			srv, _, _ := server(t, "", tt.steps)
			status, body, _ := postJSON(t, srv.URL+"/v1/decisions", tt.body)
			if status != http.StatusOK {
				t.Fatalf("status %d %v", status, body)
			}
			for path, want := range tt.want {
				if got := at(body, path); got != want {
					t.Errorf("%s is %v, want %v", path, got, want)
				}
			}
			checkShares(t, body)
		})
	}
}

// checkShares holds the probabilities of all answers to 1, and the confidence to that of the choice.
func checkShares(t *testing.T, body map[string]any) {
	t.Helper()
	for _, a := range body["answers"].([]any) {
		list, ok := at(a, "probabilities").([]any)
		if !ok {
			continue
		}
		sum, own := 0.0, false
		for _, share := range list {
			p := at(share, "probability").(float64)
			sum += p
			own = own || p == at(a, "confidence") && (at(a, "choice") == nil || at(share, "value") == at(a, "choice"))
		}
		if math.Abs(sum-1) > 0.001 || !own {
			t.Errorf("the probabilities of %v make %v, and the confidence is one of theirs: %v", a, sum, own)
		}
	}
}

// Tokens and dollars of all questions are added up.
func TestDecisionsAddUp(t *testing.T) {
	srv, s, _ := server(t, "", []sim.Step{{Effect: sim.Effect{Label: "true", Confidence: "0.9"}}})
	spent := func(questions ...string) (tokens, answers float64) {
		status, body, _ := postJSON(t, srv.URL+"/v1/decisions", asking(quote("It came late."), questions...))
		if status != 200 || at(body, "docsift.cost.known") != true || at(body, "docsift.cost.usd") == "0" {
			t.Fatalf("status %d %v, want a cost", status, body)
		}
		if sum := at(body, "usage.input_tokens").(float64) + at(body, "usage.output_tokens").(float64); sum != at(body, "usage.total_tokens") {
			t.Errorf("usage %v does not add up", at(body, "usage"))
		}
		return at(body, "usage.input_tokens").(float64), float64(len(body["answers"].([]any)))
	}
	predicate := `{"type":"predicate","instructions":"It came late."}`
	one, _ := spent(predicate)
	three, answers := spent(predicate, predicate, predicate)
	if one == 0 || three != 3*one || answers != 3 || len(s.Requests()) != 4 {
		t.Errorf("%v tokens for one question and %v for %v, in %d requests", one, three, answers, len(s.Requests()))
	}
}

// A picture comes in a data URL and is looked at by a stage that sees.
func TestDecisionsOfAPicture(t *testing.T) {
	paths, err := filepath.Glob("../../samples/*/*.png")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no picture among the samples: %v", err)
	}
	raw, err := os.ReadFile(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	srv, s, _ := server(t, "", []sim.Step{{Effect: sim.Effect{Label: "invoice", Confidence: "0.9"}}})
	input := `[{"role":"user","content":[{"type":"input_image","detail":"low","image_url":"data:image/png;base64,` + base64.StdEncoding.EncodeToString(raw) + `"}]}]`
	status, body, _ := postJSON(t, srv.URL+"/v1/decisions", asking(input, kindOf))
	if status != 200 || at(body, "answers.0.choice") != "invoice" || at(body, "answers.0.confidence") != 0.9 {
		t.Errorf("status %d %v", status, body)
	}
	if rows := s.Requests(); len(rows) != 1 || !rows[0].HasImage {
		t.Errorf("requests %+v, want one with a picture", rows)
	}
}

func TestDecisionsRefuse(t *testing.T) {
	predicate := `{"type":"predicate","instructions":"x"}`
	choice := func(choices string) string {
		return asking(`"x"`, `{"type":"choice","instructions":"x","choices":[`+choices+`]}`)
	}
	image := func(url string) string {
		return asking(`[{"role":"user","content":[{"type":"input_image","image_url":`+quote(url)+`}]}]`, predicate)
	}
	tests := []struct {
		name, body string
		status     int
		param      any
	}{
		{"no JSON", `{"model":`, 400, nil},
		{"no object", `[1]`, 400, nil},
		{"no input", `{"questions":[` + predicate + `]}`, 400, "input"},
		{"a blank input", asking(`" \n"`, predicate), 400, "input"},
		{"an input that is a number", asking(`7`, predicate), 400, "input"},
		{"a model that is a number", strings.Replace(asking(`"x"`, predicate), `"gpt-6-luna"`, "7", 1), 400, "model"},
		{"a policy that there is not", strings.Replace(asking(`"x"`, predicate), "gpt-6-luna", "docsift/nosuch", 1), 404, "model"},
		{"no questions", `{"input":"x"}`, 400, "questions"},
		{"an empty list of questions", asking(`"x"`), 400, "questions"},
		{"401 questions", asking(`"x"`, strings.Split(strings.Repeat(predicate+"\n", 401)[:401*(len(predicate)+1)-1], "\n")...), 400, "questions"},
		{"a question that is a text", asking(`"x"`, predicate, `"why?"`), 400, "questions[1].type"},
		{"a kind of question that there is not", asking(`"x"`, `{"type":"essay","instructions":"x"}`), 400, "questions[0].type"},
		{"no instructions", asking(`"x"`, `{"type":"predicate"}`), 400, "questions[0].instructions"},
		{"blank instructions", asking(`"x"`, `{"type":"predicate","instructions":" "}`), 400, "questions[0].instructions"},
		{"instructions with a picture", asking(`"x"`, `{"type":"predicate","instructions":[{"type":"input_image","image_url":"data:,"}]}`), 400, "questions[0].instructions[0].type"},
		{"a name that is a number", asking(`"x"`, `{"type":"predicate","name":1,"instructions":"x"}`), 400, "questions[0].name"},
		{"one choice", choice(`{"value":"a"}`), 400, "questions[0].choices"},
		{"256 choices", choice(strings.Repeat(`{"value":"a"},`, 255) + `{"value":"a"}`), 400, "questions[0].choices"},
		{"a choice twice", choice(`{"value":"a"},{"value":"b"},{"value":"a"}`), 400, "questions[0].choices[2].value"},
		{"a choice that is a number", choice(`{"value":"a"},{"value":3}`), 400, "questions[0].choices[1].value"},
		{"a choice like a book", choice(`{"value":"a"},{"value":"` + strings.Repeat("b", 1001) + `"}`), 400, "questions[0]"},
		{"a description that is a list", choice(`{"value":"a","description":[]},{"value":"b"}`), 400, "questions[0].choices[0].description"},
		{"one level", asking(`"x"`, `{"type":"score","instructions":"x","levels":[{"label":"a"}]}`), 400, "questions[0].levels"},
		{"an address of a picture", image("https://example.com/a.png"), 400, "input[0].content[0].image_url"},
		{"a data URL without base64", image("data:image/png,abc"), 400, "input[0].content[0].image_url"},
		{"broken base64", image("data:image/png;base64,@@@"), 400, "input[0].content[0].image_url"},
		{"a picture that is none", image("data:image/png;base64," + base64.StdEncoding.EncodeToString([]byte("Dear sir or madam, this is a letter."))), 415, nil},
		{"a broken picture", image("data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAA"), 422, nil},
		{"two pictures", asking(`[{"role":"user","content":[{"type":"input_image","image_url":"data:image/png;base64,AAAA"},{"type":"input_image","image_url":"data:image/png;base64,AAAA"}]}]`, predicate), 400, "input[0].content[1].image_url"},
		{"a picture over the limit", image("data:image/png;base64," + strings.Repeat("A", 1<<20*4/3+8)), 413, "input[0].content[0].image_url"},
		{"a call of a function", asking(`[{"type":"function_call","name":"x","arguments":"{}","call_id":"1"}]`, predicate), 400, "input[0].type"},
		{"a role that there is not", asking(`[{"role":"judge","content":"x"}]`, predicate), 400, "input[0].role"},
		{"a part of a kind that there is not", asking(`[{"role":"user","content":[{"type":"input_file","file_id":"1"}]}]`, predicate), 400, "input[0].content[0].type"},
		{"a request over the limit", `{"input":"` + strings.Repeat("a", 4<<20) + `"}`, 413, nil},
	}
	srv, s, _ := server(t, "", nil)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			status, body, _ := postJSON(t, srv.URL+"/v1/decisions", tt.body)
			if status != tt.status || at(body, "error.param") != tt.param {
				t.Errorf("status %d %v, want %d about %v", status, body, tt.status, tt.param)
			}
			if at(body, "error.type") != "invalid_request_error" || at(body, "error.message") == "" || at(body, "error.code") == nil {
				t.Errorf("%v is not in OpenAI's shape", body)
			}
		})
	}
	if n := len(s.Requests()); n != 0 {
		t.Errorf("%d requests were sent for questions that were refused", n)
	}
}

// When every model fails, the error says why, when to come back, and what was spent.
func TestDecisionsWithoutAModel(t *testing.T) {
	tests := []struct {
		name   string
		step   sim.Step
		said   string
		refuse bool
	}{
		{"no credit", sim.Step{Effect: sim.Effect{Fault: "insufficient_quota"}}, "openai/gpt-6-luna (quota_exhausted", false},
		{"answers that are none", sim.Step{Effect: sim.Effect{Garbage: "prose"}}, "bad_output", false},
		{"all decline", sim.Step{Effect: sim.Effect{Finish: "content_filter"}}, "", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			srv, _, _ := server(t, "", []sim.Step{tt.step})
			status, body, header := postJSON(t, srv.URL+"/v1/decisions", asking(`"It came late."`, `{"type":"predicate","instructions":"x"}`))
			if tt.refuse {
				if status != 200 || at(body, "answers.0.type") != "refusal" {
					t.Errorf("status %d %v, want a refusal", status, body)
				}
				return
			}
			message, _ := at(body, "error.message").(string)
			if status != 503 || !strings.Contains(message, tt.said) || header.Get("Retry-After") == "" || at(body, "error.type") != "server_error" {
				t.Errorf("status %d %v, want 503 with Retry-After that says %q", status, body, tt.said)
			}
			if at(body, "docsift.cost.known") == nil || at(body, "docsift.answers.0.attempts").(float64) < 1 {
				t.Errorf("%v does not say what was spent", body)
			}
		})
	}
}

// Small requests have places of their own, large ones those of documents.
func TestTooManyDecisions(t *testing.T) {
	h := hold(t)
	srv := httptest.NewServer(httpapi.NewWatched(t, httpapi.Options{Classifier: h.classifier, Log: slog.New(slog.DiscardHandler), InFlight: 1, Decisions: 1}))
	defer srv.Close()
	small := asking(`"It came late."`, `{"type":"predicate","instructions":"x"}`)
	large := asking(quote(strings.Repeat("It came late. ", 10000)), `{"type":"predicate","instructions":"x"}`)
	done := make(chan int, 2)
	send := func(body string) {
		resp, err := http.Post(srv.URL+"/v1/decisions", "application/json", strings.NewReader(body))
		if err != nil {
			done <- 0
			return
		}
		defer resp.Body.Close()
		io.Copy(io.Discard, resp.Body)
		done <- resp.StatusCode
	}
	for _, body := range []string{small, large} {
		go send(body)
		<-h.arrived
		status, said, header := postJSON(t, srv.URL+"/v1/decisions", body)
		if status != http.StatusTooManyRequests || header.Get("Retry-After") == "" || at(said, "error.code") != "rate_limit_exceeded" || at(said, "error.type") != "rate_limit_error" {
			t.Errorf("status %d %v, want 429 with Retry-After", status, said)
		}
	}
	h.letGo()
	for range 2 {
		if status := <-done; status != 200 {
			t.Errorf("one under way: status %d, want 200", status)
		}
	}
	for _, body := range []string{small, large} {
		if status, _, _ := postJSON(t, srv.URL+"/v1/decisions", body); status != 200 {
			t.Errorf("status %d once there is room, want 200", status)
		}
	}
}

func TestDecisionsWhileDraining(t *testing.T) {
	c, err := docsift.New(docsift.Options{Policy: "local"})
	if err != nil {
		t.Fatal(err)
	}
	api := httpapi.NewWatched(t, httpapi.Options{Classifier: c, Log: slog.New(slog.DiscardHandler)})
	srv := httptest.NewServer(api)
	defer srv.Close()
	api.Drain()
	status, body, header := postJSON(t, srv.URL+"/v1/decisions", asking(quote(invoice), kindOf))
	if status != http.StatusServiceUnavailable || header.Get("Retry-After") == "" || at(body, "error.code") != "server_shutting_down" {
		t.Errorf("status %d %v, want 503 with Retry-After", status, body)
	}
}

// A body of an unknown length is bounded all the same.
func TestDecisionsOfUnknownLength(t *testing.T) {
	srv, _, _ := server(t, "", nil)
	for _, tt := range []struct {
		name, body string
		want       int
	}{
		{"one that fits", asking(quote(invoice), kindOf), 200},
		{"one that does not", `{"input":"` + strings.Repeat("a", 4<<20) + `"}`, 413},
	} {
		t.Run(tt.name, func(t *testing.T) {
			resp, err := http.Post(srv.URL+"/v1/decisions", "application/json", io.MultiReader(strings.NewReader(tt.body)))
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if resp.StatusCode != tt.want {
				t.Errorf("status %d, want %d", resp.StatusCode, tt.want)
			}
		})
	}
}
