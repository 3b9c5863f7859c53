package main

import (
	"cmp"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"syscall"

	"github.com/spf13/cobra"
)

type classifyFlags struct {
	json  bool
	quiet bool
	jobs  int
	name  string
}

func (p process) classifyCommand() *cobra.Command {
	var f classifyFlags
	cmd := &cobra.Command{
		Use:   "classify [flags] PATH…",
		Short: "Say what documents are",
		Long: `Classify files, every file of a folder (hidden ones and links to folders aside), or
standard input (-).

The answer is a table, or with --json one object a line, in the order of the paths.
Exit status: 0 all done, 1 some failed, 2 wrong usage, 3 wrong configuration,
5 no model could answer, 130 interrupted.`,
		Example: `  docsift classify samples/
  docsift classify --taxonomy healthcare --json inbox/ > out.jsonl
  docsift classify --policy guide scan.pdf
  curl -s https://example.com/a.pdf | docsift classify --name a.pdf -`,
		Args: argCount(func(n int) bool { return n > 0 }, "at least one PATH"),
		RunE: func(cmd *cobra.Command, args []string) error { return p.classify(cmd, args, f) },
	}
	cmd.Flags().BoolVar(&f.json, "json", false, "print one JSON object a line")
	cmd.Flags().BoolVarP(&f.quiet, "quiet", "q", false, "show no progress")
	cmd.Flags().IntVarP(&f.jobs, "jobs", "j", 0, "documents under way at once, at most 1024; 0 means 2 for each CPU")
	cmd.Flags().StringVar(&f.name, "name", "stdin", "file name of what comes from standard input")
	addChoiceFlags(cmd)
	return cmd
}

// maxJobs is more than any machine or any provider's rate limit has use for.
const maxJobs = 1024

func (p process) classify(cmd *cobra.Command, paths []string, f classifyFlags) error {
	if f.jobs < 0 || f.jobs > maxJobs {
		return usageError{fmt.Errorf("--jobs=%d: give a number from 1 to %d, or 0 for 2 for each CPU", f.jobs, maxJobs)}
	}
	if i := slices.Index(paths, "-"); slices.Contains(paths[i+1:], "-") {
		return usageError{errors.New("standard input (-) can be read only once")}
	}
	c, err := p.config(cmd)
	if err != nil {
		return err
	}
	progress := p.newProgress(f)
	o, err := open(c, progress.preparing)
	if err != nil {
		return err
	}
	defer o.Close()
	classifier := o.classifier

	b := batch{
		classifier: classifier, read: c.Document, in: p.in, name: f.name,
		progress: progress, verbose: verbose(c),
	}
	t, err := b.run(cmd.Context(), paths, cmp.Or(f.jobs, min(2*runtime.GOMAXPROCS(0), maxJobs)), newPrinter(p.out, f.json).print)
	progress.close()
	p.summarise(t, classifier, f)
	switch {
	case errors.Is(err, syscall.EPIPE): // the reader has seen enough
		return exitStatus(1)
	case err != nil:
		return fmt.Errorf("write the results: %w", err)
	}
	return t.status()
}
