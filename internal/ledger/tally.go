package ledger

import (
	"maps"

	"github.com/docsift/docsift/internal/price"
)

// tally is what a day's entries come to. It is kept in a file too, so that a day need not be read
// from its beginning each time.
type tally struct {
	Sum    price.Amount            `json:"sum_nano_usd"` // open entries at their estimates
	Keys   map[string]price.Amount `json:"keys"`
	Models map[string]price.Amount `json:"models"`
	Open   map[string]owed         `json:"open"` // by id

	Sent    int `json:"sent"`
	Unknown int `json:"unknown"`
	Damaged int `json:"damaged"`
}

// owed is an entry that is not closed.
type owed struct {
	Model    string       `json:"model"`
	Key      string       `json:"key"`
	Estimate price.Amount `json:"estimate_nano_usd"`
}

func newTally() tally {
	return tally{Keys: make(map[string]price.Amount), Models: make(map[string]price.Amount), Open: make(map[string]owed)}
}

// add takes in one more entry. One that is closed twice counts once.
func (t *tally) add(e Entry) {
	switch {
	case e.Sent != nil:
		t.Sent++
		t.count(e.Sent.Model, e.Sent.Key, e.Sent.Estimate)
		t.Open[e.ID] = owed{e.Sent.Model, e.Sent.Key, e.Sent.Estimate}
	case e.Closed != nil:
		o, open := t.Open[e.ID]
		if !open {
			t.Damaged++
			return
		}
		delete(t.Open, e.ID)
		t.count(o.Model, o.Key, e.Closed.Cost-o.Estimate)
		if e.Closed.State == Unknown || !e.Closed.Priced {
			t.Unknown++
		}
	default:
		t.Damaged++
	}
}

func (t *tally) count(model, key string, sum price.Amount) {
	t.Sum += sum
	t.Keys[key] += sum
	t.Models[model] += sum
}

func (t *tally) spend() Spend {
	return Spend{
		Day: t.Sum, Keys: maps.Clone(t.Keys), Models: maps.Clone(t.Models),
		Sent: t.Sent, Open: len(t.Open), Unknown: t.Unknown, Damaged: t.Damaged,
	}
}
