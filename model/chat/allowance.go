package chat

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/docsift/docsift/model"
)

// allowanceNames are the headers of one allowance.
type allowanceNames struct {
	kind                    model.AllowanceKind
	limit, remaining, reset string // canonical
}

// announced lists the headers in which OpenAI, whoever speaks like it, and Anthropic say what
// they let through. Google says nothing.
func announced() [6]allowanceNames {
	return [6]allowanceNames{
		{model.Requests, "X-Ratelimit-Limit-Requests", "X-Ratelimit-Remaining-Requests", "X-Ratelimit-Reset-Requests"},
		{model.Tokens, "X-Ratelimit-Limit-Tokens", "X-Ratelimit-Remaining-Tokens", "X-Ratelimit-Reset-Tokens"},
		{model.Requests, "Anthropic-Ratelimit-Requests-Limit", "Anthropic-Ratelimit-Requests-Remaining", "Anthropic-Ratelimit-Requests-Reset"},
		{model.Tokens, "Anthropic-Ratelimit-Tokens-Limit", "Anthropic-Ratelimit-Tokens-Remaining", "Anthropic-Ratelimit-Tokens-Reset"},
		{model.InputTokens, "Anthropic-Ratelimit-Input-Tokens-Limit", "Anthropic-Ratelimit-Input-Tokens-Remaining", "Anthropic-Ratelimit-Input-Tokens-Reset"},
		{model.OutputTokens, "Anthropic-Ratelimit-Output-Tokens-Limit", "Anthropic-Ratelimit-Output-Tokens-Remaining", "Anthropic-Ratelimit-Output-Tokens-Reset"},
	}
}

// allowances returns what the headers of a reply say of limits. One that makes no sense is left
// out; a reset that makes none is 0.
func allowances(h http.Header) []model.Allowance {
	var all []model.Allowance
	for _, names := range announced() {
		most, ok := number(h, names.limit)
		left, too := number(h, names.remaining)
		if ok && too && most > 0 && left <= most {
			all = append(all, model.Allowance{Kind: names.kind, Limit: most, Remaining: left, Reset: reset(first(h, names.reset))})
		}
	}
	return all
}

// first is h.Get for a name that is canonical already.
func first(h http.Header, name string) string {
	if v := h[name]; len(v) > 0 {
		return strings.TrimSpace(v[0])
	}
	return ""
}

// number reads a whole number that is not negative.
func number(h http.Header, name string) (int, bool) {
	n, err := strconv.ParseUint(first(h, name), 10, 40)
	return int(n), err == nil
}

// reset reads a time from now such as 6m0s or 59.98s, or one after RFC 3339, or plain seconds.
func reset(value string) time.Duration {
	d, err := time.ParseDuration(value)
	if err != nil {
		d = wait(value, time.Second)
	}
	if at, err := time.Parse(time.RFC3339, value); err == nil {
		d = time.Until(at)
	}
	if d > maxWait {
		return 0
	}
	return max(d, 0)
}
