package chat_test

import (
	"strings"
	"testing"

	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/chat"
)

// fields name a usage with all that a provider's may have: a sum, and counts below others.
func fields() chat.UsageFields {
	return chat.UsageFields{
		Field:      "usage",
		Required:   []string{"in", "out"},
		Input:      []string{"in", "in_details.write"},
		Cached:     []string{"in_details.cached"},
		CacheWrite: []string{"in_details.write"},
		Output:     []string{"out"},
		Reasoning:  []string{"out_details.thoughts"},
	}
}

func TestUsageRead(t *testing.T) {
	plain := model.Usage{Known: true, Input: 520, Output: 14}
	tests := []struct {
		name, body string
		want       model.Usage
		note       string
	}{
		{"whole numbers", `{"usage":{"in":520,"out":14}}`, plain, ""},
		{"fractions of nothing", `{"usage":{"in":520.0,"out":1.4e1}}`, plain, ""},
		{"numbers as text", `{"usage":{"in":"520","out":"14.0"}}`, plain, ""},
		{"every count", `{"usage":{"in":500,"in_details":{"cached":256,"write":20},"out":14,"out_details":{"thoughts":9}}}`,
			model.Usage{Known: true, Input: 520, Cached: 256, CacheWrite: 20, Output: 14, Reasoning: 9}, ""},
		{"details that are null", `{"usage":{"in":520,"in_details":null,"out":14,"out_details":{"thoughts":null}}}`, plain, ""},
		{"nothing spent on an answer", `{"usage":{"in":520,"out":0}}`, model.Usage{Known: true, Input: 520}, ""},
		{"fields that nobody asked for", `{"usage":{"in":520,"out":14,"seconds":0.2,"tier":[{}]}}`, plain, ""},
		{"an answer of another shape beside it", `{"choices":7,"usage":{"in":520,"out":14}}`, plain, ""},
		{"no usage", `{}`, model.Usage{}, ""},
		{"null", `{"usage":null}`, model.Usage{}, ""},
		{"no JSON", `<html>`, model.Usage{}, ""},
		{"a body of another shape", `[{"usage":{"in":520,"out":14}}]`, model.Usage{}, ""},
		{"a list", `{"usage":[]}`, model.Usage{}, "there is [] instead of in"},
		{"a number", `{"usage":534}`, model.Usage{}, "there is 534 instead of in"},
		{"a text", `{"usage":"free"}`, model.Usage{}, "there is free instead of in"},
		{"an empty object", `{"usage":{}}`, model.Usage{}, "in is missing"},
		{"a missing count", `{"usage":{"in":520}}`, model.Usage{}, "out is missing"},
		{"a count that is null", `{"usage":{"in":null,"out":14}}`, model.Usage{}, "in is missing"},
		{"less than nothing", `{"usage":{"in":-520,"out":14}}`, model.Usage{}, "in is -520"},
		{"more than any call can take", `{"usage":{"in":520,"out":1e12}}`, model.Usage{}, "out is 1e12"},
		{"more than a number can hold", `{"usage":{"in":1e999,"out":14}}`, model.Usage{}, "in is 1e999"},
		{"half a token", `{"usage":{"in":520.5,"out":14}}`, model.Usage{}, "in is 520.5"},
		{"words", `{"usage":{"in":"many","out":14}}`, model.Usage{}, "in is many"},
		{"an empty text", `{"usage":{"in":"","out":14}}`, model.Usage{}, "in is "},
		{"a truth", `{"usage":{"in":true,"out":14}}`, model.Usage{}, "in is true"},
		{"a list of counts", `{"usage":{"in":[520],"out":14}}`, model.Usage{}, "in is [520]"},
		{"details that are a list", `{"usage":{"in":520,"in_details":[],"out":14}}`, model.Usage{}, "there is [] instead of in_details.write"},
		{"a long text", `{"usage":{"in":"` + strings.Repeat("9", 99) + `","out":14}}`, model.Usage{}, `9…`},
		{"more cached than sent", `{"usage":{"in":520,"in_details":{"cached":521},"out":14}}`, model.Usage{}, "more than the whole"},
		{"more thoughts than output", `{"usage":{"in":520,"out":14,"out_details":{"thoughts":15}}}`, model.Usage{}, "more than the whole"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, note := fields().Read([]byte(tt.body))
			if got != tt.want {
				t.Errorf("usage %+v, want %+v", got, tt.want)
			}
			if (note != "") != (tt.note != "") || !strings.Contains(note, tt.note) {
				t.Errorf("note %q, want %q", note, tt.note)
			}
		})
	}
}

func FuzzUsageRead(f *testing.F) {
	f.Add([]byte(`{"usage":{"in":520,"in_details":{"cached":256,"write":20},"out":"14.0","out_details":null}}`))
	f.Add([]byte(`{"usage":[{"in":-1e99}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		u, note := fields().Read(body)
		fits := u.Cached >= 0 && u.CacheWrite >= 0 && u.Reasoning >= 0 && u.Cached+u.CacheWrite <= u.Input && u.Reasoning <= u.Output
		switch {
		case !u.Known && u != model.Usage{}:
			t.Errorf("an unknown usage of %+v", u)
		case u.Known && (!fits || u.Input > 1e9 || u.Output > 1e9 || note != ""):
			t.Errorf("usage %+v with note %q", u, note)
		}
	})
}
