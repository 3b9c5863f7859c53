package config

import (
	"path/filepath"
	"strings"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/ledger"
	"github.com/docsift/docsift/internal/price"
)

// Money says where requests to providers are written down and what they may cost.
type Money struct {
	// Ledger is DOCSIFT_LEDGER: the folder of the account. "" keeps it in memory, which is what
	// off means. Default ledger in the folder of data.
	Ledger string
	Named  bool // it was set, and is not the default

	// Budget is DOCSIFT_BUDGET_DAY, _MONTH and _DOCUMENT, in US dollars, and DOCSIFT_BUDGET_KEYS:
	// NAME=dollars a day, parted by commas. Default: none.
	Budget ledger.Budget
}

func (c Config) money() (Money, error) {
	m := Money{}
	if c.Data != "" {
		m.Ledger = filepath.Join(c.Data, "ledger")
	}
	if dir := c.Getenv("DOCSIFT_LEDGER"); dir != "" {
		m.Ledger, m.Named = dir, true
	}
	if m.Ledger == "off" {
		m.Ledger = ""
	}
	for name, to := range map[string]*price.Amount{
		"DOCSIFT_BUDGET_DAY": &m.Budget.Day, "DOCSIFT_BUDGET_MONTH": &m.Budget.Month, "DOCSIFT_BUDGET_DOCUMENT": &m.Budget.Document,
	} {
		if err := c.dollars(name, c.Getenv(name), to); err != nil {
			return m, err
		}
	}
	return m, c.keyBudgets(&m.Budget)
}

// keyBudgets reads DOCSIFT_BUDGET_KEYS.
func (c Config) keyBudgets(b *ledger.Budget) error {
	const name = "DOCSIFT_BUDGET_KEYS"
	value := c.Getenv(name)
	if value == "" {
		return nil
	}
	b.Keys = make(map[string]price.Amount)
	for part := range strings.SplitSeq(value, ",") {
		key, sum, ok := strings.Cut(strings.TrimSpace(part), "=")
		if !ok || key == "" {
			return fault.New(fault.Config, nil, "%s: %q: give a key's setting and dollars a day, such as OPENAI_API_KEY=25", name, part)
		}
		var most price.Amount
		if err := c.dollars(name, sum, &most); err != nil {
			return err
		}
		b.Keys[key] = most
	}
	return nil
}

// dollars reads a sum above 0; "" leaves it as it is.
func (c Config) dollars(name, value string, to *price.Amount) error {
	if value == "" {
		return nil
	}
	sum, err := price.ParseAmount(value)
	if err != nil || sum <= 0 || strings.ContainsAny(value, "+-_") {
		return fault.New(fault.Config, nil, "%s=%s: give a sum of US dollars above 0, such as 25 or 0.50; leave it out for no bound", name, value)
	}
	*to = sum
	return nil
}

// state returns docsift's folder for what is to outlast the process, or "" where there is no home for it.
func (c Config) state() string {
	if dir := c.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "docsift")
	}
	if home := c.Getenv("HOME"); filepath.IsAbs(home) {
		return filepath.Join(home, ".local", "state", "docsift")
	}
	return ""
}
