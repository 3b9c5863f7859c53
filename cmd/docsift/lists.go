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
	"github.com/docsift/docsift/taxonomy"
)

func (p process) taxonomyCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "taxonomy [ID|FILE]",
		Short: "List the taxonomies, or show and check one",
		Example: `  docsift taxonomy
  docsift taxonomy finance
  docsift taxonomy mine.yaml     # says what is wrong with it, or lists its categories`,
		Args:              argCount(func(n int) bool { return n <= 1 }, "at most one taxonomy"),
		ValidArgsFunction: completeTaxonomy,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return p.listTaxonomies(asJSON)
			}
			return p.showTaxonomy(args[0], asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (p process) listTaxonomies(asJSON bool) error {
	if asJSON {
		return p.printJSON(taxonomy.Builtin())
	}
	w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tCATEGORIES\tDESCRIPTION")
	for _, t := range taxonomy.Builtin() {
		fmt.Fprintf(w, "%s\t%d\t%s\n", t.ID, len(t.Categories), t.Description)
	}
	return w.Flush()
}

func (p process) showTaxonomy(name string, asJSON bool) error {
	t, err := readTaxonomy(name)
	if err != nil {
		return err
	}
	if asJSON {
		return p.printJSON(t)
	}
	w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s, version %s\n\nCATEGORY\tPHRASES\tDESCRIPTION\n", t.ID, t.Version)
	for _, c := range t.Categories {
		fmt.Fprintf(w, "%s\t%d\t%s\n", c.Name, len(c.Titles)+len(c.Cues)+len(c.Words), c.Description)
	}
	return w.Flush()
}

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

// readTaxonomy reads a built-in taxonomy or a file.
func readTaxonomy(name string) (*taxonomy.Taxonomy, error) {
	t, err := taxonomy.Find(name)
	if err == nil {
		return t, nil
	}
	data, err := readNamed(name, err)
	if err != nil {
		return nil, err
	}
	return taxonomy.Parse(name, data)
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

func completeTaxonomy(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var ids []string
	for _, t := range taxonomy.Builtin() {
		ids = append(ids, t.ID+"\t"+t.Description)
	}
	return ids, cobra.ShellCompDirectiveDefault // files too
}

func completePolicy(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return cascade.Builtin(), cobra.ShellCompDirectiveDefault
}
