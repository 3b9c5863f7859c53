package docsift

import (
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/ledger"
	"github.com/docsift/docsift/internal/price"
)

// The account of what is sent to providers, and the budgets that it holds.
type (
	Ledger        = ledger.Ledger
	LedgerOptions = ledger.Options
	LedgerFile    = ledger.File
	Budget        = ledger.Budget
	Spend         = ledger.Spend
)

// OpenLedger returns a ledger in a folder, which several processes may share. Close it at the end.
func OpenLedger(o LedgerOptions) (*LedgerFile, error) { return ledger.Open(o) }

// Prices is what models cost, and what it takes to foresee a bill.
type Prices = price.Book

// ParsePrices reads prices of one's own, in the form of docs/money.md, over those that docsift
// ships with. The file name is used in messages. Anything wrong is fault.Config.
func ParsePrices(file string, data []byte) (*Prices, error) {
	own, err := price.Parse(data)
	if err != nil {
		return nil, fault.New(fault.Config, nil, "%s: %v", file, err)
	}
	return price.Builtin().With(own), nil
}
