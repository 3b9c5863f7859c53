// Package ledger is the account of every request that is sent to a provider: written down before
// it leaves, closed when it has come back. Entries are added and never changed.
package ledger

import (
	"time"

	"github.com/docsift/docsift/internal/price"
)

// Ledger keeps the account. Implementations are safe for concurrent use.
type Ledger interface {
	// Begin writes down that a request is about to leave, and returns the id of the entry. When it
	// fails, the request must not be sent: it is fault.Budget where a budget would be overdrawn,
	// and fault.Unrecorded where the entry could not be written.
	Begin(Sent) (id string, err error)

	// End closes an entry. It never fails for the caller: what cannot be written now is kept and
	// written later.
	End(id string, c Closed)

	// Spend returns what was spent since the day and the month began, in UTC.
	Spend() Spend
}

// Sent is a request that is about to leave.
type Sent struct {
	Document string `json:"document"` // hex SHA-256
	Run      string `json:"run"`      // the id of the answer that it is part of
	Policy   string `json:"policy"`
	Stage    string `json:"stage"`
	Model    string `json:"model"`
	Key      string `json:"key"` // the name of the setting that holds the key; "" when it needs none

	Tenant    string       `json:"tenant,omitempty"` // whose document it is
	Client    string       `json:"client,omitempty"` // the id of the API key that brought it; "" for none
	ClientDay price.Amount `json:"-"`                // what may be spent for that key a day; 0 for no bound

	// Estimate is what the request is foreseen to cost; Priced is false when no price is known.
	Estimate price.Amount `json:"estimate_nano_usd"`
	Priced   bool         `json:"priced"`

	// Before is what the document has cost so far in this run.
	Before price.Amount `json:"-"`
}

// Closed is what became of a request.
type Closed struct {
	State State `json:"state"`

	// Cost is what it counts for: the bill, or for Unknown the estimate.
	Cost   price.Amount `json:"cost_nano_usd"`
	Priced bool         `json:"priced"` // false: no price is known, and Cost is too low

	Input     int    `json:"input_tokens"`
	Cached    int    `json:"cached_tokens"`
	Output    int    `json:"output_tokens"`
	Served    string `json:"served_model"`
	RequestID string `json:"request_id"` // the provider's
	Error     string `json:"error"`      // its kind; "" when there was an answer
}

// State is what is known of a request's bill.
type State string

// The states of an entry. One that was never closed is as good as Unknown.
const (
	Settled State = "settled" // the provider said what it bills for
	Free    State = "free"    // it bills nothing: it was turned away, or never arrived
	Unknown State = "unknown" // it may have been billed: counted at the estimate
)

// Spend is what was spent, open entries at their estimates.
type Spend struct {
	Day, Month price.Amount

	Keys    map[string]price.Amount // of the day, by the name of the setting that holds the key
	Models  map[string]price.Amount // of the day
	Clients map[string]price.Amount // of the day, by the id of the API key

	Sent int // requests of the day

	Open    int // entries that are not closed yet
	Unknown int // entries of the day whose bill is not known
	Damaged int // lines of the day that could not be read
}

// Entry is a line of the account: what was sent, or what became of it.
type Entry struct {
	ID     string    `json:"id"`
	At     time.Time `json:"at"`
	Sent   *Sent     `json:"sent,omitempty"`
	Closed *Closed   `json:"closed,omitempty"`
}

// Budget bounds what is spent. 0 means no bound.
type Budget struct {
	Day, Month price.Amount            // in UTC
	Document   price.Amount            // of one document in one run
	Keys       map[string]price.Amount // of a day, by the name of the setting that holds the key
}
