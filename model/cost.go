package model

import (
	"cmp"
	"encoding/json"

	"github.com/docsift/docsift/internal/price"
)

// Cost is a sum of money. When any part of it is unknown, so is the whole.
type Cost struct {
	NanoUSD int64 // 10⁻⁹ US dollars: the part that is known
	Known   bool
	Guess   int64 // what the part that is not known was foreseen to be, in 10⁻⁹ US dollars
}

type costJSON struct {
	USD       *string `json:"usd"`
	Known     bool    `json:"known"`
	AtLeast   string  `json:"at_least_usd"`
	Estimated string  `json:"estimated_usd"`
}

// Estimated returns the best estimate of the sum in 10⁻⁹ US dollars: budgets count it.
func (c Cost) Estimated() int64 { return c.NanoUSD + c.Guess }

// MarshalJSON writes the sum as a decimal string, or null when it is not known, and beside it
// the part that is known and the best estimate of the whole.
func (c Cost) MarshalJSON() ([]byte, error) {
	out := costJSON{Known: c.Known, AtLeast: price.Amount(c.NanoUSD).String(), Estimated: price.Amount(c.Estimated()).String()}
	if c.Known {
		out.USD = &out.AtLeast
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (c *Cost) UnmarshalJSON(b []byte) error {
	var in costJSON
	if err := json.Unmarshal(b, &in); err != nil {
		return err
	}
	least, err := price.ParseAmount(cmp.Or(in.AtLeast, "0"))
	if err != nil {
		return err
	}
	whole, err := price.ParseAmount(cmp.Or(in.Estimated, in.AtLeast, "0"))
	*c = Cost{NanoUSD: int64(least), Known: in.Known, Guess: int64(whole - least)}
	return err
}

// String returns the sum as in "$0.000052", or "unknown".
func (c Cost) String() string {
	if !c.Known {
		return "unknown"
	}
	return "$" + price.Amount(c.NanoUSD).String()
}

// Plus adds two sums.
func (c Cost) Plus(d Cost) Cost {
	return Cost{NanoUSD: c.NanoUSD + d.NanoUSD, Known: c.Known && d.Known, Guess: c.Guess + d.Guess}
}
