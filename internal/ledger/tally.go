package ledger

import (
	"maps"

	"github.com/docsift/docsift/internal/price"
)

// tally is what a day's entries come to. It is kept in a file too, so that a day need not be read
// from its beginning each time.
type tally struct {
	Sum     price.Amount            `json:"sum_nano_usd"` // open entries at their estimates
	Keys    map[string]price.Amount `json:"keys"`
	Models  map[string]price.Amount `json:"models"`
	Clients map[string]price.Amount `json:"clients,omitempty"`
	Open    map[string]owed         `json:"open"` // by id

	Sent    int `json:"sent"`
	Unknown int `json:"unknown"`
	Damaged int `json:"damaged"`
}

// owed is an entry that is not closed.
type owed struct {
	Model    string       `json:"model"`
	Key      string       `json:"key"`
	Client   string       `json:"client,omitempty"`
	Estimate price.Amount `json:"estimate_nano_usd"`
}

func newTally() tally {
	return tally{
		Keys: make(map[string]price.Amount), Models: make(map[string]price.Amount), Clients: make(map[string]price.Amount), Open: make(map[string]owed),
	}
}

// add takes in one more entry. One that is closed twice counts once.
func (t *tally) add(e Entry) {
	switch {
	case e.Sent != nil:
		t.Sent++
		o := owed{e.Sent.Model, e.Sent.Key, e.Sent.Client, e.Sent.Estimate}
		t.count(o, o.Estimate)
		t.Open[e.ID] = o
	case e.Closed != nil:
		o, open := t.Open[e.ID]
		if !open {
			t.Damaged++
			return
		}
		delete(t.Open, e.ID)
		t.count(o, e.Closed.Cost-o.Estimate)
		if e.Closed.State == Unknown || !e.Closed.Priced {
			t.Unknown++
		}
	default:
		t.Damaged++
	}
}

func (t *tally) count(o owed, sum price.Amount) {
	t.Sum += sum
	t.Keys[o.Key] += sum
	t.Models[o.Model] += sum
	if o.Client != "" {
		t.Clients[o.Client] += sum
	}
}

func (t *tally) spend() Spend {
	return Spend{
		Day: t.Sum, Keys: maps.Clone(t.Keys), Models: maps.Clone(t.Models), Clients: maps.Clone(t.Clients),
		Sent: t.Sent, Open: len(t.Open), Unknown: t.Unknown, Damaged: t.Damaged,
	}
}
