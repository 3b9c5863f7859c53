package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/app"
	"github.com/docsift/docsift/internal/plan"
	"github.com/docsift/docsift/internal/price"
)

type planFlags struct {
	docs                            int
	limits                          []string
	mix                             []string
	noText, fallback, cached, load  string
	promptTokens, chars, outputToks int
	page, on                        string
	hours                           int
	batch, json                     bool
}

func (p process) planCommand() *cobra.Command {
	var f planFlags
	cmd := &cobra.Command{
		Use:   "plan [flags] --docs-per-day N",
		Short: "Foresee what a day takes: tokens, requests, dollars, and which limit is reached first",
		Long: `Compute what a policy takes for a number of documents a day: tokens, requests and dollars by stage
and model, which limit of a provider is reached first, how many documents each provider and all
together can take, and what is left when one is lost. Nothing is sent anywhere.

Each stage answers a share of the documents that reach it; the rest goes on to the next. Unless
--mix says otherwise the local model answers 75 %, a stage that reads text 85 %, one that looks at
pages 80 %, and one that takes any answer 100 %. These are assumptions: docsift eval measures
them on documents of yours.

Prices, image rules and the limits of tiers are those of the built-in price book. Limits that no
provider publishes are not known, and the plan says so; give yours in a file:

  openai/gpt-6-luna: {rpm: 5000, tpm: 2000000}
  anthropic/claude-haiku-5-5: {rpm: 1000, itpm: 450000, otpm: 90000}

It may also have rpd (requests per day), queue (tokens waiting in batches) and queue_requests. To
have the limits of a tier beside it, give both: --limits 2 --limits mine.yaml.`,
		Example: `  docsift plan --docs-per-day 100000
  docsift plan --docs-per-day 3500000 --policy guide --limits 5
  docsift plan --docs-per-day 100000 --mix local=60%,text=90% --limits 2 --limits mine.yaml --json`,
		Args: argCount(func(n int) bool { return n == 0 }, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error { return p.plan(cmd, f) },
	}
	addPlanFlags(cmd, &f)
	addChoiceFlags(cmd)
	cmd.Flags().MarkHidden("model") // what the local model has learned takes no tokens
	return cmd
}

func addPlanFlags(cmd *cobra.Command, f *planFlags) {
	cmd.Flags().IntVarP(&f.docs, "docs-per-day", "n", 0, "`number` of documents a day")
	cmd.Flags().StringArrayVar(&f.limits, "limits", []string{"1"}, "what providers let through: a `tier` from 1 (a new account) to 5, or a YAML file; may be repeated, the last counts")
	cmd.Flags().StringSliceVar(&f.mix, "mix", nil, "`stage=share` of the documents reaching a stage that it answers, such as local=75%,text=0.9")
	cmd.Flags().StringVar(&f.noText, "no-text", "0", "`share` of documents of which no text can be read")
	cmd.Flags().StringVar(&f.fallback, "fallback", "0", "`share` of requests to a stage's first model that fail and go to the next")
	cmd.Flags().StringVar(&f.cached, "cache-hits", "0", "`share` of prompts, where long enough, that a provider still has in its cache")
	cmd.Flags().StringVar(&f.load, "load", "65%", "`share` of a limit to plan with; the rest is for peaks and for asking again")
	cmd.Flags().IntVar(&f.promptTokens, "prompt-tokens", 0, "`tokens` of the instructions (default: estimated from the taxonomy)")
	cmd.Flags().IntVar(&f.chars, "text-chars", 4000, "`characters` of text a document has, at 4 a token; a stage shows its chars at most")
	cmd.Flags().IntVar(&f.outputToks, "output-tokens", 20, "`tokens` of an answer")
	cmd.Flags().IntVar(&f.hours, "hours", 24, "`hours` of the day in which the documents come in")
	cmd.Flags().StringVar(&f.page, "page", "210x297", "`WxH`, the proportions of a page")
	cmd.Flags().BoolVar(&f.batch, "batch", false, "send everything in batches, which may take a day and cost half")
	cmd.Flags().StringVar(&f.on, "on", "", "`date` whose prices count, such as 2027-01-01 (default: today)")
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON")
	cmd.RegisterFlagCompletionFunc("limits", completeTier)
}

func completeTier(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return []string{"1\ta new account", "2", "3", "4", "5"}, cobra.ShellCompDirectiveDefault // files too
}

func (p process) plan(cmd *cobra.Command, f planFlags) error {
	o, err := f.options()
	if err != nil {
		return err
	}
	limits, named, err := f.readLimits()
	if err != nil {
		return err
	}
	o.Limits = limits
	c, err := p.config(cmd)
	if err != nil {
		return err
	}
	policy, _, err := readPolicy(c.Policy, c.Getenv)
	if err != nil {
		return err
	}
	t, err := readTaxonomy(c.Taxonomy)
	if err != nil {
		return err
	}
	if o.Prompt == 0 {
		o.Prompt = plan.PromptTokens(t)
	}
	result, err := plan.New(policy, o)
	if err != nil {
		return fault.New(fault.KindOf(err), err, "--mix: %s", fault.Message(err))
	}
	for _, model := range named {
		if !asks(policy, model) {
			result.Notes = append(result.Notes, fmt.Sprintf("--limits has %s, which policy %s does not ask", model, policy.Name))
		}
	}
	if f.json {
		return p.printJSON(result)
	}
	return p.printPlan(result)
}

// options reads the flags; what is wrong with one is a usage error that names it.
func (f planFlags) options() (plan.Options, error) {
	o := plan.Options{Docs: f.docs, Prompt: f.promptTokens, Text: f.chars, Output: f.outputToks, Hours: f.hours, Batch: f.batch}
	for _, n := range []struct {
		flag               string
		value, least, most int
	}{
		{"docs-per-day", f.docs, 1, plan.MaxDocs}, {"prompt-tokens", f.promptTokens, 0, plan.MaxPrompt}, {"text-chars", f.chars, 1, plan.MaxText},
		{"output-tokens", f.outputToks, 1, plan.MaxOutput}, {"hours", f.hours, 1, 24},
	} {
		if n.value < n.least || n.value > n.most {
			return o, usageError{fmt.Errorf("--%s=%d: give a number from %d to %d", n.flag, n.value, n.least, n.most)}
		}
	}
	for _, s := range []struct {
		flag, text string
		to         *float64
	}{{"no-text", f.noText, &o.NoText}, {"fallback", f.fallback, &o.Fallback}, {"cache-hits", f.cached, &o.CacheHits}, {"load", f.load, &o.Load}} {
		var err error
		if *s.to, err = parseShare(s.text); err != nil {
			return o, usageError{fmt.Errorf("--%s=%s: %w", s.flag, s.text, err)}
		}
	}
	if o.Load == 0 {
		return o, usageError{fmt.Errorf("--load=%s: give a share above 0", f.load)}
	}
	return f.rest(o)
}

func (f planFlags) rest(o plan.Options) (plan.Options, error) {
	var err error
	if o.Answers, err = parseMix(f.mix); err != nil {
		return o, usageError{err}
	}
	w, h, ok := strings.Cut(f.page, "x")
	o.Page.Width, err = strconv.Atoi(w)
	if err == nil {
		o.Page.Height, err = strconv.Atoi(h)
	}
	if !ok || err != nil || min(o.Page.Width, o.Page.Height) < 1 || max(o.Page.Width, o.Page.Height) > 1e6 {
		return o, usageError{fmt.Errorf("--page=%s: give width x height in any unit, such as 210x297 or 1x1", f.page)}
	}
	if f.on == "" {
		return o, nil
	}
	if o.At, err = time.Parse(time.DateOnly, f.on); err != nil {
		return o, usageError{fmt.Errorf("--on=%s: give a date such as 2027-01-01", f.on)}
	}
	return o, nil
}

// parseShare reads 0.75 or 75%.
func parseShare(s string) (float64, error) {
	number, percent := strings.CutSuffix(s, "%")
	v, err := strconv.ParseFloat(number, 64)
	if percent {
		v /= 100
	}
	if err != nil || !(v >= 0 && v <= 1) { // NaN is neither
		return 0, errors.New("give a share from 0 to 1, or from 0% to 100%")
	}
	return v, nil
}

func parseMix(parts []string) (map[string]float64, error) {
	mix := make(map[string]float64)
	for _, part := range parts {
		stage, share, ok := strings.Cut(part, "=")
		if !ok || stage == "" {
			return nil, fmt.Errorf("--mix=%s: give stage=share, such as local=75%%", part)
		}
		if _, twice := mix[stage]; twice {
			return nil, fmt.Errorf("--mix=%s: stage %s stands in it twice", part, stage)
		}
		v, err := parseShare(share)
		if err != nil {
			return nil, fmt.Errorf("--mix=%s: %w", part, err)
		}
		mix[stage] = v
	}
	return mix, nil
}

// asks reports whether a stage of policy has the model.
func asks(policy cascade.Policy, model string) bool {
	return slices.ContainsFunc(policy.Stages, func(s cascade.Stage) bool {
		return slices.ContainsFunc(slices.Concat(s.Models, s.Backups), func(m cascade.Spec) bool { return m.Model == model })
	})
}

// readLimits reads tiers and files; what a later one says of a model takes the place of an
// earlier one's. It returns the models that files name, too.
func (f planFlags) readLimits() (all map[string]price.Limits, named []string, err error) {
	all = make(map[string]price.Limits)
	for _, name := range f.limits {
		if tier, err := strconv.Atoi(name); err == nil {
			if tier < 1 || tier > 5 {
				return nil, nil, usageError{fmt.Errorf("--limits=%s: give a tier from 1 to 5, or a YAML file", name)}
			}
			maps.Copy(all, price.Builtin().Tier(tier))
			continue
		}
		data, err := app.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) && !app.IsFile(name) {
			return nil, nil, usageError{fmt.Errorf("--limits=%s: give a tier from 1 to 5, or a YAML file", name)}
		}
		if err != nil {
			return nil, nil, err
		}
		limits, err := price.ParseLimits(data)
		if err != nil {
			return nil, nil, fault.New(fault.Config, nil, "%s: %v", name, err)
		}
		named = slices.AppendSeq(named, maps.Keys(limits))
		maps.Copy(all, limits)
	}
	slices.Sort(named)
	return all, slices.Compact(named), nil
}

