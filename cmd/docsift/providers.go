package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os/user"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/share"
)

// providersFlags are the flags of providers and of its subcommands.
type providersFlags struct {
	server string
	key    string
	json   bool
	time   time.Duration
	why    string
}

func (p process) providersCommand() *cobra.Command {
	var f providersFlags
	cmd := &cobra.Command{
		Use:   "providers [flags]",
		Short: "Show how a running server's models fare, or set a breaker by hand",
		Long: `Show for each model of a running server, and each of its keys, whether calls pass to it, how many
failed lately and what its limits are.

  docsift providers open MODEL    leaves a model alone
  docsift providers close MODEL   asks it whatever happens
  docsift providers auto MODEL    leaves that to its breaker again

Breakers can be set from the machine that the server runs on, unless it asks for API keys.`,
		Example: `  docsift providers open openai/gpt-4o --for 30m --why "it bills twice"
  docsift providers auto openai/gpt-4o`,
		Args: argCount(func(n int) bool { return n == 0 }, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.askProviders(cmd, f, http.MethodGet, "/v1/providers", nil)
		},
	}
	cmd.PersistentFlags().StringVar(&f.server, "server", "", "the server's `URL` (default: DOCSIFT_ADDR on this machine)")
	cmd.PersistentFlags().StringVar(&f.key, "key", "", "API `key` for the server (better: DOCSIFT_API_KEY)")
	cmd.PersistentFlags().BoolVar(&f.json, "json", false, "print JSON")
	for _, to := range [][2]string{{"open", "open"}, {"close", "closed"}, {"auto", "auto"}} {
		cmd.AddCommand(p.setCommand(to[0], to[1], &f))
	}
	return cmd
}

func (p process) setCommand(name, state string, f *providersFlags) *cobra.Command {
	cmd := &cobra.Command{
		Use:   name + " [flags] MODEL",
		Short: map[string]string{"open": "Leave a model alone", "close": "Ask a model whatever happens", "auto": "Leave a model to its breaker again"}[name],
		Long:  "MODEL is a name such as openai/gpt-4o, or all: each but local, which costs nothing.",
		Args:  argCount(func(n int) bool { return n == 1 }, "one model, or all"),
		RunE: func(cmd *cobra.Command, args []string) error {
			want := map[string]string{"model": args[0], "state": state, "why": f.why}
			if args[0] == "all" {
				want["model"] = ""
			}
			if f.time > 0 {
				want["for"] = f.time.String()
			}
			if u, err := user.Current(); err == nil {
				want["by"] = u.Username
			}
			return p.askProviders(cmd, *f, http.MethodPut, "/v1/providers/breaker", want)
		},
	}
	if state != "auto" {
		cmd.Flags().DurationVar(&f.time, "for", 0, "how `long`, such as 30m (default: until auto)")
		cmd.Flags().StringVar(&f.why, "why", "", "the `reason`, for others who look")
	}
	return cmd
}

// askProviders asks the server and prints the state of its models.
func (p process) askProviders(cmd *cobra.Command, f providersFlags, method, path string, body map[string]string) error {
	c, err := p.config(cmd)
	if err != nil {
		return err
	}
	url := cmp.Or(strings.TrimRight(f.server, "/"), nearby(c.Addr)) + path
	data, err := call(cmd.Context(), method, url, apiKey(f.key, c), body)
	if err != nil {
		return err
	}
	var state struct {
		Policy string                `json:"policy"`
		Models []docsift.ModelStatus `json:"models"`

		Sharing *share.Status `json:"sharing"`
	}
	if err := json.Unmarshal(data, &state); err != nil {
		return fault.New(fault.Config, err, "what answers there is no docsift server of this version")
	}
	if f.json {
		_, err := p.out.Write(data)
		return err
	}
	w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "POLICY\tMODEL\tKEY\tBREAKER\tFAILED\tSINCE OR UNTIL\tLAST ERROR")
	for _, m := range state.Models {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%.0f %%\t%s\t%s\n", m.Policy, m.Model, cmp.Or(m.Key, "-"), breakerOf(m), 100*m.Rate, when(m), cmp.Or(printable(m.LastError), "-"))
	}
	if state.Sharing != nil {
		fmt.Fprintf(w, "\nall of it %s\n", shared(*state.Sharing))
	}
	return w.Flush()
}

// shared says whether breakers are shared with other processes.
func shared(s share.Status) string {
	switch {
	case s.Up:
		return "shared through " + printable(s.Redis)
	case s.Since == nil:
		return "to be shared through " + printable(s.Redis) + ", which has not answered yet"
	}
	return fmt.Sprintf("shared with nobody: %s does not answer: %s", printable(s.Redis), short(s.Error))
}

// breakerOf says in a word or two whether calls pass.
func breakerOf(m docsift.ModelStatus) string {
	switch {
	case m.Forced != nil:
		return m.Breaker + " by " + cmp.Or(printable(m.Forced.By), "hand")
	case m.Parked:
		return m.Breaker + ": needs somebody"
	case m.Elsewhere:
		return m.Breaker + ": failed elsewhere"
	}
	return m.Breaker
}

func when(m docsift.ModelStatus) string {
	for _, t := range []*time.Time{m.Until, m.Limited, m.LastAt} {
		if t != nil {
			return t.UTC().Format(time.DateTime) + " UTC"
		}
	}
	return "-"
}

// call asks the server; what it says of an error becomes one of ours.
func call(ctx context.Context, method, url, key string, body any) ([]byte, error) {
	data, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("encode request: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(data))
	if err != nil {
		return nil, fault.New(fault.Config, err, "%s is no web address", url)
	}
	req.Header.Set("Content-Type", "application/json")
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fault.New(fault.Unavailable, err, "no server answers at %s: start one with 'docsift serve', or name another with --server", url)
	}
	defer resp.Body.Close()
	data, err = io.ReadAll(io.LimitReader(resp.Body, 16<<20))
	if err != nil || resp.StatusCode == http.StatusOK {
		return data, err
	}
	var problem struct {
		Code   fault.Kind `json:"code"`
		Detail string     `json:"detail"`
	}
	_ = json.Unmarshal(data, &problem)
	return nil, fault.New(cmp.Or(problem.Code, fault.Config), nil, "%s", cmp.Or(problem.Detail, "the server answers with "+resp.Status))
}
