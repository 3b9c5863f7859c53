package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/config"
	"github.com/docsift/docsift/internal/eval"
	"github.com/docsift/docsift/internal/tune"
	"github.com/docsift/docsift/model/local"
	"github.com/docsift/docsift/taxonomy"
)

type evalFlags struct {
	labels string
	report string
	json   bool
	quiet  bool
	names  bool
	folds  string
	also   []string
	plain  bool
	jobs   int
}

func (p process) evalCommand() *cobra.Command {
	var f evalFlags
	cmd := &cobra.Command{
		Use:   "eval [flags] --labels FILE.tsv FOLDER",
		Short: "Measure how good the answers are on labelled documents",
		Long: `Classify the labelled documents of a folder and hold the answers to the labels: accuracy,
what a confidence is worth, and how much can be accepted at which accuracy.

The labels are a table with tabs between its columns, whose names stand in the first line: file
(below FOLDER) and label, and if there are any alt_labels (right as well), industry and group. The
names of files are hidden from the local model unless --names is given; others never see them.`,
		Example: `  docsift eval --labels labels.tsv --taxonomy finance --policy local inbox/
  docsift eval --labels labels.tsv --taxonomy by-industry --html report.html --json inbox/`,
		Args: argCount(func(n int) bool { return n == 1 }, "one FOLDER"),
		RunE: func(cmd *cobra.Command, args []string) error { return p.eval(cmd, args[0], f) },
	}
	addLabelFlags(cmd, &f)
	cmd.Flags().StringVar(&f.report, "html", "", "write a report with diagrams to this `file`")
	cmd.Flags().BoolVar(&f.json, "json", false, "print the report as JSON")
	cmd.Flags().BoolVar(&f.names, "names", false, "let the local model see the names of files")
	cmd.Flags().StringVar(&f.folds, "folds", "", "group or category: have each document judged by a local model that learned from the others alone")
	addChoiceFlags(cmd)
	cmd.Flags().Lookup("taxonomy").Usage = "categories that the labels are of: an id, a YAML file, or by-industry, the column of the labels (DOCSIFT_TAXONOMY)"
	return cmd
}

// learn says how the local model learns: on top of the built-in one and phrases as well, or only
// the numbers of the built-in one anew.
func (f evalFlags) learn() local.TrainOptions {
	if f.plain {
		return local.TrainOptions{}
	}
	return local.TrainOptions{From: local.Builtin(), Phrases: true}
}

// addLabelFlags adds the flags of commands that read labelled documents.
func addLabelFlags(cmd *cobra.Command, f *evalFlags) {
	cmd.Flags().StringVarP(&f.labels, "labels", "l", "", "the `file` of labels (default FOLDER/manifest.tsv)")
	cmd.Flags().BoolVar(&f.plain, "plain", false, "learn no phrases and nothing from the built-in model, as the built-in model itself did")
	cmd.Flags().StringArrayVar(&f.also, "also", nil, "a `folder` with a manifest.tsv whose documents are learned from as well, and never judged; may be repeated")
	cmd.Flags().BoolVarP(&f.quiet, "quiet", "q", false, "show no progress")
	cmd.Flags().IntVarP(&f.jobs, "jobs", "j", 0, "documents under way at once; 0 means 2 for each CPU")
}

func (p process) eval(cmd *cobra.Command, folder string, f evalFlags) error {
	switch f.folds {
	case "":
		if f.plain || len(f.also) > 0 {
			return usageError{errors.New("--plain and --also go with --folds: otherwise nothing is learned")}
		}
		return p.evalPolicy(cmd, folder, f)
	case "group":
		return p.evalFolds(cmd, folder, f, tune.ByGroup)
	case "category":
		return p.evalFolds(cmd, folder, f, tune.ByCategory)
	}
	return usageError{fmt.Errorf("--folds=%s: use group or category, or leave it out", f.folds)}
}

// evalPolicy measures a policy as it is.
func (p process) evalPolicy(cmd *cobra.Command, folder string, f evalFlags) error {
	labels, err := readLabels(f.labelsOf(folder))
	if err != nil {
		return err
	}
	c, err := p.config(cmd)
	if err != nil {
		return err
	}
	want := industry(&c, cmd)
	progress := p.newProgress(classifyFlags{quiet: f.quiet})
	defer progress.close()
	o, err := open(c, progress.preparing)
	if err != nil {
		return err
	}
	defer o.Close()
	classifier := o.classifier
	for range labels {
		progress.add()
	}
	cases, err := eval.Run(cmd.Context(), classifier, labels, f.options(folder, idOf(classifier, want), c, progress))
	if err != nil {
		return err
	}
	r := eval.NewReport(cases)
	policy, _ := classifier.Policy()
	r.Policy, r.Taxonomy = policy.Name, want
	return p.printEval(r, classifier.Taxonomies(), f)
}

