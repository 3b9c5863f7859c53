package main

import (
	"cmp"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/docsift/docsift/internal/config"
	"github.com/docsift/docsift/model"
)

type classifyFlags struct {
	json  bool
	quiet bool
	jobs  int
	name  string

	budget dollarsFlag

	output               string
	restart, retryFailed bool

	dryRun bool
	sample int
	limits []string

	server, key string
	cancel      bool

	explain string
}

func (p process) classifyCommand() *cobra.Command {
	var f classifyFlags
	cmd := &cobra.Command{
		Use:   "classify [flags] PATH…",
		Short: "Say what documents are",
		Long: `Classify files, every file of a folder (hidden ones and links to folders aside), or
standard input (-).

The answer is a table, or with --json one object a line, in the order of the paths.

With -o the answers go into a file (.jsonl or .csv) as they come, and the same command goes on
where it was stopped, by ^C, a crash or a full disk: what the file answers is not asked again. Equal
files are asked about once. With --server a server does the work, as a batch.

Exit status: 0 all done, 1 some failed, 2 wrong usage, 3 wrong configuration,
4 the budget is spent, 5 no model could answer, 130 interrupted.`,
		Example: `  docsift classify samples/
  docsift classify --taxonomy healthcare --json inbox/ > out.jsonl
  docsift classify --policy guide scan.pdf
  docsift classify --explain letter.docx
  docsift classify archive/ --dry-run
  docsift classify archive/ -o out.jsonl --budget 5.00
  docsift classify archive/ -o out.csv --server https://docsift.example.com
  curl -s https://example.com/a.pdf | docsift classify --name a.pdf -`,
		Args: argCount(func(n int) bool { return n > 0 }, "at least one PATH"),
		RunE: func(cmd *cobra.Command, args []string) error { return p.classify(cmd, args, f) },
	}
	addClassifyFlags(cmd, &f)
	addChoiceFlags(cmd)
	return cmd
}

func addClassifyFlags(cmd *cobra.Command, f *classifyFlags) {
	cmd.Flags().BoolVar(&f.json, "json", false, "print one JSON object a line")
	cmd.Flags().BoolVarP(&f.quiet, "quiet", "q", false, "show no progress")
	cmd.Flags().IntVarP(&f.jobs, "jobs", "j", 0, "documents under way at once, at most 1024; 0 means 2 for each CPU, or 16 with --server")
	cmd.Flags().StringVar(&f.name, "name", "stdin", "file name of what comes from standard input")
	cmd.Flags().StringVarP(&f.output, "output", "o", "", "`file` for the answers, .jsonl or .csv; the same command goes on where it was stopped")
	cmd.Flags().BoolVar(&f.restart, "restart", false, "forget what the output holds")
	cmd.Flags().BoolVar(&f.retryFailed, "retry-failed", false, "ask again about what failed, and pay again")
	cmd.Flags().Var(&f.budget, "budget", "begin nothing once the run, or all of the output, has cost that many US `dollars`")
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "say what there is and foresee what it costs; nothing is sent")
	cmd.Flags().IntVar(&f.sample, "sample", 200, "`documents` that --dry-run reads at most")
	cmd.Flags().StringArrayVar(&f.limits, "limits", []string{"1"}, "what providers let through, for --dry-run, as of docsift plan: a `tier` from 1 to 5, or a YAML file")
	cmd.Flags().StringVar(&f.server, "server", "", "`URL` of a server that does the work")
	cmd.Flags().StringVar(&f.key, "key", "", "API `key` for the server (better: DOCSIFT_API_KEY)")
	cmd.Flags().StringVar(&f.explain, "explain", "", "say of each attempt what was sent, what came back and what was made of it; =text: with the document's text")
	cmd.Flags().Lookup("explain").NoOptDefVal = string(model.ExplainAll)
	cmd.Flags().BoolVar(&f.cancel, "cancel", false, "take back what the server has not answered yet")
	cmd.RegisterFlagCompletionFunc("limits", completeTier)
}

