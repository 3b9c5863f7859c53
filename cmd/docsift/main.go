// Command docsift sorts documents into categories, from the shell or as a server.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/config"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second ^C ends the process at once
	p := process{getenv: os.Getenv, environ: os.Environ, in: os.Stdin, out: os.Stdout, log: os.Stderr}
	os.Exit(p.run(ctx, os.Args[1:]))
}

// process is what a command sees of the world, so that tests can give it another one.
type process struct {
	getenv   func(string) string
	environ  func() []string // nil: nobody looks for misspelt settings
	in       io.Reader
	out, log io.Writer
}

// run is main without globals. It returns the exit status: 0 done, 1 failed, 2 wrong usage,
// 3 wrong configuration, 5 no model could answer, 130 interrupted.
func (p process) run(ctx context.Context, args []string) int {
	root := p.root()
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	var status exitStatus
	switch {
	case err == nil:
		return 0
	case errors.As(err, &status):
		return int(status)
	}
	c, _ := p.config(cmd) // what is wrong with the settings is what err says
	fmt.Fprintln(p.log, "docsift:", describe(err, verbose(c)))
	if fault.KindOf(err) == fault.Internal && isUsage(err) {
		fmt.Fprintf(p.log, "Run '%s --help' for how to use it.\n", cmd.CommandPath())
		return 2
	}
	return fault.KindOf(err).ExitStatus()
}

// exitStatus ends the command with a status, when what there was to say has been said.
type exitStatus int

// Error returns the status as text.
func (s exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// usageError marks a mistake in the command line.
type usageError struct{ error }

func isUsage(err error) bool {
	return errors.As(err, new(usageError)) || strings.HasPrefix(err.Error(), "unknown command")
}

// describe returns what to print of an error: the safe message, or, when more is asked for or
// the error has no kind, all of it, since whoever runs a command may see everything.
func describe(err error, verbose bool) string {
	if verbose || fault.KindOf(err) == fault.Internal {
		return err.Error()
	}
	return fault.Message(err)
}

// verbose reports whether the causes of errors are wanted: LOG_LEVEL=debug.
func verbose(c config.Config) bool { return c.LogLevel <= slog.LevelDebug }

func (p process) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "docsift",
		Short: "Sort documents into categories, through finer and finer sieves",
		Long: `docsift says what a document is: an invoice, a lease, a lab result…

A free local model answers first. Where it is not sure, and a key is configured
(OPENAI_API_KEY, GOOGLE_API_KEY, ANTHROPIC_API_KEY), a hosted model reads the text,
then the page, then a stronger one does. Every answer says how sure it is, how it
came about and what it cost.`,
		Example: `  docsift classify scan.pdf letter.docx
  docsift classify --taxonomy insurance --json claims/ > out.jsonl
  docsift serve
  docsift doctor`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       version(),
	}
	root.SetIn(p.in)
	root.SetOut(p.out)
	root.SetErr(p.log)
	root.SetVersionTemplate("docsift {{.Version}}\n")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.PersistentFlags().String("env-file", config.DefaultFile, "file of NAME=value settings below the environment")
	for _, g := range []struct {
		id, title string
		commands  []*cobra.Command
	}{
		{"sort", "Sort documents:", []*cobra.Command{p.classifyCommand(), p.taxonomyCommand(), p.policyCommand(), p.planCommand(), p.doctorCommand()}},
		{"serve", "Run a service:", []*cobra.Command{p.serveCommand(), p.workerCommand(), p.keysCommand(), p.healthCommand(), p.migrateCommand()}},
		{"watch", "See how it fares:", []*cobra.Command{p.providersCommand(), p.statsCommand(), p.spendCommand(), p.auditCommand()}},
		{"better", "Make it better:", []*cobra.Command{p.evalCommand(), p.trainCommand()}},
		{"try", "Try it without a provider:", []*cobra.Command{p.simCommand(), p.chaosCommand()}},
	} {
		root.AddGroup(&cobra.Group{ID: g.id, Title: g.title})
		for _, c := range g.commands {
			c.GroupID = g.id
		}
		root.AddCommand(g.commands...)
	}
	root.AddCommand(p.childCommand())
	return root
}

// config returns the settings of this process, with the flags of cmd before them.
func (p process) config(cmd *cobra.Command) (config.Config, error) {
	file, err := cmd.Flags().GetString("env-file")
	if err != nil {
		return config.Config{}, err
	}
	c, err := config.Load(p.getenv, file)
	if err != nil {
		return c, err
	}
	for name, field := range map[string]*string{"taxonomy": &c.Taxonomy, "policy": &c.Policy, "model": &c.Model, "addr": &c.Addr} {
		if f := cmd.Flags().Lookup(name); f != nil && f.Changed {
			*field = f.Value.String()
		}
	}
	return c, nil
}

// argCount returns a check of the number of arguments whose error is a usage error.
func argCount(ok func(n int) bool, want string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if !ok(len(args)) {
			return usageError{fmt.Errorf("%s wants %s\nusage: %s", cmd.Name(), want, cmd.UseLine())}
		}
		return nil
	}
}

// version returns the version of this build, as the Go toolchain recorded it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	return info.Main.Version
}
