package main

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/docsift/docsift/internal/app"
	"github.com/docsift/docsift/internal/config"
	"github.com/docsift/docsift/internal/ledger"
	"github.com/docsift/docsift/internal/price"
)

// spending is what was spent, in US dollars.
type spending struct {
	Ledger string            `json:"ledger"` // the folder, or the database
	Day    string            `json:"day_usd"`
	Month  string            `json:"month_usd"`
	Keys   map[string]string `json:"keys_usd"`   // of the day
	Models map[string]string `json:"models_usd"` // of the day
	Budget map[string]string `json:"budget_usd"` // day, month, document and keys that have one

	Requests int `json:"requests"` // of the day
	Open     int `json:"open"`     // that have not come back yet
	Unknown  int `json:"unknown"`  // whose bill is not known, counted as foreseen
}

func (p process) spendCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "spend [flags]",
		Short: "Say what was spent today and this month, by key and by model",
		Long: `Read the ledger, in which every request to a provider is written down before it is sent, and say
what today (UTC) and this month have cost. A request whose answer was lost counts as foreseen. Where
a server has a database (DATABASE_URL, or the one in DOCSIFT_DATA) with requests in it, that is read.`,
		Args: argCount(func(n int) bool { return n == 0 }, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := p.config(cmd)
			if err != nil {
				return err
			}
			where, sum, err := spend(cmd.Context(), c)
			if err != nil {
				return err
			}
			s := spent(where, sum, c.Money.Budget)
			if asJSON {
				return p.printJSON(s)
			}
			return p.printSpending(s)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// spend reads the account of a server's database, and where that has none, the one of the files.
func spend(ctx context.Context, c config.Config) (where string, s ledger.Spend, err error) {
	kept, where, err := app.FindStore(ctx, c, slog.New(slog.DiscardHandler))
	if err != nil {
		return "", s, err
	}
	if kept != nil {
		defer kept.Close()
		if s, err = kept.Spend(ctx, time.Now()); err != nil || s.Sent > 0 || s.Month > 0 {
			return where, s, err
		}
	}
	c.Money.Named = false // to look is not to make
	l, err := app.OpenLedger(c, nil)
	if err != nil {
		return "", s, err
	}
	defer l.Close()
	return c.Money.Ledger, l.Spend(), nil
}

func spent(folder string, s ledger.Spend, b ledger.Budget) spending {
	budget := amounts(b.Keys)
	for name, most := range map[string]price.Amount{"day": b.Day, "month": b.Month, "document": b.Document} {
		if most > 0 {
			budget[name] = most.String()
		}
	}
	return spending{
		Ledger: folder, Day: s.Day.String(), Month: s.Month.String(), Keys: amounts(s.Keys), Models: amounts(s.Models),
		Budget: budget, Requests: s.Sent, Open: s.Open, Unknown: s.Unknown,
	}
}

func amounts(of map[string]price.Amount) map[string]string {
	all := make(map[string]string)
	for name, a := range of {
		all[name] = a.String()
	}
	return all
}

func (p process) printSpending(s spending) error {
	w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	bound := func(name string) string {
		if most, ok := s.Budget[name]; ok {
			return " of $" + most
		}
		return ""
	}
	fmt.Fprintf(w, "today\t$%s%s\t%d requests\n", s.Day, bound("day"), s.Requests)
	fmt.Fprintf(w, "this month\t$%s%s\n", s.Month, bound("month"))
	for _, by := range []map[string]string{s.Models, s.Keys} {
		for _, name := range slices.Sorted(maps.Keys(by)) {
			fmt.Fprintf(w, "  %s\t$%s%s\n", name, by[name], bound(name))
		}
	}
	if s.Unknown+s.Open > 0 {
		fmt.Fprintf(w, "not certain\t%d requests\tcounted as foreseen: their answer was lost, or has not come yet\n", s.Unknown+s.Open)
	}
	if s.Ledger == "" {
		fmt.Fprintln(w, "No ledger is kept: DOCSIFT_LEDGER is off, or there is no home folder for it.")
	}
	return w.Flush()
}
