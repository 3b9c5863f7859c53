package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/docsift/docsift/internal/chaos"
)

func (p process) chaosCommand() *cobra.Command {
	var o chaos.Options
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "chaos [flags]",
		Short: "See that docsift keeps its promises while providers fail",
		Long: `Start a docsift server of its own and four simulated providers, have these die in every way that
providers do, and hold the server to what is promised: documents answered, latency, outages
noticed, requests sent, money spent and accounted for, no key anywhere but in the settings.

It needs no key and no network, sends nothing anywhere, and touches no ledger but its own. Some
promises are about time: on a busy machine they are measured twice, and allow for how late the
machine itself was. docs/chaos.md says what each line means and what it does not prove.

The status is 0 when every promise was kept, and 1 when one was not.`,
		Example: `  docsift chaos --seed 1
  docsift chaos --mode A1,C1 --requests 1000
  docsift chaos --mode silent,revoked --keep run/
  docsift chaos --requests 30000 --json > nightly.json`,
		Args: argCount(func(n int) bool { return n == 0 }, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error { return p.chaos(cmd, o, asJSON) },
	}
	cmd.Flags().Uint64Var(&o.Seed, "seed", 1, "`number` that makes the documents and draws the faults")
	cmd.Flags().IntVarP(&o.Requests, "requests", "n", chaos.CI, "`documents` for each of the ten ways in which a provider is dead; the rest of the run follows")
	cmd.Flags().StringSliceVar(&o.Only, "mode", nil, "`lines` of the table to run, such as A1,C3, or ways in which a provider is dead, such as silent (default: all)")
	cmd.Flags().StringVar(&o.Keep, "keep", "", "`folder` to leave the logs, ledgers and policies of the run in")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON, with all figures")
	return cmd
}

func (p process) chaos(cmd *cobra.Command, o chaos.Options, asJSON bool) error {
	if o.Requests < 10 {
		return usageError{fmt.Errorf("--requests=%d: give 10 or more", o.Requests)}
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	o.Command, o.Log = []string{self}, p.log
	report, err := chaos.Run(cmd.Context(), o)
	if err != nil {
		return err
	}
	if asJSON {
		enc := json.NewEncoder(p.out)
		enc.SetIndent("", "  ")
		err = enc.Encode(report)
	} else {
		err = printChaos(p.out, report)
	}
	if err == nil && !report.Passed() {
		return exitStatus(1)
	}
	return err
}

// printChaos prints the table, and below it what there is to know of its lines.
func printChaos(out io.Writer, r chaos.Report) error {
	fmt.Fprintf(out, "docsift chaos, seed %d, %d documents a way, %d CPUs, %s/%s, %s\n\n", r.Seed, r.Requests, runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, r.Took)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "LINE\tWHAT\tTARGET\tMEASURED\t")
	for _, l := range r.Lines {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", l.ID, l.What, l.Target, l.Measured, l.Result)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(out)
	for _, l := range r.Lines {
		for _, n := range l.Notes {
			fmt.Fprintln(out, n)
		}
	}
	fmt.Fprintln(out, "\nDiffers from the defaults:")
	for _, s := range r.Differs {
		fmt.Fprintln(out, "  "+s)
	}
	_, err := fmt.Fprintln(out, "\nThe providers are simulated: this is a statement about docsift under these faults, not about any provider.")
	return err
}
