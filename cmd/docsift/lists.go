package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/app"
)

func (p process) policyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "policy [NAME|FILE]",
		Short: "List the policies, or show and check one",
		Example: `  docsift policy
  docsift policy guide > mine.yaml     # a start for your own
  docsift policy mine.yaml             # says what is wrong with it`,
		Args:              argCount(func(n int) bool { return n <= 1 }, "at most one policy"),
		ValidArgsFunction: completePolicy,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return p.listPolicies()
			}
			c, err := p.config(cmd)
			if err != nil {
				return err
			}
			return p.showPolicy(args[0], c.Getenv)
		},
	}
}

func (p process) listPolicies() error {
	w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tDESCRIPTION")
	for _, name := range cascade.Builtin() {
		policy, err := cascade.Find(name, func(string) string { return "" })
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s\t%s\n", name, policy.Description)
	}
	return w.Flush()
}

// showPolicy prints a policy's source, once it is known to be good.
func (p process) showPolicy(name string, getenv func(string) string) error {
	_, source, err := readPolicy(name, getenv)
	if err != nil {
		return err
	}
	_, err = p.out.Write(source)
	return err
}

// readPolicy reads a built-in policy or a file down to its models, and returns its source too.
// Whose keys are there does not matter.
func readPolicy(name string, getenv func(string) string) (cascade.Policy, []byte, error) {
	source, err := cascade.Source(name)
	if fault.KindOf(err) == fault.NotFound {
		source, err = readNamed(name, err)
	}
	if err != nil {
		return cascade.Policy{}, nil, err
	}
	policy, err := cascade.ParsePolicy(name, source, getenv)
	if err != nil {
		return policy, nil, err
	}
	if err := checkModels(policy, getenv); err != nil {
		return policy, nil, fault.New(fault.KindOf(err), err, "%s: %s", name, fault.Message(err))
	}
	return policy, source, nil
}

// readNamed reads the file of what is no built-in one, as notBuiltin says.
func readNamed(name string, notBuiltin error) ([]byte, error) {
	data, err := app.ReadFile(name)
	if err != nil && !app.IsFile(name) {
		return nil, notBuiltin
	}
	return data, err
}

// checkModels opens the models of a policy as if every key were there: whose they are does not
// matter to whether the policy is good.
func checkModels(policy cascade.Policy, getenv func(string) string) error {
	_, err := docsift.New(docsift.Options{
		Policy: policy.Name, Policies: []cascade.Policy{policy},
		Getenv: func(name string) string {
			if strings.HasSuffix(name, "_API_KEY") {
				return "placeholder"
			}
			return getenv(name)
		},
	})
	if fault.KindOf(err) == fault.NoKey { // one that goes by a name of its own
		return nil
	}
	return err
}

func (p process) printJSON(v any) error {
	enc := json.NewEncoder(p.out)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

func completePolicy(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return cascade.Builtin(), cobra.ShellCompDirectiveDefault
}
