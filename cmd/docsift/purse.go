package main

import (
	"strings"
	"sync/atomic"

	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/price"
)

// purse is what a run may cost. Nothing begins once it is empty; what is under way ends.
type purse struct {
	most  price.Amount // 0: no bound
	spent atomic.Int64 // nano-dollars, at the best estimate
	over  atomic.Bool  // something did not begin
}

func (p *purse) spend(c cascade.Cost) { p.spent.Add(c.Estimated()) }

// empty reports whether the next document is not to begin.
func (p *purse) empty() bool {
	empty := p.most > 0 && p.spent.Load() >= int64(p.most)
	if empty {
		p.over.Store(true)
	}
	return empty
}

// dollarsFlag is a flag for a sum above 0.
type dollarsFlag struct{ price.Amount }

// Set reads a sum.
func (d *dollarsFlag) Set(s string) error {
	sum, err := price.ParseAmount(strings.TrimPrefix(s, "$"))
	if err != nil || sum <= 0 || strings.ContainsAny(s, "+-_") {
		return fault.New(fault.Invalid, nil, "give a sum of US dollars above 0, such as 5 or 0.50")
	}
	d.Amount = sum
	return nil
}

// String returns the sum; "" for none.
func (d *dollarsFlag) String() string {
	if d.Amount == 0 {
		return ""
	}
	return d.Amount.String()
}

// Type names the value in the help.
func (d *dollarsFlag) Type() string { return "dollars" }
