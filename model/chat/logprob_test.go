package chat_test

import (
	"io"
	"math"
	"net/http"
	"strings"
	"testing"

	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/chat"
	"github.com/docsift/docsift/taxonomy"
)

// tok is a token of probability p, and what could have stood there instead.
func tok(text string, p float64, instead ...chat.Token) chat.Token {
	t := chat.Token{Text: text, Logprob: math.Log(p), Top: []chat.Token{{Text: text, Logprob: math.Log(p)}}}
	t.Top = append(t.Top, instead...)
	return t
}

// alt could have stood there.
func alt(text string, p float64) chat.Token { return chat.Token{Text: text, Logprob: math.Log(p)} }

// saying is a model whose provider says text, with tokens.
func saying(text string, tokens []chat.Token) *chat.Model {
	client := answering(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader("{}"))}, nil
	})
	return chat.New(chat.Options{Client: client, BaseURL: "http://api.invalid"}, chat.Provider{
		Body:     func(chat.Ask) ([]byte, error) { return []byte("{}"), nil },
		Read:     func(chat.Reply) (chat.Answer, error) { return chat.Answer{Text: text, Tokens: tokens}, nil },
		Features: func(chat.Options) chat.Features { return chat.Features{} },
	})
}

// What the tokens of `{"category":"<label>","confidence":0.95}` tell of the label.
func TestScoreByTokens(t *testing.T) {
	tax := names(t, "tax_form", "tax", "invoice", "receipt")
	open, end := tok(`{"category":"`, 1), tok(`","confidence":0.95}`, 1)
	tests := []struct {
		name   string
		tokens []chat.Token
		label  string
		want   map[string]float64 // probabilities; what is not named shares the rest
	}{
		{"one token", []chat.Token{open, tok("invoice", 0.7, alt("receipt", 0.2)), end}, "invoice", map[string]float64{"invoice": 0.7, "receipt": 0.2 + 0.1/4, "tax": 0.1 / 4}},
		{"the product of several", []chat.Token{open, tok("inv", 0.8, alt("rece", 0.1)), tok("oice", 0.9, alt("entory", 0.1)), end}, "invoice",
			map[string]float64{"invoice": 0.72, "receipt": 0.1 + 0.18/4, "tax_form": 0.18 / 4}},
		{"a token with the quote before it", []chat.Token{tok(`{"category":`, 1), tok(`"invoice`, 0.6, alt(`"receipt`, 0.3)), end}, "invoice", map[string]float64{"invoice": 0.6, "receipt": 0.3 + 0.1/4}},
		{"a token with what follows", []chat.Token{open, tok(`invoice",`, 0.6, alt(`receipt",`, 0.4)), tok(`"confidence":0.95}`, 1)}, "invoice", map[string]float64{"invoice": 0.6, "receipt": 0.4, "tax": 0}},
		{"one token for all of it", []chat.Token{tok(`{"category":"invoice","confidence":0.95}`, 0.5)}, "invoice", map[string]float64{"invoice": 0.5, "receipt": 0.125}},
		{"a letter each", append(append([]chat.Token{open}, letters("invoice", 0.9)...), end), "invoice", map[string]float64{"invoice": math.Pow(0.9, 7)}},
		{"a beginning of two categories is shared", []chat.Token{open, tok("invoice", 0.6, alt("tax", 0.4)), end}, "invoice", map[string]float64{"invoice": 0.6, "tax": 0.2, "tax_form": 0.2, "receipt": 0}},
		{"the quote that tells a category from a longer one", []chat.Token{open, tok("tax", 0.9, alt("invoice", 0.1)), tok(`"`, 0.5, alt("_form", 0.5)), tok(`,"confidence":0.95}`, 1)}, "tax",
			map[string]float64{"tax": 0.45, "tax_form": 0.45, "invoice": 0.1, "receipt": 0}},
		{"the longer one", []chat.Token{open, tok("tax", 0.9), tok("_form", 0.5, alt(`"`, 0.5)), end}, "tax_form", map[string]float64{"tax_form": 0.45, "tax": 0.45 + 0.1/4}},
		{"another cut of the same word is no rival", []chat.Token{open, tok("invoice", 0.6, alt("inv", 0.2)), end}, "invoice", map[string]float64{"invoice": 0.6, "receipt": 0.1}},
		{"a rival off the list", []chat.Token{open, tok("invoice", 0.6, alt("banana", 0.4)), end}, "invoice", map[string]float64{"invoice": 0.6, "receipt": 0.1}},
		{"a rival that nobody computed", []chat.Token{open, tok("invoice", 0.6, chat.Token{Text: "receipt", Logprob: -9999}, chat.Token{Text: "tax", Logprob: math.NaN()}), end}, "invoice", map[string]float64{"invoice": 0.6, "receipt": 0.1}},
		{"rivals that make more than is left", []chat.Token{open, tok("invoice", 0.6, alt("receipt", 0.6), alt("unknown", 0.2)), end}, "invoice", map[string]float64{"invoice": 0.6, "receipt": 0.3, "unknown": 0.1}},
		{"a token of the end behind the text", []chat.Token{open, tok("invoice", 0.7), end, tok("<|end|>", 1)}, "invoice", map[string]float64{"invoice": 0.7}},
		{"unknown", []chat.Token{open, tok("unknown", 0.8, alt("receipt", 0.2)), end}, taxonomy.Unknown, map[string]float64{"unknown": 0.8, "receipt": 0.2}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := saying(`{"category":"`+tt.label+`","confidence":0.95}`, tt.tokens).Score(t.Context(), model.Request{Taxonomy: tax})
			if err != nil || got.Label != tt.label || got.Score != model.ScoreLogprob {
				t.Fatalf("%q (%s), %v; want %q by its tokens", got.Label, got.Score, err, tt.label)
			}
			if want := min(tt.want[tt.label], 0.95); math.Abs(got.Confidence-want) > 1e-9 {
				t.Errorf("confidence %v, want %v", got.Confidence, want)
			}
			for name, want := range tt.want {
				if math.Abs(got.Scores[name]-want) > 1e-9 {
					t.Errorf("%s: %v, want %v", name, got.Scores[name], want)
				}
			}
			total := 0.0
			for _, p := range got.Scores {
				total += p
			}
			if len(got.Scores) != 5 || math.Abs(total-1) > 1e-9 {
				t.Errorf("scores %v make %v", got.Scores, total)
			}
		})
	}
}

