package chat_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/chat"
	"github.com/docsift/docsift/taxonomy"
)

func names(t testing.TB, names ...string) *taxonomy.Taxonomy {
	t.Helper()
	tax, err := taxonomy.New("test", names)
	if err != nil {
		t.Fatal(err)
	}
	return tax
}

func TestParseAnswerCategory(t *testing.T) {
	tests := []struct {
		name, text string
		want       string
		note       string // part of the first note; "" means that there is none
	}{
		{"plain JSON", `{"category":"invoice","confidence":0.93}`, "invoice", ""},
		{"fields in the other order", `{"confidence":0.93,"category":"invoice"}`, "invoice", ""},
		{"more fields than asked for", `{"reason":"it says {so}","category":"invoice","confidence":0.9,"more":{"category":"receipt"}}`, "invoice", ""},
		{"a byte order mark", "\ufeff" + `{"category":"invoice","confidence":0.9}`, "invoice", ""},
		{"a Markdown fence", "```json\n{\"category\":\"invoice\",\"confidence\":0.9}\n```", "invoice", ""},
		{"prose around it", `Sure! Here you go: {"category":"invoice","confidence":0.9} Anything else?`, "invoice", ""},
		{"prose with braces", `The set {a, b} says: {"category":"invoice","confidence":0.9} {sic}`, "invoice", ""},
		{"an object of something else before it", `{} {"category":"invoice","confidence":0.9}`, "invoice", ""},
		{"a list of one", `[{"category":"invoice","confidence":0.9}]`, "invoice", ""},
		{"thoughts before it", `<think>{"category":"receipt"}? No.</think>{"category":"invoice","confidence":0.9}`, "invoice", ""},
		{"classification for category", `{"classification":"invoice","confidence":0.9}`, "invoice", ""},
		{"a capital in a field name", `{"Category":"invoice","Confidence":0.9}`, "invoice", ""},
		{"category and classification agreeing", `{"category":"invoice","classification":"invoice","confidence":0.9}`, "invoice", ""},
		{"the same category twice", `{"category":"invoice","category":"invoice","confidence":0.9}`, "invoice", ""},
		{"unknown", `{"category":"unknown","confidence":0.9}`, "unknown", ""},
		{"upper case", `{"category":"INVOICE","confidence":0.9}`, "invoice", `category was written "INVOICE"`},
		{"words with spaces", `{"category":" Bank  Statement ","confidence":0.9}`, "bank_statement", "category was written"},
		{"a hyphen", `{"category":"bank-statement","confidence":0.9}`, "bank_statement", "category was written"},
		{"Unknown in capitals", `{"category":"Unknown","confidence":0.9}`, "unknown", "category was written"},
		{"a word off the list", `{"category":"banana","confidence":0.9}`, "unknown", `category "banana" is not in the list`},
		{"a plural", `{"category":"invoices","confidence":0.9}`, "unknown", `category "invoices" is not in the list`},
		{"a sentence", `{"category":"It is an invoice, I believe, though it may be a receipt","confidence":0.9}`, "unknown", `category "It is an invoice, I believe, though it m…" is not`},
		{"no word at all", `{"category":"","confidence":0.9}`, "unknown", `category "" is not in the list`},
		{"a look-alike letter", `{"category":"invоice","confidence":0.9}`, "unknown", "is not in the list"},
		{"a word that means two categories", `{"category":"TAX FORM","confidence":0.9}`, "unknown", "is not in the list"},
		{"one of two look-alike categories, exactly", `{"category":"tax-form","confidence":0.9}`, "tax-form", ""},
	}
	tax := names(t, "invoice", "receipt", "bank_statement", "tax_form", "tax-form")
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := chat.ParseAnswer(tax, tt.text)
			if err != nil {
				t.Fatal(err)
			}
			if got.Label != tt.want {
				t.Errorf("label %q, want %q", got.Label, tt.want)
			}
			if tt.note == "" && got.Notes != nil || tt.note != "" && (len(got.Notes) != 1 || !strings.Contains(got.Notes[0], tt.note)) {
				t.Errorf("notes %q, want one with %q", got.Notes, tt.note)
			}
		})
	}
}

