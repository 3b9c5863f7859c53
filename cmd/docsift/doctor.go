package main

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/internal/app"
	"github.com/docsift/docsift/internal/config"
	"github.com/docsift/docsift/internal/price"
	"github.com/docsift/docsift/internal/share"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/local"
	"github.com/docsift/docsift/taxonomy"
)

// report is what doctor finds. Keys are told by name only.
type report struct {
	Checks   []check           `json:"checks"`
	Version  string            `json:"version"`
	Go       string            `json:"go"`
	Platform string            `json:"platform"`
	Policy   string            `json:"policy"`
	Taxonomy string            `json:"taxonomy"`
	Breaker  string            `json:"breaker"` // when a failing model is left alone, and how it comes back
	Settings []setting         `json:"settings"`
	Reader   app.Health        `json:"reader"`
	Models   []docsift.Probe   `json:"models"`
	Limits   []modelLimits     `json:"limits"` // what is known of them
	Missing  []cascade.Missing `json:"missing"`
	Cost     model.Cost        `json:"cost"` // of asking
	Kept     kept              `json:"features_kept"`
	Sharing  *share.Status     `json:"sharing"` // null: breakers are not shared
	Advice   []string          `json:"advice"`  // what costs accuracy
	OK       bool              `json:"ok"`
}

// modelLimits is what one key may take of one model.
type modelLimits struct {
	Model  string                `json:"model"`
	Key    string                `json:"key"` // the name of the setting that holds it
	Limits []docsift.LimitStatus `json:"limits"`
}

