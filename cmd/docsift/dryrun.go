package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/app"
	"github.com/docsift/docsift/internal/config"
	"github.com/docsift/docsift/internal/plan"
	"github.com/docsift/docsift/taxonomy"
)

// forecast is what --dry-run finds and foresees.
type forecast struct {
	Files int   `json:"files"`
	Bytes int64 `json:"bytes"`

	// Duplicates are files whose bytes another has as well; null where the folder is too large to
	// read all that may be alike.
	Duplicates *int `json:"duplicates"`

	Read       int                `json:"read"`       // documents of the sample, on which the rest rests
	Types      map[string]int     `json:"types"`      // of the sample, by MIME type
	Unreadable map[fault.Kind]int `json:"unreadable"` // of the sample
	NoText     float64            `json:"no_text"`    // share of the readable ones
	Local      float64            `json:"local"`      // share of those with text that the local model answers by itself
	Chars      int                `json:"text_chars"` // of those with text, on average

	Requests int          `json:"requests"`
	Input    int          `json:"input_tokens"`
	Output   int          `json:"output_tokens"`
	Cost     cascade.Cost `json:"cost"`
	Uses     []plan.Use   `json:"uses"`

	Reading float64  `json:"reading_seconds"` // on this machine
	Limits  *float64 `json:"limits_seconds"`  // at the providers' limits; null where they are not known
	Notes   []string `json:"notes"`
}

// foresee reads a part of what the paths name and says what all of it will take. It sends nothing:
// no model but the local one is opened for it.
func (p process) foresee(cmd *cobra.Command, paths []string, f classifyFlags, c config.Config) error {
	progress := p.newProgress(classifyFlags{quiet: f.quiet})
	defer progress.close()
	whole, err := app.OpenClassifier(c, app.Parts{Reader: noReader{}})
	if err != nil {
		return err
	}
	alone := c
	alone.Policy, alone.Money = "local", config.Money{}
	reader, err := app.OpenReader(app.ReaderOptions{Reading: c.Reading, Preparing: progress.preparing})
	if err != nil {
		return err
	}
	defer reader.Close()
	watch := &watched{Extractor: reader, seen: make(map[*document.Document]*extract.Content)}
	local, err := app.OpenClassifier(alone, app.Parts{Reader: watch})
	if err != nil {
		return err
	}
	s := &sampler{classifier: local, watch: watch, read: c.Document, policy: reachableStages(whole), out: forecast{
		Types: map[string]int{}, Unreadable: map[fault.Kind]int{}, Uses: []plan.Use{}, Notes: []string{}, Cost: cascade.Cost{Known: true},
	}}
	all := s.survey(cmd.Context(), paths)
	s.sample(cmd.Context(), all, f.sample, jobsOf(f))
	if cmd.Context().Err() != nil {
		return exitStatus(fault.Canceled.ExitStatus())
	}
	if err := s.estimate(local.Taxonomy(), f.limits); err != nil {
		return err
	}
	progress.close()
	if f.json {
		return p.printJSON(s.out)
	}
	return s.out.print(p.out)
}

// noReader reads nothing: nobody is to classify with it.
type noReader struct{}

// Extract refuses.
func (noReader) Extract(context.Context, *document.Document) (*extract.Content, error) {
	return nil, fault.New(fault.Internal, nil, "a dry run sends nothing")
}

// watched keeps what was read of each document until it is asked for.
type watched struct {
	extract.Extractor

	mu   sync.Mutex
	seen map[*document.Document]*extract.Content
}

// Extract reads a document.
func (w *watched) Extract(ctx context.Context, d *document.Document) (*extract.Content, error) {
	content, err := w.Extractor.Extract(ctx, d)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen[d] = content
	return content, err
}

func (w *watched) take(d *document.Document) *extract.Content {
	w.mu.Lock()
	defer w.mu.Unlock()
	content := w.seen[d]
	delete(w.seen, d)
	return content
}

// reachableStages returns the policy without the models that have no key.
func reachableStages(c *docsift.Classifier) cascade.Policy {
	policy, missing := c.Policy()
	var stages []cascade.Stage
	for _, s := range policy.Stages {
		gone := func(m cascade.Spec) bool {
			return slices.ContainsFunc(missing, func(x cascade.Missing) bool { return x.Stage == s.Name && x.Model == m.Model })
		}
		s.Models = slices.DeleteFunc(slices.Concat(s.Models, s.Backups), gone)
		s.Backups = nil
		if len(s.Models) > 0 {
			stages = append(stages, s)
		}
	}
	policy.Stages = stages
	return policy
}