func TestParseAnswerConfidence(t *testing.T) {
	tests := []struct {
		name, value string
		want        float64
		score       model.ScoreKind
		note        string
	}{
		{"a number", `0.93`, 0.93, model.ScoreStated, ""},
		{"zero", `0`, 0, model.ScoreStated, ""},
		{"one", `1`, 1, model.ScoreStated, ""},
		{"one with a fraction of none", `1.0`, 1, model.ScoreStated, ""},
		{"an exponent", `9.3e-1`, 0.93, model.ScoreStated, ""},
		{"text", `"0.93"`, 0.93, model.ScoreStated, "confidence was text"},
		{"a per cent sign", `"93%"`, 0.93, model.ScoreStated, `"93%" was read as a percentage`},
		{"a per cent sign after a space", `"93.5 %"`, 0.935, model.ScoreStated, "was read as a percentage"},
		{"half a per cent", `"0.5%"`, 0.005, model.ScoreStated, "was read as a percentage"},
		{"a whole number up to 100", `93`, 0.93, model.ScoreStated, `"93" was read as a percentage`},
		{"a hundred", `100`, 1, model.ScoreStated, "was read as a percentage"},
		{"a score of ten, the doubtful way", `9`, 0.09, model.ScoreStated, "was read as a percentage"},
		{"more than a hundred", `101`, 0, model.ScoreNone, `"101" is not a probability`},
		{"more than a hundred per cent", `"120%"`, 0, model.ScoreNone, "is not a probability"},
		{"a fraction above one", `1.7`, 0, model.ScoreNone, `"1.7" is not a probability`},
		{"less than nothing", `-1`, 0, model.ScoreNone, `"-1" is not a probability`},
		{"less than nothing per cent", `"-5%"`, 0, model.ScoreNone, "is not a probability"},
		{"minus nothing", `-0`, 0, model.ScoreNone, "is not a probability"},
		{"a word", `"high"`, 0, model.ScoreNone, `"high" is not a probability`},
		{"text without any", `""`, 0, model.ScoreNone, "is not a probability"},
		{"a comma", `"0,93"`, 0, model.ScoreNone, "is not a probability"},
		{"NaN as text", `"NaN"`, 0, model.ScoreNone, "is not a probability"},
		{"NaN as Python writes it", `NaN`, 0, model.ScoreNone, `"NaN" is not a probability`},
		{"minus infinity", `-Infinity`, 0, model.ScoreNone, "is not a probability"},
		{"infinity as text", `"inf"`, 0, model.ScoreNone, "is not a probability"},
		{"a hexadecimal", `"0x1p-1"`, 0, model.ScoreNone, "is not a probability"},
		{"too large a number", `1e999`, 0, model.ScoreNone, "is not a probability"},
		{"null", `null`, 0, model.ScoreNone, `"null" is not a probability`},
		{"true", `true`, 0, model.ScoreNone, "is not a probability"},
		{"a list", `[0.93]`, 0, model.ScoreNone, "is not a probability"},
		{"two that differ", `0.93,"confidence":0.2`, 0, model.ScoreNone, "two confidences were given"},
		{"two that agree", `0.93,"confidence":0.93`, 0.93, model.ScoreStated, ""},
	}
	tax := names(t, "invoice", "receipt", "bank_statement")
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := chat.ParseAnswer(tax, `{"category":"invoice","confidence":`+tt.value+`}`)
			if err != nil {
				t.Fatal(err)
			}
			if got.Confidence != tt.want || got.Score != tt.score {
				t.Errorf("confidence %v (%s), want %v (%s)", got.Confidence, got.Score, tt.want, tt.score)
			}
			if tt.note == "" && got.Notes != nil || tt.note != "" && !strings.Contains(strings.Join(got.Notes, "|"), tt.note) {
				t.Errorf("notes %q, want one with %q", got.Notes, tt.note)
			}
		})
	}
}

func TestParseAnswerScores(t *testing.T) {
	tax := names(t, "invoice", "receipt", "bank_statement")
	tests := []struct {
		name, text       string
		invoice, unknown float64
		wantScore        model.ScoreKind
		wantConfidence   float64
	}{
		{"spread what is left alike", `{"category":"invoice","confidence":0.7}`, 0.7, 0.1, model.ScoreStated, 0.7},
		{"are all alike without a confidence", `{"category":"invoice"}`, 0.25, 0.25, model.ScoreNone, 0},
		{"do not trust the confidence of a word off the list", `{"category":"banana","confidence":0.97}`, 0.25, 0.25, model.ScoreNone, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := chat.ParseAnswer(tax, tt.text)
			if err != nil {
				t.Fatal(err)
			}
			if math.Abs(got.Scores["invoice"]-tt.invoice) > 1e-9 || math.Abs(got.Scores["unknown"]-tt.unknown) > 1e-9 {
				t.Errorf("scores %v, want invoice %v and unknown %v", got.Scores, tt.invoice, tt.unknown)
			}
			if got.Score != tt.wantScore || got.Confidence != tt.wantConfidence {
				t.Errorf("confidence %v (%s), want %v (%s)", got.Confidence, got.Score, tt.wantConfidence, tt.wantScore)
			}
		})
	}
}

