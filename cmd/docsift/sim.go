package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/sim"
)

func (p process) simCommand() *cobra.Command {
	var addr, script string
	o := sim.Options{Jitter: 0.5}
	var each sim.Limit
	cmd := &cobra.Command{
		Use:   "sim [flags]",
		Short: "Pretend to be the providers, for trying things out and for tests",
		Long: `Simulate the wire formats of OpenAI, Gemini, Anthropic and System One on one address,
the decisions endpoints of OpenAI and Gemini among them.

It is as strict as they are, and fails on command: a script says which calls meet a
status, a hang, a cut connection, garbage, a wrong label or any confidence. No model
stands behind it: its answers are never a measurement of a real one.`,
		Example: `  docsift sim &
  export OPENAI_API_KEY=sim OPENAI_BASE_URL=http://127.0.0.1:9090/v1
  export GOOGLE_API_KEY=sim GOOGLE_GEMINI_BASE_URL=http://127.0.0.1:9090
  export ANTHROPIC_API_KEY=sim ANTHROPIC_BASE_URL=http://127.0.0.1:9090
  export SYSTEMONE_BASE_URL=http://127.0.0.1:9090/v1    # its models: Kev-4B, Clef, Qwen/Qwen3-0.6B
  docsift classify --policy guide samples/
  curl http://127.0.0.1:9090/sim/requests`,
		Args: argCount(func(n int) bool { return n == 0 }, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if each != (sim.Limit{}) {
				o.Limits = []sim.Limit{each}
			}
			return p.sim(cmd.Context(), addr, script, o)
		},
	}
	cmd.Flags().StringVar(&addr, "addr", "127.0.0.1:9090", "address to listen on")
	cmd.Flags().StringVar(&script, "script", "", "YAML or JSON file of answers and faults")
	cmd.Flags().DurationVar(&o.Latency, "latency", 300*time.Millisecond, "mean time to an answer")
	cmd.Flags().IntVar(&each.RPM, "rpm", 0, "requests a minute that each key may make of each model; more meet a 429 (default any number)")
	cmd.Flags().IntVar(&each.TPM, "tpm", 0, "tokens a minute, likewise (default any number)")
	return cmd
}

func (p process) sim(ctx context.Context, addr, script string, o sim.Options) error {
	if o.Latency < 0 {
		return usageError{fmt.Errorf("--latency=%v: give a time of 0 or more", o.Latency)}
	}
	for _, l := range o.Limits {
		if l.RPM < 0 || l.TPM < 0 {
			return usageError{fmt.Errorf("--rpm=%d --tpm=%d: give numbers above 0", l.RPM, l.TPM)}
		}
	}
	if script != "" {
		var err error
		if o.Script, err = loadScript(script); err != nil {
			return err
		}
	}
	handler, err := sim.New(o)
	if err != nil {
		return fault.New(fault.Config, nil, "%v", err)
	}
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	srv := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	context.AfterFunc(ctx, func() { srv.Close() }) // it holds nothing worth draining
	fmt.Fprintf(p.log, "simulating OpenAI, Gemini, Anthropic and System One on http://%s; 'docsift sim --help' shows how to use it\n", ln.Addr())
	if err := srv.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func loadScript(path string) (sim.Script, error) {
	f, err := os.Open(path)
	if err != nil {
		return sim.Script{}, fault.New(fault.Config, err, "script %s cannot be read", path)
	}
	defer f.Close()
	s, err := sim.LoadScript(f)
	if err != nil {
		return s, fault.New(fault.Config, nil, "script %s: %v", path, err)
	}
	return s, nil
}