// sampler looks at the files.
type sampler struct {
	classifier *docsift.Classifier
	watch      *watched
	read       document.Options
	policy     cascade.Policy

	mu                     sync.Mutex
	out                    forecast
	text, answered, nChars int
}

// listed is a file that was found.
type listed struct {
	path string
	size int64
}

// survey finds all files and the duplicates among them, and returns one file of each kind of bytes.
func (s *sampler) survey(ctx context.Context, paths []string) []listed {
	var all []listed
	sizes := make(map[int64]int)
	for f := range walk(paths) {
		if ctx.Err() != nil {
			return nil
		}
		if info, err := os.Stat(f.path); err == nil && info.Mode().IsRegular() {
			all = append(all, listed{f.path, info.Size()})
			sizes[info.Size()]++
			s.out.Bytes += info.Size()
		} else if !f.empty {
			all = append(all, listed{f.path, -1})
		}
	}
	s.out.Files = len(all)
	alike := int64(0)
	for size, n := range sizes {
		if n > 1 {
			alike += size * int64(n)
		}
	}
	if alike > mostAlike {
		s.out.Notes = append(s.out.Notes, "duplicates are not known: too many files are of one size to read them all; those that there are cost nothing")
		return all
	}
	seen := make(map[[sha256.Size]byte]bool)
	distinct := slices.DeleteFunc(all, func(f listed) bool {
		if sizes[f.size] < 2 || ctx.Err() != nil {
			return false
		}
		sum, err := digest(f.path)
		known := err == nil && seen[sum]
		seen[sum] = true
		return known
	})
	s.out.Duplicates = new(s.out.Files - len(distinct))
	return distinct
}

// mostAlike is how many bytes are read to find duplicates.
const mostAlike = 4 << 30

func digest(path string) (sum [sha256.Size]byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return sum, err
	}
	defer f.Close()
	h := sha256.New()
	_, err = io.Copy(h, f)
	return [sha256.Size]byte(h.Sum(nil)), err
}

// sample reads at most n of the files, evenly from all of them.
func (s *sampler) sample(ctx context.Context, all []listed, n, jobs int) {
	chosen := make([]listed, min(n, len(all)))
	for i := range chosen {
		chosen[i] = all[i*len(all)/len(chosen)]
	}
	begun := time.Now()
	queue := make(chan listed)
	var workers sync.WaitGroup
	for range jobs {
		workers.Go(func() {
			for f := range queue {
				if ctx.Err() == nil {
					s.look(ctx, f.path)
				}
			}
		})
	}
	for _, f := range chosen {
		queue <- f
	}
	close(queue)
	workers.Wait()
	if s.out.Read = len(chosen); len(chosen) > 0 {
		s.out.Reading = time.Since(begun).Seconds() / float64(len(chosen)) * float64(len(all))
	}
}

// look reads one document and asks the local model.
func (s *sampler) look(ctx context.Context, path string) {
	d, err := document.Open(path, s.read)
	var res docsift.Result
	if err == nil {
		res, err = s.classifier.Classify(ctx, d, docsift.Request{})
	}
	content := s.watch.take(d)
	s.mu.Lock()
	defer s.mu.Unlock()
	if d != nil {
		s.out.Types[d.Type.MIME()]++
	}
	if err != nil && (content == nil || fault.KindOf(err).Unreadable()) {
		s.out.Unreadable[fault.KindOf(err)]++
		return
	}
	if docsift.SourceOf(content) == docsift.FromNowhere {
		return
	}
	s.text++
	s.nChars += len([]rune(content.Text()))
	if _, need := s.localStage(); res.Classification != taxonomy.Unknown && res.Confidence != nil && *res.Confidence >= need {
		s.answered++
	}
}

// localStage returns the name of the stage in which the local model stands first, and what an
// answer needs there; "" where there is none.
func (s *sampler) localStage() (name string, need float64) {
	for _, stage := range s.policy.Stages {
		if stage.Models[0].Model == "local" {
			if need = s.policy.Confidence; stage.Confidence != nil {
				need = *stage.Confidence
			}
			return stage.Name, need
		}
	}
	return "", 2
}

