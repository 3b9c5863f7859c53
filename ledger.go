package docsift

import "github.com/docsift/docsift/internal/ledger"

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