func (p process) printPlan(r plan.Plan) error {
	w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	within, batch := "", ""
	if r.Hours < 24 {
		within = fmt.Sprintf(" within %d hours", r.Hours)
	}
	if r.Batch {
		batch = " for batches"
	}
	whole := func(n int) string { return plan.Grouped(int64(n)) }
	fmt.Fprintf(w, "%s documents a day%s, policy %s, prices%s of %s (checked %s)\n\n", whole(r.Docs), within, r.Policy, batch, r.Day, r.Checked)
	fmt.Fprintln(w, "STAGE\tMODEL\tDOCUMENTS\tREQUESTS\tINPUT TOKENS\tCACHED\tOUTPUT TOKENS\tDOLLARS A DAY")
	for _, u := range append(r.Uses, r.Total) {
		name := u.Stage
		if name == "" {
			name = "in all"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", name, u.Model, whole(u.Documents), whole(u.Requests), whole(u.Input), whole(u.Cached), whole(u.Output), dollars(u.Cost))
	}
	fmt.Fprintf(w, "\na month of 30 days: %s; left for review: %s documents a day\n", dollars(r.Month), whole(r.Review))
	printLimits(w, r)
	fmt.Fprintln(w, "\nTHE SCALING GUIDE\tPRINTED\tTRUE")
	for _, c := range r.Guide {
		fmt.Fprintf(w, "%s\t%s\t%s\n", c.What, c.Printed, c.True)
	}
	for i, n := range r.Notes {
		if i == 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintln(w, n)
	}
	return w.Flush()
}

func printLimits(w *tabwriter.Writer, r plan.Plan) {
	if r.All == nil {
		fmt.Fprintln(w, "\nno provider is asked")
		return
	}
	fmt.Fprintln(w, "\nLIMIT, THE FIRST TO BIND FIRST\tMODEL\tA DAY\tUSED\tSHARE\tFULL AT DOCUMENTS A DAY")
	for _, l := range r.Limits {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%.1f %%\t%s\n", l.Limit, l.Model, plan.Count(float64(l.Most)), plan.Count(float64(l.Used)), 100*l.Share, plan.Count(float64(l.Docs)))
	}
	if len(r.Limits) == 0 {
		fmt.Fprintln(w, "none is known of the models that are asked first")
	}
	fmt.Fprintf(w, "\nPROVIDERS\tMOST DOCUMENTS A DAY\tAT %.0f %% OF IT\tHEADROOM\tBINDS FIRST\n", 100*r.Load)
	for _, c := range slices.Concat(r.Alone, []plan.Capacity{*r.All}, r.Lost) {
		fmt.Fprintf(w, "%s\t%s\n", c.Who, capacity(c))
	}
}

// capacity writes a row's columns after the first.
func capacity(c plan.Capacity) string {
	gaps := ""
	if len(c.Gaps) > 0 {
		gaps = "; no model for stage " + strings.Join(c.Gaps, ", ")
	}
	switch {
	case len(c.Unknown) > 0:
		return "not known\t\t\tno limit known for stage " + strings.Join(c.Unknown, ", ") + gaps
	case c.Most == nil:
		return "none\t\t\t" + strings.TrimPrefix(gaps, "; ")
	}
	least := ""
	if c.AtLeast {
		least = "at least "
	}
	return fmt.Sprintf("%s%s\t%s\t%+.0f %%\t%s%s", least, plan.Count(float64(*c.Most)), plan.Count(float64(*c.Planned)), 100**c.Headroom, c.Binds, gaps)
}

func dollars(c cascade.Cost) string {
	if !c.Known {
		return "not known"
	}
	return plan.Dollars(price.Amount(c.NanoUSD))
}