func letters(word string, p float64) []chat.Token {
	var all []chat.Token
	for _, r := range word {
		all = append(all, tok(string(r), p))
	}
	return all
}

// Where the tokens do not tell, what is stated counts as if there were none.
func TestScoreByTokensFallsBack(t *testing.T) {
	const text = `{"category":"invoice","confidence":0.95}`
	odd := func(logprob float64) []chat.Token {
		return []chat.Token{{Text: `{"category":"`}, {Text: "invoice", Logprob: logprob}, {Text: `","confidence":0.95}`}}
	}
	tests := []struct {
		name   string
		text   string
		tokens []chat.Token
		score  model.ScoreKind
	}{
		{"no tokens", text, nil, model.ScoreStated},
		{"tokens of another text", text, []chat.Token{tok("Hello", 1)}, model.ScoreStated},
		{"tokens that end too early", text, odd(-0.1)[:2], model.ScoreStated},
		{"a token outside the likeliest", text, odd(-9999), model.ScoreStated},
		{"no number", text, odd(math.NaN()), model.ScoreStated},
		{"a probability above 1", text, odd(0.1), model.ScoreStated},
		{"an endless one", text, odd(math.Inf(-1)), model.ScoreStated},
		{"a category in capitals", `{"category":"INVOICE","confidence":0.95}`, []chat.Token{tok(`{"category":"INVOICE","confidence":0.95}`, 0.9)}, model.ScoreStated},
		{"a category with an escape", `{"category":"invo\u0069ce","confidence":0.95}`, []chat.Token{tok(`{"category":"invo\u0069ce","confidence":0.95}`, 0.9)}, model.ScoreStated},
		{"a category off the list", `{"category":"banana","confidence":0.95}`, []chat.Token{tok(`{"category":"banana","confidence":0.95}`, 0.9)}, model.ScoreNone},
		{"no confidence beside it", `{"category":"invoice"}`, []chat.Token{tok(`{"category":"invoice"}`, 0.9)}, model.ScoreNone},
		{"a confidence that JSON does not have", `{"confidence":NaN,"category":"invoice"}`, []chat.Token{tok(`{"confidence":NaN,"category":"invoice"}`, 0.9)}, model.ScoreNone},
		{"a category behind thoughts", `<think>{no}</think>` + text, []chat.Token{tok(`<think>{no}</think>{"category":"`, 1), tok("invoice", 0.9), tok(`","confidence":0.95}`, 1)}, model.ScoreLogprob},
		{"a category behind prose", "Set {a}: " + text, []chat.Token{tok(`Set {a}: {"category":"`, 1), tok("invoice", 0.9), tok(`","confidence":0.95}`, 1)}, model.ScoreLogprob},
		{"a category with space around it", `{"category" : "invoice" ,"confidence":0.95}`, []chat.Token{tok(`{"category" : "`, 1), tok("invoice", 0.9), tok(`" ,"confidence":0.95}`, 1)}, model.ScoreLogprob},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := map[model.ScoreKind]float64{model.ScoreStated: 0.95, model.ScoreNone: 0, model.ScoreLogprob: 0.9}[tt.score]
			got, err := saying(tt.text, tt.tokens).Score(t.Context(), model.Request{Taxonomy: names(t, "invoice", "receipt")})
			if err != nil || got.Score != tt.score || math.Abs(got.Confidence-want) > 1e-9 {
				t.Errorf("confidence %v (%s), %v; want %v (%s)", got.Confidence, got.Score, err, want, tt.score)
			}
		})
	}
}