// estimate foresees what all of it takes from what the sample was like.
func (s *sampler) estimate(t *taxonomy.Taxonomy, limits []string) error {
	unreadable := 0
	for _, n := range s.out.Unreadable {
		unreadable += n
	}
	readable := s.out.Read - unreadable
	if readable == 0 {
		return nil
	}
	distinct := s.out.Files
	if s.out.Duplicates != nil {
		distinct -= *s.out.Duplicates
	}
	docs := max(1, distinct*readable/s.out.Read)
	s.out.NoText = float64(readable-s.text) / float64(readable)
	o := plan.Options{Docs: min(docs, plan.MaxDocs), Prompt: plan.PromptTokens(t), NoText: s.out.NoText, Text: 1, Answers: map[string]float64{}}
	if s.text > 0 {
		s.out.Local = float64(s.answered) / float64(s.text)
		s.out.Chars = s.nChars / s.text
		o.Text = min(max(1, s.out.Chars), plan.MaxText)
	}
	if name, _ := s.localStage(); name != "" {
		o.Answers[name] = s.out.Local
	}
	var err error
	if o.Limits, _, err = (planFlags{limits: limits}).readLimits(); err != nil {
		return err
	}
	day, err := plan.New(s.policy, o)
	if err != nil {
		return err
	}
	s.out.Uses, s.out.Cost = day.Uses, day.Total.Cost
	s.out.Requests, s.out.Input, s.out.Output = requests(day.Uses), day.Total.Input, day.Total.Output
	s.out.Notes = append(s.out.Notes, day.Notes...)
	switch {
	case day.All == nil:
		s.out.Limits = new(0.0)
	case day.All.Most != nil && *day.All.Most > 0 && len(day.All.Unknown) == 0:
		s.out.Limits = new(float64(docs) / float64(*day.All.Most) * (24 * time.Hour).Seconds())
	}
	return nil
}

// requests counts what is sent to providers.
func requests(uses []plan.Use) (n int) {
	for _, u := range uses {
		if u.Model != "local" {
			n += u.Requests
		}
	}
	return n
}

// print writes a forecast for people.
func (f forecast) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	duplicates := "not known how many are duplicates"
	if f.Duplicates != nil {
		duplicates = fmt.Sprintf("%d of them duplicates", *f.Duplicates)
	}
	fmt.Fprintf(w, "documents\t%d (%s), %.1f MB\n", f.Files, duplicates, float64(f.Bytes)/1e6)
	if f.Files == 0 {
		return w.Flush()
	}
	fmt.Fprintf(w, "read\t%d of them, on which the rest rests\n", f.Read)
	fmt.Fprintf(w, "types\t%s\n", shares(f.Types, f.Read))
	fmt.Fprintf(w, "unreadable\t%s\n", cmp.Or(shares(f.Unreadable, f.Read), "none"))
	fmt.Fprintf(w, "without text\t%.0f %%; the others have %d characters on average\n", 100*f.NoText, f.Chars)
	fmt.Fprintf(w, "answered by the local model\t%.0f %% of those with text\n", 100*f.Local)
	fmt.Fprintf(w, "requests\t%d, with %d tokens in and %d out\n", f.Requests, f.Input, f.Output)
	fmt.Fprintf(w, "cost\t%s\n", dollars(f.Cost))
	fmt.Fprintf(w, "time\t%s to read them on this machine; at the limits of providers %s\n", span(f.Reading), f.atLimits())
	if f.Requests > 0 {
		fmt.Fprintln(w, "\t\nSTAGE\tMODEL\tREQUESTS\tINPUT TOKENS\tOUTPUT TOKENS\tDOLLARS")
		for _, u := range f.Uses {
			fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%s\n", u.Stage, u.Model, u.Requests, u.Input, u.Output, dollars(u.Cost))
		}
	}
	for _, n := range f.Notes {
		fmt.Fprintf(w, "\t\n%s\n", n)
	}
	return w.Flush()
}

func (f forecast) atLimits() string {
	switch {
	case f.Requests == 0:
		return "none is asked"
	case f.Limits == nil:
		return "not known: give them with --limits"
	}
	return span(*f.Limits)
}

// shares lists what there is most of first.
func shares[K ~string](counts map[K]int, of int) string {
	var parts []string
	names := slices.SortedFunc(maps.Keys(counts), func(a, b K) int { return cmp.Or(counts[b]-counts[a], strings.Compare(string(a), string(b))) })
	for _, name := range names {
		parts = append(parts, fmt.Sprintf("%.0f %% %s", 100*float64(counts[name])/float64(of), name))
	}
	return strings.Join(parts, ", ")
}