// maxJobs is more than any machine or any provider's rate limit has use for.
const maxJobs = 1024

// jobsOf returns how many documents may be under way.
func jobsOf(f classifyFlags) int { return cmp.Or(f.jobs, min(2*runtime.GOMAXPROCS(0), maxJobs)) }

// check returns what is wrong with the flags.
func (f classifyFlags) check(paths []string) error {
	stdin := slices.Index(paths, "-")
	switch {
	case f.jobs < 0 || f.jobs > maxJobs:
		return fmt.Errorf("--jobs=%d: give a number from 1 to %d, or 0 for 2 for each CPU", f.jobs, maxJobs)
	case slices.Contains(paths[stdin+1:], "-"):
		return errors.New("standard input (-) can be read only once")
	case stdin >= 0 && (f.output != "" || f.dryRun):
		return errors.New("standard input (-) has no place in a file of answers and no estimate: name files or folders")
	case f.output == "" && (f.restart || f.retryFailed):
		return errors.New("--restart and --retry-failed are about the file of answers: give -o")
	case f.output != "" && f.json:
		return errors.New("the name of the file of answers says how it is written, .jsonl or .csv: leave --json out")
	case !slices.Contains([]string{"", string(model.ExplainAll), string(model.ExplainWithText)}, f.explain):
		return fmt.Errorf("--explain=%s: give no value, or text", f.explain)
	case f.explain != "" && (f.output != "" || f.dryRun || f.server != ""):
		return errors.New("--explain is for the screen and --json: leave -o, --server and --dry-run out")
	case f.sample < 1:
		return fmt.Errorf("--sample=%d: give a number from 1", f.sample)
	case f.dryRun && (f.server != "" || f.output != ""):
		return errors.New("--dry-run writes and sends nothing: leave -o and --server out")
	}
	return f.checkServer()
}

func (f classifyFlags) checkServer() error {
	switch {
	case f.server == "" && (f.key != "" || f.cancel):
		return errors.New("--key and --cancel are about a server: give --server")
	case f.server != "" && f.output == "":
		return errors.New("--server wants a file for the answers: give -o")
	case f.server != "" && f.budget.Amount > 0:
		return errors.New("--budget holds no server: set DOCSIFT_BUDGET_DAY there, or give its key a budget")
	}
	return nil
}

func (p process) classify(cmd *cobra.Command, paths []string, f classifyFlags) error {
	if err := f.check(paths); err != nil {
		return usageError{err}
	}
	c, err := p.config(cmd)
	switch {
	case err != nil:
		return err
	case f.dryRun:
		return p.foresee(cmd, paths, f, c)
	case f.server != "":
		return p.toServer(cmd, paths, f, c)
	case f.output != "":
		return p.toOutput(cmd, paths, f, c)
	}
	return p.toScreen(cmd, paths, f, c)
}

// toScreen classifies what the paths name and prints the answers in their order.
func (p process) toScreen(cmd *cobra.Command, paths []string, f classifyFlags, c config.Config) error {
	progress := p.newProgress(f)
	o, err := open(c, progress.preparing)
	if err != nil {
		return err
	}
	defer o.Close()
	b := batch{
		classifier: o.classifier, read: c.Document, in: p.in, name: f.name,
		progress: progress, verbose: verbose(c), purse: &purse{most: f.budget.Amount}, explain: model.Explain(f.explain),
	}
	out := newPrinter(p.out, f.json)
	out.fit(paths)
	t, err := b.run(cmd.Context(), paths, jobsOf(f), out.print)
	progress.close()
	p.summarise(t, o.classifier, f)
	switch {
	case errors.Is(err, syscall.EPIPE): // the reader has seen enough
		return exitStatus(1)
	case err != nil:
		return fmt.Errorf("write the results: %w", err)
	}
	return t.status()
}