// The smaller of the two counts, and what the tokens say is kept beside it.
func TestScoreByTokensIsBoundedByWhatIsStated(t *testing.T) {
	tokens := []chat.Token{tok(`{"category":"`, 1), tok("invoice", 0.999), tok(`","confidence":0.6}`, 1)}
	got, err := saying(`{"category":"invoice","confidence":0.6}`, tokens).Score(t.Context(), model.Request{Taxonomy: names(t, "invoice", "receipt")})
	if err != nil || got.Confidence != 0.6 || math.Abs(got.Scores["invoice"]-0.999) > 1e-9 {
		t.Errorf("confidence %v, scores %v, %v; want 0.6 and 0.999", got.Confidence, got.Scores, err)
	}
}

// Whatever the tokens are, there is a distribution over the closed set.
func FuzzScoreByTokens(f *testing.F) {
	f.Add("{\"category\":\"|invoice|\",\"confidence\":0.9}", "receipt", -0.2, -1.5)
	f.Add("{\"category\":|\"invoice\"|,\"confidence\":0.9}", "\"receipt", -9999.0, math.NaN())
	f.Fuzz(func(t *testing.T, text, instead string, a, b float64) {
		var tokens []chat.Token
		for s := range strings.SplitSeq(text, "|") {
			tokens = append(tokens, chat.Token{Text: s, Logprob: a, Top: []chat.Token{{Text: instead, Logprob: b}, {Text: s, Logprob: a}}})
		}
		got, err := saying(strings.ReplaceAll(text, "|", ""), tokens).Score(t.Context(), model.Request{Taxonomy: names(t, "invoice", "receipt", "inv")})
		if err != nil {
			return
		}
		total := 0.0
		for name, p := range got.Scores {
			if !(p >= -1e-9 && p <= 1) {
				t.Errorf("%s: %v", name, p)
			}
			total += p
		}
		if math.Abs(total-1) > 1e-6 || got.Confidence < 0 || got.Confidence > 1 {
			t.Errorf("scores %v make %v, confidence %v", got.Scores, total, got.Confidence)
		}
	})
}