func (p process) doctorCommand() *cobra.Command {
	var asJSON bool
	var server string
	cmd := &cobra.Command{
		Use:   "doctor [flags]",
		Short: "Check everything that docsift needs, with one tiny call to each model",
		Long: `Say what is configured and which keys are present (never their value), ask each model of the
policy one tiny real question (its latency, or its exact complaint), and check settings, database,
queue, storage, Redis, clocks, memory, prices, calibration, budgets, webhooks and keys. Each check is
one line: ok, warn, fail or skipped, what was measured, and what to do.
With --server a running server is asked instead how it, its models and its queue fare; where it asks
for keys, with the key of DOCSIFT_API_KEY, which needs the scopes read and metrics.
What each hosted model was found to do is kept for later runs, for 30 days, in DOCSIFT_CACHE_DIR.
Exit status: 0 when no check fails (warnings are none), 1 when one does, 3 when a setting is wrong.`,
		Example: `  docsift doctor
  docsift doctor --json | jq '.checks[] | select(.result != "ok")'
  docsift doctor --server https://docsift.example.com`,
		Args: argCount(func(n int) bool { return n == 0 }, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := p.config(cmd)
			if err != nil {
				return err
			}
			if server != "" {
				return p.doctorOf(cmd.Context(), strings.TrimRight(server, "/"), apiKey("", c), asJSON)
			}
			r, err := p.examine(cmd.Context(), c)
			if err != nil {
				return err
			}
			if asJSON {
				err = p.printJSON(r)
			} else {
				err = p.printReport(r)
			}
			if err == nil && !r.OK {
				return exitStatus(1)
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().StringVar(&server, "server", "", "ask the server at this `URL` how it fares, with the key of DOCSIFT_API_KEY")
	addChoiceFlags(cmd)
	return cmd
}

func (p process) examine(ctx context.Context, c config.Config) (report, error) {
	var sharing *share.Status
	if c.Redis != "" {
		s, err := share.Check(ctx, c.Redis)
		if err != nil {
			return report{}, err
		}
		sharing = &s
	}
	fresh := c
	fresh.CacheDir = "" // what was found before is found out anew
	o, err := open(fresh, nil)
	if err != nil {
		return report{}, err
	}
	defer o.Close()
	reader, classifier := o.reader, o.classifier
	policy, missing := classifier.Policy()
	r := report{
		Version: version(), Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
		Policy: policy.Name, Taxonomy: c.Taxonomy, Settings: settings(c), Missing: missing,
		Reader: reader.Health(ctx), Models: classifier.Probe(ctx), Advice: advice(classifier.Taxonomy()),
		Limits: []modelLimits{}, Sharing: sharing,
	}
	for _, m := range classifier.Models() {
		r.Breaker = m.Rules // one policy, one rule
		if m.Provider != "local" {
			r.Limits = append(r.Limits, modelLimits{m.Model, m.Key, m.Limits})
		}
	}
	r.Cost, r.Kept = costOf(r.Models), keep(c, r.Models)
	if r.Missing == nil {
		r.Missing = []cascade.Missing{}
	}
	r.Checks = p.checks(ctx, c, r, classifier)
	r.OK = healthy(r.Checks)
	return r, nil
}

// checks looks at everything that docsift needs.
func (p process) checks(ctx context.Context, c config.Config, r report, classifier *docsift.Classifier) []check {
	all := []check{
		checkSettings(p.settingNames(c), r.Settings), checkProbes(r.Models, r.Missing), checkLimits(r.Limits),
		checkPrices(classifier.Models(), price.Builtin().Checked(), time.Now()), checkFit(c.Model, time.Now()),
	}
	all = append(all, checkReading(r.Reader, c.Reading, freeMemory())...)
	k := lookAtKept(ctx, c)
	all = append(all, k.checks(c, time.Now())...)
	all = append(all, checkStorage(ctx, c, k.where != "" && k.err == nil && c.Data != ""), checkRedis(r.Sharing))
	if k.err == nil { // a database that is down is told of once
		_, sum, err := spend(ctx, c)
		all = append(all, checkBudget(sum, c.Money.Budget, err))
	}
	if k.where != "" && k.err == nil {
		all = append(all, checkTraffic(k.figure, k.calls)...)
	}
	ahead := clocks(ctx, r.Models)
	if k.where != "" && k.err == nil && c.Database != "" {
		ahead["the database"] = k.health.Ahead
	}
	return append(all, checkClock(ahead))
}

func (p process) printReport(r report) error {
	fmt.Fprintf(p.out, "docsift %s, %s, %s\npolicy %s, taxonomy %s\n\n", r.Version, r.Go, r.Platform, r.Policy, r.Taxonomy)
	w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "SETTING\t")
	unset := 0
	for _, s := range r.Settings {
		if !s.Set {
			unset++
			continue
		}
		fmt.Fprintf(w, "%s\t%s\n", s.Name, s)
	}
	fmt.Fprintf(w, "%d others\tas by default; --json and docs/reference/configuration.md have them\n", unset)
	fmt.Fprintln(w, "\t\nREADER\t")
	for _, row := range reading(r.Reader) {
		fmt.Fprintf(w, "%s\t%s\n", row[0], row[1])
	}
	fmt.Fprintln(w, "\t\nMODEL\tANSWER")
	for _, m := range r.Models {
		fmt.Fprintf(w, "%s\t%s%s\n", place(m), health(m), ending(m.Shutdown, time.Now()))
	}
	for _, m := range r.Missing {
		fmt.Fprintf(w, "%s\tleft out of stage %s: %s\n", m.Model, m.Stage, m.Reason)
	}
	if r.Breaker != "" {
		fmt.Fprintf(w, "each breaker\t%s\n", r.Breaker)
	}
	if r.Sharing != nil {
		fmt.Fprintf(w, "all breakers\t%s\n", shared(*r.Sharing))
	}
	if len(r.Limits) > 0 {
		fmt.Fprintln(w, "\t\nLIMITS OF\tEACH KEY")
	}
	for _, m := range r.Limits {
		fmt.Fprintf(w, "%s\t%s\n", m.Model, m)
	}
	printFeatures(w, r)
	fmt.Fprintln(w)
	if err := w.Flush(); err != nil {
		return err
	}
	if err := printChecks(p.out, r.Checks); err != nil {
		return err
	}
	for _, a := range r.Advice {
		fmt.Fprintf(w, "\n%s\n", a)
	}
	if noKey(r.Settings) && !slices.ContainsFunc(r.Models, func(m docsift.Probe) bool { return m.Model != "local" }) {
		fmt.Fprintln(w, "\nno key is set: only the local model answers; see .env.example")
	}
	return w.Flush()
}

// String says which limits are known, and who said so.
func (m modelLimits) String() string {
	if len(m.Limits) == 0 {
		return "not known: the provider does not say; the policy may give them"
	}
	said := make([]string, len(m.Limits))
	for i, l := range m.Limits {
		said[i] = fmt.Sprintf("%d %s (%s)", l.Most, l.Name, l.Source)
	}
	return strings.Join(said, ", ")
}

// advice says what of taxonomies costs accuracy.
func advice(taxonomies ...*taxonomy.Taxonomy) []string {
	found := []string{}
	for _, t := range taxonomies {
		if a := local.Advice(t); a != "" {
			found = append(found, "taxonomy "+t.ID+": "+a)
		}
	}
	return found
}

// reading says how documents are read, in rows of two.
func reading(h app.Health) [][2]string {
	rows := [][2]string{{"children", "none: documents are read in docsift's own process, where a broken one can do most harm"}}
	if h.Children > 0 {
		rows = [][2]string{
			{"children", fmt.Sprintf("%d for PDFs and %[1]d for the rest, started when needed", h.Children)},
			{"confined by", strings.Join(h.Confinement.Holds, "; ")},
		}
	}
	if len(h.Confinement.Missing) > 0 {
		rows = append(rows, [2]string{"missing", strings.Join(h.Confinement.Missing, "; ")})
	}
	letters := h.OCR
	if letters == "" {
		letters = "nobody: scans go to models that see; install tesseract-ocr to read them here"
	}
	rows = append(rows, [2]string{"OCR", letters})
	if h.Problem != "" {
		rows = append(rows, [2]string{"problem", h.Problem})
	}
	return rows
}

// place names a model, and its server where the policy says which.
func place(m docsift.Probe) string {
	if m.Server == "" {
		return m.Model
	}
	return m.Model + " at " + printable(m.Server)
}

func health(m docsift.Probe) string {
	switch {
	case m.Error != nil:
		return fmt.Sprintf("%s: %s", m.Error.Code, short(m.Error.Message))
	case m.Key != "":
		return fmt.Sprintf("ok in %.0f ms with %s", m.LatencyMS, m.Key)
	}
	return fmt.Sprintf("ok in %.0f ms", m.LatencyMS)
}

// short fits a provider's own words, which may be anything, into a line of a terminal.
func short(s string) string {
	const most = 200
	words := []rune(printable(strings.Join(strings.Fields(s), " ")))
	if len(words) <= most {
		return string(words)
	}
	return string(words[:most-1]) + "…"
}

// ending warns of a model that is switched off, or will be within 90 days.
func ending(shutdown string, now time.Time) string {
	switch left, soon := price.EndsSoon(shutdown, now); {
	case !soon:
		return ""
	case left < 0:
		return "; WARNING: switched off on " + shutdown
	default:
		return fmt.Sprintf("; WARNING: will be switched off on %s, in %d days: choose another in the policy", shutdown, left)
	}
}
