package chat

import (
	"math"
	"strings"

	"github.com/docsift/docsift/taxonomy"
)

// Token is a piece of an answer, its log-probability, and what could have stood there instead.
type Token struct {
	Text    string // as bytes: a piece may end within a letter
	Logprob float64
	Top     []Token
}

// never is the log-probability that OpenAI gives to what is not among the likeliest twenty.
const never = -9999

// possible reports whether a log-probability can be one that somebody computed.
func possible(logprob float64) bool { return logprob > never && logprob <= 0 } // NaN is neither

// saying is an answer, where its category stands, and its tokens.
type saying struct {
	text   string
	at     int
	tokens []Token
}

// odds returns the probability that the tokens gave to the label, and one for each category: what
// could have been written instead counts for the categories that begin so, and what is left is
// shared alike. It reports false when the tokens do not tell.
func odds(t *taxonomy.Taxonomy, label string, s saying) (float64, map[string]float64, bool) {
	pieces, ok := s.pieces(t, label)
	if !ok {
		return 0, nil, false
	}
	names := append(t.Names(), taxonomy.Unknown)
	rivals := make(map[string]float64)
	before := 0.0 // log-probability of what is written so far
	for _, p := range pieces {
		for _, alt := range p.token.Top {
			if alt.Text == p.token.Text || !possible(alt.Logprob) {
				continue
			}
			which := p.meant(alt.Text, label, names)
			for _, name := range which {
				rivals[name] += math.Exp(before+alt.Logprob) / float64(len(which))
			}
		}
		before += p.token.Logprob
	}
	p := math.Exp(before)
	return p, share(names, label, p, rivals), true
}

// share makes a distribution of the label's probability and what is known of its rivals.
func share(names []string, label string, p float64, rivals map[string]float64) map[string]float64 {
	sum := 0.0
	for _, r := range rivals {
		sum += r
	}
	scale, rest := 1.0, (1-p-sum)/float64(len(names)-1)
	if rest < 0 {
		scale, rest = (1-p)/sum, 0
	}
	scores := make(map[string]float64, len(names))
	for _, name := range names {
		scores[name] = rivals[name]*scale + rest
	}
	scores[label] = p
	return scores
}

// piece is a token of which at least a part stands in the label.
type piece struct {
	token   Token
	written string // of the label before it
	lead    string // what the token has before the label, such as a quote
}

// pieces returns the tokens of the label, and the quote behind it where another category begins
// with it. The label must stand there as it is.
func (s saying) pieces(t *taxonomy.Taxonomy, label string) ([]piece, bool) {
	whole := s.joined()
	shift := strings.Index(whole, s.text)
	if s.at < 0 || shift < 0 || !strings.HasPrefix(s.text[s.at:], `"`+label+`"`) {
		return nil, false
	}
	start := shift + s.at + 1
	end := start + len(label)
	last := end
	if longer(t, label) {
		last++
	}
	var pieces []piece
	pos := 0
	for _, token := range s.tokens {
		from := pos
		if pos += len(token.Text); pos <= start || from >= last {
			continue
		}
		if !possible(token.Logprob) {
			return nil, false
		}
		p := piece{token: token, written: whole[start:max(from, start)], lead: whole[from:max(from, start)]}
		pieces = append(pieces, p)
	}
	return pieces, len(pieces) > 0
}

func (s saying) joined() string {
	var b strings.Builder
	for _, t := range s.tokens {
		b.WriteString(t.Text)
	}
	return b.String()
}

// longer reports whether another category begins with the label.
func longer(t *taxonomy.Taxonomy, label string) bool {
	for _, name := range append(t.Names(), taxonomy.Unknown) {
		if name != label && strings.HasPrefix(name, label) {
			return true
		}
	}
	return false
}

// meant returns the categories other than the label that the answer could have become with alt
// in the place of the piece's token. None when the label could still have been the end of it.
func (p piece) meant(alt, label string, names []string) []string {
	rest, ok := strings.CutPrefix(alt, p.lead)
	if !ok || rest == "" {
		return nil
	}
	so, _, closed := strings.Cut(p.written+rest, `"`)
	fits := func(name string) bool { return name == so || !closed && strings.HasPrefix(name, so) }
	if fits(label) {
		return nil
	}
	var which []string
	for _, name := range names {
		if fits(name) {
			which = append(which, name)
		}
	}
	return which
}
