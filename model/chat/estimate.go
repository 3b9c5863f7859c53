package chat

import (
	"time"

	"github.com/docsift/docsift/internal/price"
	"github.com/docsift/docsift/model"
)

const (
	bytesPerToken = 4  // of text, the usual figure; a token of most other scripts is more bytes, too
	answerTokens  = 30 // of an answer: a category and a confidence in JSON
	frameTokens   = 20 // that a provider counts around what it is sent
)

// Estimate foresees what a request to a model, named with its provider, will be billed for. It
// reports false when the way in which the model counts pictures is not known: then they are missing.
func Estimate(name string, s Settings, req model.Request) (price.Tokens, bool) {
	book, now := price.Builtin(), time.Now()
	letters := len(Instructions(req)) + len(Describe(req)) + len(req.Text)
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