func TestParseAnswerRefusesWhatIsNone(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"nothing", "", "the answer is empty"},
		{"white space", " \n\t", "the answer is empty"},
		{"a bare word", "invoice", "no JSON object with a category"},
		{"an object without a category", `{"confidence":0.9}`, "no JSON object with a category"},
		{"a category inside another object", `{"answer":{"category":"invoice"}}`, "no JSON object with a category"},
		{"a category inside a broken object", `{answer: 1, "x": {"category":"invoice","confidence":1}}`, "no JSON object with a category"},
		{"a list of two", `[{"category":"invoice","confidence":0.5},{"category":"receipt","confidence":0.5}]`, "2 answers instead of one"},
		{"the same answer twice", `{"category":"invoice"}{"category":"invoice"}`, "2 answers instead of one"},
		{"two categories", `{"category":"invoice","category":"receipt","confidence":0.9}`, "names two categories"},
		{"category against classification", `{"category":"invoice","classification":"receipt"}`, "names two categories"},
		{"a list for a category", `{"category":["invoice"],"confidence":0.9}`, "not a text"},
		{"null for a category", `{"category":null,"confidence":0.9}`, "not a text"},
		{"a number for a category", `{"category":1,"confidence":0.9}`, "not a text"},
		{"an end inside a word", `{"category":"invo`, "truncated"},
		{"an end after the category", `{"category":"invoice","confidence":0.`, "truncated"},
		{"an end before the brace", "```json\n" + `{"category":"invoice","confidence":0.9`, "truncated"},
		{"an end inside with a whole object", `{"x":{"category":"invoice","confidence":0.9}`, "truncated"},
		{"an end after the first brace", `{`, "truncated"},
		{"single quotes", `{'category':'invoice'}`, "no JSON object with a category"},
		{"more than an answer can be", strings.Repeat("x", 65<<10), "longer than 64 KiB"},
	}
	tax := names(t, "invoice", "receipt")
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := chat.ParseAnswer(tax, tt.text)
			if fault.KindOf(err) != fault.BadOutput || !strings.Contains(fault.Message(err), tt.want) {
				t.Errorf("error %v (%s), want %s with %q", err, fault.KindOf(err), fault.BadOutput, tt.want)
			}
		})
	}
}

func FuzzParseAnswer(f *testing.F) {
	for _, seed := range []string{
		`{"category":"invoice","confidence":0.93}`,
		"```json\n{\"classification\":\"Bank Statement\",\"confidence\":\"93%\"}\n```",
		`{"category":"invoice","confidence":NaN}`,
		`{"category":"invoice","category":"receipt"}`,
		`[{"category":"invoice"},{"category":`,
		`{{{{"a":[{`, "\ufeff</think>{}",
	} {
		f.Add(seed)
	}
	tax := names(f, "invoice", "receipt", "bank_statement")
	f.Fuzz(func(t *testing.T, text string) {
		resp, err := chat.ParseAnswer(tax, text)
		if err != nil {
			if fault.KindOf(err) != fault.BadOutput {
				t.Fatalf("kind %q, want %q", fault.KindOf(err), fault.BadOutput)
			}
			return
		}
		if resp.Label != taxonomy.Unknown && !tax.Has(resp.Label) {
			t.Fatalf("label %q is not in the set", resp.Label)
		}
		if !(resp.Confidence >= 0 && resp.Confidence <= 1) {
			t.Fatalf("confidence %v is no probability", resp.Confidence)
		}
		if resp.Score == model.ScoreNone && (resp.Confidence != 0 || len(resp.Notes) == 0) {
			t.Fatalf("no score, but confidence %v and notes %q", resp.Confidence, resp.Notes)
		}
		sum := 0.0
		for _, p := range resp.Scores {
			sum += p
		}
		if math.Abs(sum-1) > 1e-9 {
			t.Fatalf("scores add up to %v", sum)
		}
		if slices.ContainsFunc(resp.Notes, func(n string) bool { return len(n) > 600 }) {
			t.Fatalf("a note is longer than a line: %q", resp.Notes)
		}
	})
}