// evalFolds measures the local model on parts of the documents that it was not trained on.
func (p process) evalFolds(cmd *cobra.Command, folder string, f evalFlags, part func(tune.Document) string) error {
	l, err := p.readLabelled(cmd, folder, f)
	if err != nil {
		return err
	}
	threshold := 0.0 // each model's own
	if l.config.Getenv("DOCSIFT_LOCAL_THRESHOLD") != "" {
		policy, err := cascade.Find("local", l.config.Getenv)
		if err != nil {
			return err
		}
		threshold = policy.Confidence
	}
	learn := func(rest, also []tune.Document) (*local.Trained, error) {
		return local.Train(append(tune.Examples(rest, l.known, 1), tune.Examples(also, l.known, tune.Besides)...), f.learn())
	}
	cases, err := tune.LeaveOut(cmd.Context(), l.docs, l.also, part, learn, threshold)
	if err != nil {
		return err
	}
	r := eval.NewReport(cases)
	r.Policy, r.Taxonomy = fmt.Sprintf("local, trained without the %s of each document", f.folds), l.taxonomy
	return p.printEval(r, l.known, f)
}

// options says how documents are judged.
func (f evalFlags) options(folder, taxonomy string, c config.Config, p *progress) eval.Options {
	return eval.Options{
		Folder: folder, Taxonomy: taxonomy, Names: f.names, Document: c.Document,
		Jobs: cmp.Or(f.jobs, 2*runtime.GOMAXPROCS(0)), Done: p.step,
	}
}

// labelsOf returns the file of labels of the folder that a command is about.
func (f evalFlags) labelsOf(folder string) string { return cmp.Or(f.labels, manifest(folder)) }

// manifest returns the file of labels of a folder of which no other is named.
func manifest(folder string) string { return filepath.Join(folder, "manifest.tsv") }

func readLabels(path string) ([]eval.Label, error) {
	file, err := os.Open(path)
	if err != nil {
		cause := err
		if e, ok := errors.AsType[*os.PathError](err); ok {
			cause = e.Err
		}
		return nil, fault.New(fault.Invalid, err, "the file of labels %s: %v", path, cause)
	}
	defer file.Close()
	return eval.ReadLabels(file)
}

func (p process) printEval(r eval.Report, known []*taxonomy.Taxonomy, f evalFlags) error {
	r.Advice = advice(slices.DeleteFunc(known, func(t *taxonomy.Taxonomy) bool {
		return !slices.ContainsFunc(r.ByTaxonomy, func(s eval.Slice) bool { return s.Name == t.ID })
	})...)
	if f.report != "" {
		if err := writeReport(f.report, r); err != nil {
			return fmt.Errorf("write the report: %w", err)
		}
	}
	if f.json {
		e := json.NewEncoder(p.out)
		e.SetIndent("", "  ")
		return e.Encode(r)
	}
	w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%d documents of %d groups, policy %s, taxonomy %s\n\n", r.Documents, r.Groups, r.Policy, r.Taxonomy)
	for _, row := range [][2]string{
		{"accuracy, the label or one right as well", interval(r.Lenient)},
		{"accuracy, the label itself", interval(r.Strict)},
		{"macro F1", fmt.Sprintf("%.3f", r.MacroF1)},
		{"accepted", interval(r.Accepted)},
		{"right among those", interval(r.AcceptedRight)},
		{"accepted of those of no category", interval(r.StrangersAccepted)},
		{"expected calibration error", fmt.Sprintf("%.3f in %d bins", r.ECE, len(r.Bins))},
		{"AUROC of the confidence", optional(r.AUROC)},
		{"answered at 90, 95, 97 % accuracy", fmt.Sprintf("%.1f %%, %.1f %%, %.1f %% (thresholds %.2f, %.2f, %.2f)", 100*r.At90.Share, 100*r.At95.Share, 100*r.At97.Share, r.At90.Threshold, r.At95.Threshold, r.At97.Threshold)},
		{"cost; time after reading, in all", fmt.Sprintf("$%.4f; %.1f ms in the mean, %.0f ms in the median", r.Cost.USD, r.Cost.AnswerMS, r.Cost.MedianMS)},
	} {
		fmt.Fprintf(w, "%s\t%s\n", row[0], row[1])
	}
	for _, part := range []struct {
		title string
		rows  []eval.Slice
	}{{"TEXT FROM", r.BySource}, {"FORMAT", r.ByFormat}, {"TAXONOMY", r.ByTaxonomy}, {"CATEGORY", r.ByCategory}} {
		fmt.Fprintf(w, "\t\n%s\tRIGHT\tACCEPTED\tRIGHT AMONG THOSE\n", part.title)
		for _, s := range part.rows {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", s.Name, interval(s.Lenient), portion(s.Accepted), portion(s.AcceptedRight))
		}
	}
	for _, a := range r.Advice {
		fmt.Fprintf(w, "\n%s\n", a)
	}
	return w.Flush()
}

func writeReport(path string, r eval.Report) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(eval.WriteHTML(file, r), file.Close())
}

// interval writes a rate with its interval of 95 %.
func interval(r eval.Rate) string {
	if r.Of == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f %% (%.1f to %.1f; %d of %d)", 100*r.Value, 100*r.Low, 100*r.High, r.Count, r.Of)
}

func portion(r eval.Rate) string {
	if r.Of == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f %%", 100*r.Value)
}

func optional(v *float64) string {
	if v == nil {
		return "-"
	}
	return fmt.Sprintf("%.3f", *v)
}
