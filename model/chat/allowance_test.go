package chat_test

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/modeltest"
	"github.com/docsift/docsift/model/openai"
)

func TestAllowances(t *testing.T) {
	openAI := func(limit, remaining, reset string) map[string]string {
		return map[string]string{
			"x-ratelimit-limit-requests": limit, "x-ratelimit-remaining-requests": remaining, "x-ratelimit-reset-requests": reset,
		}
	}
	one := func(limit, remaining int, reset time.Duration) []model.Allowance {
		return []model.Allowance{{Kind: model.Requests, Limit: limit, Remaining: remaining, Reset: reset}}
	}
	tests := []struct {
		name   string
		header map[string]string
		want   []model.Allowance
	}{
		{"none", nil, nil},
		{"OpenAI's", map[string]string{
			"x-ratelimit-limit-requests": "5000", "x-ratelimit-remaining-requests": "4999", "x-ratelimit-reset-requests": "12ms",
			"x-ratelimit-limit-tokens": "4000000", "x-ratelimit-remaining-tokens": "3999480", "x-ratelimit-reset-tokens": "6m0s",
		}, []model.Allowance{
			{Kind: model.Requests, Limit: 5000, Remaining: 4999, Reset: 12 * time.Millisecond},
			{Kind: model.Tokens, Limit: 4_000_000, Remaining: 3_999_480, Reset: 6 * time.Minute},
		}},
		{"Anthropic's", map[string]string{
			"anthropic-ratelimit-requests-limit": "4000", "anthropic-ratelimit-requests-remaining": "3999", "anthropic-ratelimit-requests-reset": "2000-01-01T00:00:01Z",
			"anthropic-ratelimit-tokens-limit": "4800000", "anthropic-ratelimit-tokens-remaining": "4799000", "anthropic-ratelimit-tokens-reset": "2000-01-01T00:00:10Z",
			"anthropic-ratelimit-input-tokens-limit": "4000000", "anthropic-ratelimit-input-tokens-remaining": "0", "anthropic-ratelimit-input-tokens-reset": "2000-01-01T01:00:42+01:00",
			"anthropic-ratelimit-output-tokens-limit": "800000", "anthropic-ratelimit-output-tokens-remaining": "800000", "anthropic-ratelimit-output-tokens-reset": "1999-12-31T23:59:59Z",
		}, []model.Allowance{
			{Kind: model.Requests, Limit: 4000, Remaining: 3999, Reset: time.Second},
			{Kind: model.Tokens, Limit: 4_800_000, Remaining: 4_799_000, Reset: 10 * time.Second},
			{Kind: model.InputTokens, Limit: 4_000_000, Remaining: 0, Reset: 42 * time.Second},
			{Kind: model.OutputTokens, Limit: 800_000, Remaining: 800_000},
		}},
		{"a fraction of a second", openAI("10", "0", "59.98s"), one(10, 0, 59_980*time.Millisecond)},
		{"plain seconds, as some servers write them", openAI("10", "0", "1.5"), one(10, 0, 1500*time.Millisecond)},
		{"a reset that makes no sense", openAI("10", "3", "soon"), one(10, 3, 0)},
		{"a reset that has passed", openAI("10", "3", "-5s"), one(10, 3, 0)},
		{"a reset beyond belief", openAI("10", "3", "9000h"), one(10, 3, 0)},
		{"none at all", openAI("10", "3", ""), one(10, 3, 0)},
		{"a limit of nothing", openAI("0", "0", "1s"), nil},
		{"a limit that is no number", openAI("many", "0", "1s"), nil},
		{"a limit of less than nothing", openAI("-1", "-1", "1s"), nil},
		{"more than any number", openAI("99999999999999999999", "1", "1s"), nil},
		{"more left than there was", openAI("10", "11", "1s"), nil},
		{"only what is left", openAI("", "11", "1s"), nil},
		{"only the limit", openAI("10", "", "1s"), nil},
	}
	for _, status := range []int{http.StatusOK, http.StatusTooManyRequests} {
		for _, tt := range tests {
			t.Run(http.StatusText(status)+" with "+tt.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					m := openai.New(openai.Options{Model: "m", Key: canary, Client: answering(func(*http.Request) (*http.Response, error) {
						h := http.Header{}
						for name, value := range tt.header {
							h.Set(name, value)
						}
						return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(`{}`))}, nil
					})})
					resp, err := m.Score(t.Context(), modeltest.Request(t))
					if err == nil || !slices.Equal(resp.Allowances, tt.want) {
						t.Errorf("allowances %+v beside %v, want %+v", resp.Allowances, err, tt.want)
					}
				})
			})
		}
	}
}
