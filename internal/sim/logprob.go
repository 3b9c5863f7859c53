package sim

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"strings"
)

// token is a piece of a reply, its log-probability, and the likeliest in its place.
type token struct {
	text    string
	logprob float64
	top     []token
}

var tokenPattern = regexp.MustCompile(`[A-Za-z]+|[0-9]{1,3}|[^A-Za-z0-9]`)

// logprobs cuts the content into tokens. The first token of the label carries the stated confidence and
// its rivals are the first tokens of the other labels; every other token is certain.
func logprobs(q *query, t turn) []token {
	at := strings.Index(t.content, t.label)
	var all []token
	for _, span := range tokenPattern.FindAllStringIndex(t.content, -1) {
		tok := token{text: t.content[span[0]:span[1]]}
		tok.top = []token{{text: tok.text}}
		if span[0] == at && t.label != "" {
			tok.top = rivals(t.chances)
			tok.logprob = tok.top[0].logprob
		}
		tok.top = tok.top[:min(len(tok.top), q.topLogprobs)]
		all = append(all, tok)
	}
	return all
}

// rivals are the first tokens of the labels, the likeliest first; labels with the same first token add up.
func rivals(chances []chance) []token {
	var all []token
	for _, c := range chances {
		first := tokenPattern.FindString(c.label)
		i := slices.IndexFunc(all, func(t token) bool { return t.text == first })
		if i < 0 {
			all = append(all, token{text: first})
			i = len(all) - 1
		}
		all[i].logprob += c.p // probabilities until the loop below
	}
	for i := range all {
		all[i].logprob = max(-9999, math.Log(min(1, all[i].logprob)))
	}
	slices.SortStableFunc(all[1:], func(a, b token) int { return cmp.Compare(b.logprob, a.logprob) })
	return all
}
