package ledger

import (
	"fmt"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/price"
)

// Check returns what is wrong with the budget.
func (b Budget) Check() error {
	for name, a := range map[string]price.Amount{"day": b.Day, "month": b.Month, "document": b.Document} {
		if a < 0 {
			return fmt.Errorf("the budget of a %s is negative", name)
		}
	}
	for key, a := range b.Keys {
		if a <= 0 {
			return fmt.Errorf("the budget of the key %s is not above 0", key)
		}
	}
	return nil
}

// Bounds reports whether any bound holds for a request.
func (b Budget) Bounds(s Sent) bool {
	return b.Day > 0 || b.Month > 0 || b.Document > 0 || b.Keys[s.Key] > 0 || s.ClientDay > 0
}

// Allows returns fault.Budget when the request would overdraw the budget.
func (b Budget) Allows(s Sent, spent Spend, now time.Time) error {
	if !b.Bounds(s) {
		return nil
	}
	if !s.Priced {
		return fault.New(fault.Budget, nil, "no price of %s is known, so that no budget could hold it", s.Model)
	}
	midnight := time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, time.UTC)
	month := time.Date(now.Year(), now.Month()+1, 1, 0, 0, 0, 0, time.UTC)
	for _, bound := range []struct {
		of          string
		most, spent price.Amount
		until       time.Time
	}{
		{"a document", b.Document, s.Before, time.Time{}},
		{"the key " + s.Key + " a day", b.Keys[s.Key], spent.Keys[s.Key], midnight},
		{"the API key " + s.Client + " a day", s.ClientDay, spent.Clients[s.Client], midnight},
		{"a day", b.Day, spent.Day, midnight},
		{"a month", b.Month, spent.Month, month},
	} {
		if bound.most == 0 || bound.spent+s.Estimate <= bound.most {
			continue
		}
		e := fault.New(fault.Budget, nil, "the budget of $%s for %s does not allow it: $%s is spent", bound.most, bound.of, bound.spent)
		if !bound.until.IsZero() {
			e.RetryAfter = bound.until.Sub(now)
		}
		return e
	}
	return nil
}
