package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/app"
	"github.com/docsift/docsift/internal/config"
	"github.com/docsift/docsift/internal/eval"
	"github.com/docsift/docsift/internal/tune"
	"github.com/docsift/docsift/model/local"
	"github.com/docsift/docsift/taxonomy"
)

type trainFlags struct {
	evalFlags
	out string
}

func (p process) trainCommand() *cobra.Command {
	var f trainFlags
	cmd := &cobra.Command{
		Use:   "train [flags] --labels FILE.tsv -o MODEL FOLDER",
		Short: "Teach the local model from labelled documents",
		Long: `Read the labelled documents of a folder and learn from them how much each thing that is found
in a document says. The result is a small file that --model gives to the other commands. The same
documents give the same file.

'docsift eval --folds group' tells beforehand how good it will be on senders that it has not seen.`,
		Example: `  docsift train --labels labels.tsv --taxonomy by-industry -o mine.model inbox/
  docsift classify --model mine.model new/`,
		Args: argCount(func(n int) bool { return n == 1 }, "one FOLDER"),
		RunE: func(cmd *cobra.Command, args []string) error { return p.train(cmd, args[0], f) },
	}
	addLabelFlags(cmd, &f.evalFlags)
	cmd.Flags().StringVarP(&f.out, "output", "o", "", "the `file` to write")
	cmd.MarkFlagRequired("output")
	cmd.Flags().StringP("taxonomy", "t", eval.ByIndustry, "categories that the labels are of: an id, a YAML file, or by-industry")
	cmd.RegisterFlagCompletionFunc("taxonomy", completeTaxonomy)
	return cmd
}

func (p process) train(cmd *cobra.Command, folder string, f trainFlags) error {
	l, err := p.readLabelled(cmd, folder, f.evalFlags)
	if err != nil {
		return err
	}
	trained, err := local.Train(append(tune.Examples(l.docs, l.known, 1), tune.Examples(l.also, l.known, tune.Besides)...), f.learn())
	if err != nil {
		return err
	}
	file, err := os.Create(f.out)
	if err != nil {
		return fmt.Errorf("write the model: %w", err)
	}
	if err := errors.Join(trained.Write(file), file.Close()); err != nil {
		return fmt.Errorf("write the model: %w", err)
	}
	for _, d := range slices.Concat(l.docs, l.also) {
		if d.Failed != "" {
			fmt.Fprintf(p.log, "%s: not learned from: %s\n", d.File, d.Failed)
		}
	}
	fmt.Fprintf(p.log, "%s: %s\n", f.out, trained)
	return nil
}

// labelled is what was read of folders of labelled documents, and how it is to be judged.
type labelled struct {
	docs     []tune.Document
	also     []tune.Document // to learn from alone
	known    []*taxonomy.Taxonomy
	taxonomy string // as it was wanted
	config   config.Config
}

// readLabelled reads the labelled documents of a folder, and of those that are learned from as well.
func (p process) readLabelled(cmd *cobra.Command, folder string, f evalFlags) (labelled, error) {
	c, err := p.config(cmd)
	if err != nil {
		return labelled{}, err
	}
	l := labelled{taxonomy: industry(&c, cmd)}
	c.Policy = "local"
	if c.Getenv("DOCSIFT_READ_TIMEOUT") == "" {
		c.Reading.Timeout = time.Minute // what is learned may not depend on how busy the machine is
	}
	l.config = c
	progress := p.newProgress(classifyFlags{quiet: f.quiet})
	defer progress.close()
	o, err := open(c, progress.preparing)
	if err != nil {
		return labelled{}, err
	}
	defer o.Close()
	reader, classifier := o.reader, o.classifier
	l.known = classifier.Taxonomies()
	read := func(folder, path string) ([]tune.Document, error) {
		labels, err := readLabels(path)
		if err != nil {
			return nil, err
		}
		o := f.options(folder, idOf(classifier, l.taxonomy), c, progress)
		views, err := eval.Prepare(l.known, labels, o)
		if err == nil {
			err = tune.Check(views)
		}
		if err != nil {
			return nil, err
		}
		for range views {
			progress.add()
		}
		return tune.Read(cmd.Context(), reader, views, o)
	}
	if l.docs, err = read(folder, f.labelsOf(folder)); err != nil {
		return labelled{}, err
	}
	for _, folder := range f.also {
		more, err := read(folder, manifest(folder))
		if err != nil {
			return labelled{}, fault.New(fault.KindOf(err), err, "%s: %s", folder, fault.Message(err))
		}
		l.also = append(l.also, more...)
	}
	return l, nil
}

// industry returns the taxonomy that is wanted: the setting's, or else the command's default. Where
// that is by-industry, the configuration is left with one that there is.
func industry(c *config.Config, cmd *cobra.Command) string {
	if f := cmd.Flags().Lookup("taxonomy"); !f.Changed && c.Getenv("DOCSIFT_TAXONOMY") == "" {
		c.Taxonomy = f.DefValue
	}
	want := c.Taxonomy
	if want == eval.ByIndustry {
		c.Taxonomy = taxonomy.All
	}
	return want
}

// idOf returns the id of the taxonomy that is wanted, which may be named by its file.
func idOf(c *docsift.Classifier, want string) string {
	if app.IsFile(want) {
		return c.Taxonomies()[0].ID // those of files come first
	}
	return want
}

// opened is what a command works with. Close it.
type opened struct {
	reader     *app.Reader
	classifier *docsift.Classifier
	ledger     *docsift.LedgerFile
}

// open opens what reads, what classifies and where that is accounted for. Whoever waits for a
// reader to be compiled is told by preparing, which may be nil.
func open(c config.Config, preparing func()) (_ opened, err error) {
	var o opened
	defer func() {
		if err != nil {
			err = errors.Join(err, o.Close())
		}
	}()
	if o.reader, err = app.OpenReader(app.ReaderOptions{Reading: c.Reading, Preparing: preparing}); err != nil {
		return o, err
	}
	if o.ledger, err = app.OpenLedger(c, nil); err != nil {
		return o, err
	}
	o.classifier, err = app.OpenClassifier(c, app.Parts{Reader: o.reader, Ledger: o.ledger})
	return o, err
}

// Close closes what was opened.
func (o opened) Close() (err error) {
	if o.ledger != nil {
		err = o.ledger.Close()
	}
	if o.reader != nil {
		err = errors.Join(err, o.reader.Close())
	}
	return err
}
