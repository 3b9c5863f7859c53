// Package model defines the seam between the cascade and whatever answers:
// the local classifier, a hosted provider, or a wrapper around either.
package model

import (
	"context"
	"encoding/json"
	"time"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/taxonomy"
)

// Model scores one document against a set of categories.
// Implementations are safe for concurrent use and classify their errors with package fault.
type Model interface {
	// Name identifies the model in answers, prices and metrics, such as "openai/gpt-4o-mini".
	Name() string

	// Score judges the document. It honours ctx's deadline. Beside an error, the Response
	// may still carry the Usage of an answer that was paid for and could not be used.
	Score(ctx context.Context, req Request) (Response, error)
}

// Request is what a model sees of a document.
type Request struct {
	Taxonomy *taxonomy.Taxonomy
	Document Facts
	Text     string           // what was selected of it; "" when there is none
	Pages    []int            // the numbers of the pages that Text is from, form feeds between; may be nil
	Images   []document.Image // pages, the first one first

	// Prompt, when set, replaces the instructions that a chat model is given. The categories
	// are still those of Taxonomy.
	Prompt string

	// Explain asks for Response.Exchange.
	Explain Explain

	Account Account
}

// Explain says how much is to be shown of how an answer came about. The zero value is nothing.
type Explain string

// How much is shown.
const (
	ExplainAll      Explain = "true" // all but the document's text
	ExplainWithText Explain = "text"
)

// Exchange is what a model was sent and what came back, as it was but for keys and pictures.
type Exchange struct {
	Request json.RawMessage `json:"request"`
	Reply   string          `json:"reply"` // "" when none came
}

// Account says on whose account a request is sent. No model is shown it.
type Account struct {
	Client

	Document string // hex SHA-256
	Run      string // the id of the answer that the request is part of
	Again    bool   // another process may have begun the same run before
	Policy   string
	Stage    string
	Spent    int64 // on the document so far in this run, in 10⁻⁹ US dollars
}

// Client is for whom a document is classified. The zero value is nobody in particular.
type Client struct {
	Tenant string `json:"tenant,omitempty"`
	Key    string `json:"key,omitempty"`          // the id of the API key that brought the document
	Day    int64  `json:"day_nano_usd,omitempty"` // what may be spent for that key a day, in 10⁻⁹ US dollars; 0 for no bound
}

// Facts is what is known of a document beside its content. It is the sender's word: quote it.
type Facts struct {
	SHA256 string // hex, of its bytes
	Name   string
	Type   document.Type
	Bytes  int
	Pages  int
	OCR    bool // the text was read from pictures of pages
}

// Response is a model's judgement and what it took to get it.
type Response struct {
	// Label is the category picked: one of the taxonomy's or taxonomy.Unknown. It is empty
	// when the model abstains, and Reason says why.
	Label  string
	Reason string // why it abstains, or what decided, for people; may be empty

	// Evidence is what in the text decided, the strongest first, of a model that can tell.
	Evidence []Evidence

	// Confidence is the probability of Label in [0,1], and Score says where it comes from.
	// With ScoreNone it is 0 and says nothing. With ScoreLogprob it may be below what Scores
	// has for Label: the smaller of that and what the model stated.
	Confidence float64
	Score      ScoreKind

	// Scores is a probability for each category and for Unknown; together they make 1.
	// It is nil when the model abstains.
	Scores map[string]float64

	// Prompt is the version of the instructions that were sent, of a model that gets any:
	// confidences under two of them are not to be compared.
	Prompt string

	Usage  Usage
	Waited time.Duration // before it was its turn to be sent

	// Cost is what the answer cost. It is nil where nothing was sent, or nobody metered it.
	Cost *Cost

	Served    string   // the model that the provider says has answered
	RequestID string   // the provider's
	Notes     []string // what had to be put right in the answer, such as "confidence was text"

	// Exchange is nil unless the request asks for it and the model is asked over a network.
	Exchange *Exchange `json:"-"`

	// Allowances is what the provider says that it lets through, beside an error too. Nil when it
	// does not say.
	Allowances []Allowance
}

// Allowance is what a provider lets through of one kind of thing.
type Allowance struct {
	Kind      AllowanceKind
	Limit     int
	Remaining int
	Reset     time.Duration // until all of Limit is there again
}

// AllowanceKind is what an allowance counts.
type AllowanceKind string

// The kinds of allowances.
const (
	Requests     AllowanceKind = "requests"
	Tokens       AllowanceKind = "tokens" // of input and output
	InputTokens  AllowanceKind = "input_tokens"
	OutputTokens AllowanceKind = "output_tokens"
)

// Evidence is something in a document that speaks for an answer.
type Evidence struct {
	Phrase string `json:"phrase"` // as it is known, lower case; letters that were misread are put right
	Page   int    `json:"page"`   // where it stands first, counted from 1; 0 where that is not known
}

// ScoreKind says what a confidence is. Each kind is calibrated separately.
type ScoreKind string

// The kinds of scores.
const (
	ScoreNone        ScoreKind = "none"        // the model gave no usable confidence
	ScoreStated      ScoreKind = "stated"      // the model wrote it down: a hint, not a probability
	ScoreProbability ScoreKind = "probability" // computed over the categories
	ScoreLogprob     ScoreKind = "logprob"     // computed from the tokens of the label: overconfident, so bounded by what was stated
)

// Usage is what a provider bills for one answer, in tokens. Cached and CacheWrite are part
// of Input, Reasoning is part of Output.
type Usage struct {
	Known      bool `json:"known"` // false when the provider did not say
	Input      int  `json:"input_tokens"`
	Cached     int  `json:"cached_tokens"`
	CacheWrite int  `json:"cache_write_tokens"`
	Output     int  `json:"output_tokens"`
	Reasoning  int  `json:"reasoning_tokens"`
}

// Spread returns scores in which label has probability p and the other categories of t and
// Unknown share the rest alike: all that is known when a model states only its pick.
func Spread(t *taxonomy.Taxonomy, label string, p float64) map[string]float64 {
	names := append(t.Names(), taxonomy.Unknown)
	rest := (1 - p) / float64(len(names)-1)
	scores := make(map[string]float64, len(names))
	for _, n := range names {
		scores[n] = rest
	}
	scores[label] = p
	return scores
}
