package main

import (
	"cmp"
	"fmt"
	"log/slog"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/app"
	"github.com/docsift/docsift/internal/httpapi"
	"github.com/docsift/docsift/internal/store"
)

func (p process) statsCommand() *cobra.Command {
	var from, to, by, group, tenant string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "stats [flags]",
		Short: "Say what became of a server's documents, by hour or day",
		Long: `Read a server's database (DATABASE_URL, or the one in DOCSIFT_DATA) and sum up what was answered,
when, by whom, how long it took and what it cost, up to the last document. Hours and days are in UTC.`,
		Example: `  docsift stats --by day --group provider
  docsift stats --from 2026-11-01 --to 2026-12-01 --by day --json`,
		Args: argCount(func(n int) bool { return n == 0 }, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			q, err := store.ParseStats(from, to, by, group)
			if err != nil {
				return err
			}
			s, err := p.stats(cmd, tenant, q)
			if err != nil {
				return err
			}
			if asJSON {
				return p.printJSON(s)
			}
			return p.printStats(s)
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "first `moment`: 2026-11-27 or 2026-11-27T13:00:00Z (default: 24 hours ago, by days 30 days ago)")
	cmd.Flags().StringVar(&to, "to", "", "`moment` before which it ends (default: now)")
	cmd.Flags().StringVar(&by, "by", "hour", "hour or day")
	cmd.Flags().StringVar(&group, "group", "", "part by "+strings.Join(store.Groups(), ", "))
	cmd.Flags().StringVar(&tenant, "tenant", httpapi.DefaultTenant, "whose documents")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (p process) stats(cmd *cobra.Command, tenant string, q store.StatsQuery) (store.Stats, error) {
	c, err := p.config(cmd)
	if err != nil {
		return store.Stats{}, err
	}
	s, _, err := app.FindStore(cmd.Context(), c, slog.New(slog.DiscardHandler))
	if err != nil {
		return store.Stats{}, err
	}
	if s == nil {
		return store.Stats{}, fault.New(fault.Config, nil, "no server has kept anything here: set DATABASE_URL or DOCSIFT_DATA to what the server has")
	}
	defer s.Close()
	return s.Stats(cmd.Context(), tenant, q)
}

func (p process) printStats(s store.Stats) error {
	w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	layout := "2006-01-02 15:04"
	if s.By == store.Daily {
		layout = time.DateOnly
	}
	fmt.Fprintf(w, "%s\t%s\tdocuments\tcached\treview\tupgraded\tbackup\tp50\tp99\tcost\tsaved\n", s.By, s.Group)
	for _, r := range s.Rows {
		printFigures(w, r.At.Format(layout), cmp.Or(printable(r.Group), "-"), r.Figures)
	}
	printFigures(w, "all", "", s.Total)
	if err := w.Flush(); err != nil || len(s.Calls) == 0 {
		return err
	}
	fmt.Fprintf(w, "\nmodel\tended with\tcalls\tbill not known\tcost\ttokens in\tcached\tout\n")
	for _, c := range s.Calls {
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t$%s\t%d\t%d\t%d\n", printable(c.Model), cmp.Or(c.Error, "an answer"), c.Calls, c.Unknown, c.Cost, c.Input, c.Cached, c.Output)
	}
	return w.Flush()
}

func printFigures(w *tabwriter.Writer, at, group string, f store.Figures) {
	p50, p99 := "-", "-"
	if l := f.Latency; l != nil {
		p50, p99 = fmt.Sprintf("%.3g ms", l.P50), fmt.Sprintf("%.3g ms", l.P99)
	}
	fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t$%s\t$%s\n", at, group, f.Documents,
		shareOf(f.Cached, f.Documents), shareOf(f.Review, f.Documents), shareOf(f.Upgraded, f.Documents), shareOf(f.Backup, f.Documents), p50, p99, f.Cost, f.Saved)
}

func shareOf(part, of int64) string {
	if of == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f %%", 100*float64(part)/float64(of))
}
