package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/docsift/docsift/client"
	"github.com/docsift/docsift/internal/app"
	"github.com/docsift/docsift/taxonomy"
)

type taxonomyFlags struct {
	asJSON, asYAML bool
	server, key    string
	save, use      bool
}

func (p process) taxonomyCommand() *cobra.Command {
	var f taxonomyFlags
	cmd := &cobra.Command{
		Use:   "taxonomy [ID|FILE]",
		Short: "List the taxonomies, show and check one, or save one at a server",
		Example: `  docsift taxonomy
  docsift taxonomy finance
  docsift taxonomy finance --yaml > mine.yaml     # a start for your own
  docsift taxonomy mine.yaml                      # says what is wrong with it, or lists its categories
  docsift taxonomy mine.yaml --server https://docsift.example --use`,
		Args:              argCount(func(n int) bool { return n <= 1 }, "at most one taxonomy"),
		ValidArgsFunction: completeTaxonomy,
		RunE: func(cmd *cobra.Command, args []string) error {
			if (f.save || f.use) && (len(args) == 0 || f.server == "") {
				return usageError{errors.New("--save and --use need a FILE, and the --server that is to keep it")}
			}
			if f.server != "" {
				return p.serversTaxonomy(cmd, args, f)
			}
			if len(args) == 0 {
				return p.listTaxonomies(taxonomy.Builtin(), f)
			}
			t, err := readTaxonomy(args[0])
			if err != nil {
				return err
			}
			return p.showTaxonomy(t, f)
		},
	}
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print JSON")
	cmd.Flags().BoolVar(&f.asYAML, "yaml", false, "print the taxonomy as a file")
	cmd.Flags().StringVar(&f.server, "server", "", "`URL` of a server whose taxonomies these are")
	cmd.Flags().StringVar(&f.key, "key", "", "API `key` for it (DOCSIFT_API_KEY)")
	cmd.Flags().BoolVar(&f.save, "save", false, "have the server keep the file as a version, which requests can name")
	cmd.Flags().BoolVar(&f.use, "use", false, "the same, and have its id mean this version from now on")
	return cmd
}

func (p process) listTaxonomies(all []*taxonomy.Taxonomy, f taxonomyFlags) error {
	if f.asJSON {
		return p.printJSON(all)
	}
	w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tCATEGORIES\tDESCRIPTION")
	for _, t := range all {
		fmt.Fprintf(w, "%s\t%d\t%s\n", t.ID, len(t.Categories), printable(t.Description))
	}
	return w.Flush()
}

func (p process) showTaxonomy(t *taxonomy.Taxonomy, f taxonomyFlags) error {
	switch {
	case f.asYAML:
		b, err := t.YAML()
		if err == nil {
			_, err = p.out.Write(b)
		}
		return err
	case f.asJSON:
		return p.printJSON(t)
	}
	w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s, version %s\n\nCATEGORY\tPHRASES\tDESCRIPTION\n", t.ID, t.Version)
	for _, c := range t.Categories {
		fmt.Fprintf(w, "%s\t%d\t%s\n", printable(c.Name), len(c.Titles)+len(c.Cues)+len(c.Words), printable(c.Description))
	}
	return w.Flush()
}

// serversTaxonomy lists or shows what a server has, or has it keep a file.
func (p process) serversTaxonomy(cmd *cobra.Command, args []string, f taxonomyFlags) error {
	c, err := p.config(cmd)
	if err != nil {
		return err
	}
	to, err := client.New(client.Options{URL: f.server, Key: apiKey(f.key, c), UserAgent: "docsift/" + version()})
	if err != nil {
		return err
	}
	switch {
	case f.save || f.use:
		return p.saveTaxonomy(cmd.Context(), to, args[0], f)
	case len(args) == 0:
		all, err := to.Taxonomies(cmd.Context())
		if err != nil {
			return err
		}
		return p.listTaxonomies(all, f)
	}
	t, source, err := to.Taxonomy(cmd.Context(), args[0])
	switch {
	case err != nil:
		return err
	case f.asYAML:
		_, err := fmt.Fprint(p.out, source)
		return err
	case f.asJSON:
		return p.printJSON(t)
	}
	if whole, err := taxonomy.Parse(args[0], []byte(source)); err == nil { // with its phrases
		whole.Version = t.Version
		t = whole
	}
	return p.showTaxonomy(t, f)
}

func (p process) saveTaxonomy(ctx context.Context, to *client.Client, file string, f taxonomyFlags) error {
	data, err := app.ReadFile(file)
	if err != nil {
		return err
	}
	if _, err := taxonomy.Parse(file, data); err != nil { // which names the file and the line
		return err
	}
	saved, err := to.SaveTaxonomy(ctx, string(data), f.use)
	if err != nil {
		return err
	}
	if f.asJSON {
		return p.printJSON(saved)
	}
	how := fmt.Sprintf("saved, not in use: requests name it %s@%s", saved.ID, saved.Version)
	if f.use {
		how = "in use"
	}
	_, err = fmt.Fprintf(p.out, "%s, version %s: %s\n", saved.ID, saved.Version, how)
	return err
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

func completeTaxonomy(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var ids []string
	for _, t := range taxonomy.Builtin() {
		ids = append(ids, t.ID+"\t"+t.Description)
	}
	return ids, cobra.ShellCompDirectiveDefault // files too
}
