package sim

import (
	"net/http"
	"strings"
)

type geminiReply struct {
	Candidates     []geminiCandidate `json:"candidates,omitempty"`
	PromptFeedback *geminiFeedback   `json:"promptFeedback,omitempty"`
	Usage          *geminiUsage      `json:"usageMetadata,omitempty"`
	ModelVersion   string            `json:"modelVersion"`
	ResponseID     string            `json:"responseId"`
}

type geminiCandidate struct {
	Content       *geminiSaid          `json:"content,omitempty"`
	FinishReason  string               `json:"finishReason"`
	FinishMessage string               `json:"finishMessage,omitempty"`
	Index         int                  `json:"index"`
	SafetyRatings []geminiSafetyRating `json:"safetyRatings,omitempty"`
	Logprobs      *geminiLogprobs      `json:"logprobsResult,omitempty"`
}

type geminiLogprobs struct {
	Chosen []geminiToken `json:"chosenCandidates"`
	Top    []geminiTop   `json:"topCandidates,omitempty"`
}

type geminiTop struct {
	Candidates []geminiToken `json:"candidates"`
}

// geminiToken leaves out a log-probability of 0, as proto fields do.
type geminiToken struct {
	Token   string  `json:"token"`
	Logprob float64 `json:"logProbability,omitempty"`
}

type geminiSaid struct {
	Parts []geminiSaidPart `json:"parts,omitempty"`
	Role  string           `json:"role"`
}

type geminiSaidPart struct {
	Text         *string             `json:"text,omitempty"`
	FunctionCall *geminiFunctionCall `json:"functionCall,omitempty"`
}

type geminiFunctionCall struct {
	Name string            `json:"name"`
	Args map[string]string `json:"args"`
}

type geminiSafetyRating struct {
	Category    string `json:"category"`
	Probability string `json:"probability"`
	Blocked     bool   `json:"blocked,omitempty"`
}

type geminiFeedback struct {
	BlockReason string `json:"blockReason"`
}

type geminiUsage struct {
	Prompt        int           `json:"promptTokenCount"`
	Candidates    int           `json:"candidatesTokenCount,omitempty"`
	Total         int           `json:"totalTokenCount"`
	Thoughts      int           `json:"thoughtsTokenCount,omitempty"`
	PromptDetails []geminiShare `json:"promptTokensDetails"`
}

type geminiShare struct {
	Modality string `json:"modality"`
	Tokens   int    `json:"tokenCount"`
}

func (gemini) reply(q *query, t turn) any {
	r := geminiReply{
		Candidates:   []geminiCandidate{geminiSays(t)},
		ModelVersion: q.model,
		ResponseID:   q.id,
	}
	if t.finish == "content_filter" {
		r.Candidates, r.PromptFeedback = nil, &geminiFeedback{"PROHIBITED_CONTENT"}
	}
	if q.logprobs && t.finish == "stop" {
		r.Candidates[0].Logprobs = geminiTokens(logprobs(q, t))
	}
	switch t.empty {
	case "choices":
		r.Candidates = nil
	case "content":
		r.Candidates[0].Content = &geminiSaid{Role: "model"}
	}
	if !t.noUsage {
		r.Usage = geminiCounts(q, t.usage)
	}
	return r
}

func geminiTokens(tokens []token) *geminiLogprobs {
	r := &geminiLogprobs{}
	for _, t := range tokens {
		r.Chosen = append(r.Chosen, geminiToken{t.text, t.logprob})
		var top geminiTop
		for _, alt := range t.top {
			top.Candidates = append(top.Candidates, geminiToken{alt.text, alt.logprob})
		}
		if len(t.top) > 0 {
			r.Top = append(r.Top, top)
		}
	}
	return r
}

func geminiSays(t turn) geminiCandidate {
	c := geminiCandidate{
		Content:      &geminiSaid{Parts: []geminiSaidPart{{Text: &t.content}}, Role: "model"},
		FinishReason: strings.ToUpper(t.finish),
	}
	switch t.finish {
	case "stop", "content_filter":
	case "length":
		c.FinishReason = "MAX_TOKENS"
		if t.content == "" {
			c.Content.Parts = nil
		}
	case "tool_calls":
		c.FinishReason = "STOP"
		c.Content.Parts = []geminiSaidPart{{FunctionCall: &geminiFunctionCall{"classify", map[string]string{"classification": t.label}}}}
	case "refusal", "safety":
		c.FinishReason = "SAFETY"
		c.Content = nil
		c.SafetyRatings = []geminiSafetyRating{{"HARM_CATEGORY_DANGEROUS_CONTENT", "HIGH", true}}
	default: // one of Gemini's own reasons
		c.Content = nil
		c.FinishMessage = "The model stopped: " + c.FinishReason
	}
	return c
}

func geminiCounts(q *query, u usage) *geminiUsage {
	images := 0
	for _, p := range q.images {
		images += q.spec.images(p.w, p.h, p.detail)
	}
	g := &geminiUsage{Prompt: u.prompt, Candidates: u.content, Total: u.total(), Thoughts: u.reasoning}
	g.PromptDetails = []geminiShare{{"TEXT", u.prompt - images}}
	if images > 0 {
		g.PromptDetails = append(g.PromptDetails, geminiShare{"IMAGE", images})
	}
	return g
}

func (gemini) stamp(h http.Header, _ string) {
	h.Set("Server", "scaffolding on HTTPServer2")
	h.Set("Vary", "Origin, X-Origin, Referer")
}

// limits sets nothing: Gemini announces no limits.
func (gemini) limits(http.Header, left) {}
