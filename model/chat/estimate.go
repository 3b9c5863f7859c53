package chat

import (
	"time"

	"github.com/docsift/docsift/internal/price"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/taxonomy"
)

const (
	imageGuess    = 1500 // tokens of a picture, where the model's way to count is not known
	bytesPerToken = 4    // of text, the usual figure; a token of most other scripts is more bytes, too
	answerTokens  = 30   // of an answer: a category and a confidence in JSON
	frameTokens   = 20   // that a provider counts around what it is sent
)

// Estimate foresees what a request to a model, named with its provider, will be billed for. It
// reports false when the way in which the model counts pictures is not known: then they are missing.
func Estimate(name string, s Settings, req model.Request) (price.Tokens, bool) {
	book, now := price.Builtin(), time.Now()
	letters := promptBytes(req) + len(req.Text)
	t := price.Tokens{
		Input:  book.TextTokens(name, (letters+bytesPerToken-1)/bytesPerToken+frameTokens),
		Output: book.TextTokens(name, answerTokens),
	}
	all := true
	for _, img := range req.Images {
		n, ok := book.ImageTokens(name, now, price.Picture{Width: img.Width, Height: img.Height, Detail: s.Detail})
		t.Input += n
		all = all && ok
	}
	return t, all
}

// Reserve foresees what a request counts as towards a provider's limits, which is rather too much
// than too little: all the output that it may give, and a guess for pictures where the way to
// count them is not known.
func Reserve(name string, s Settings, req model.Request) price.Tokens {
	t, known := Estimate(name, s, req)
	if !known {
		t.Input += imageGuess * len(req.Images)
	}
	t.Output = max(t.Output, s.WithDefaults().MaxTokens)
	switch s.Effort {
	case "", "none", "minimal":
	default:
		t.Output += ThinkingRoom
	}
	return t
}

// promptBytes returns about how long the instructions and the facts are, without writing them.
func promptBytes(req model.Request) int {
	const facts, line = 110, 4 // of facts and marks around the text, and of a category beside its words
	n := facts
	for _, c := range req.Taxonomy.Categories {
		n += line + len(c.Name) + len(c.Description)
	}
	n += line + len(taxonomy.Unknown) + len(": none of these, or it cannot be told")
	if req.Prompt != "" {
		return n + len(req.Prompt)
	}
	if q := req.Taxonomy.Question; q != "" {
		return n + len(asked) + len(q) + len(given) + len(rules)
	}
	return n + len(role) + len(rules)
}
