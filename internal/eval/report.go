package eval

import (
	"cmp"
	"maps"
	"slices"
)

// Report is everything that is known of a set of answers.
type Report struct {
	Policy    string   `json:"policy"`
	Taxonomy  string   `json:"taxonomy"`
	Documents int      `json:"documents"`
	Advice    []string `json:"advice"` // what costs accuracy
	Groups    int      `json:"groups"`

	Strict  Rate    `json:"strict"`  // the label itself
	Lenient Rate    `json:"lenient"` // or one that is right as well
	MacroF1 float64 `json:"macro_f1"`

	Accepted      Rate `json:"accepted"`       // answered without a person
	AcceptedRight Rate `json:"accepted_right"` // among those

	// StrangersAccepted is how many documents that are of no category were accepted as of one.
	StrangersAccepted Rate `json:"strangers_accepted"`

	ECE   float64  `json:"ece"`
	AUROC *float64 `json:"auroc"` // null without a wrong answer
	Bins  []Bin    `json:"bins"`

	// At90, At95 and At97 are the largest shares that can be answered at those accuracies.
	At90 Point `json:"at_90"`
	At95 Point `json:"at_95"`
	At97 Point `json:"at_97"`

	Cost Cost `json:"cost"`

	ByCategory []Slice `json:"by_category"`
	ByTaxonomy []Slice `json:"by_taxonomy"`
	ByFormat   []Slice `json:"by_format"`
	BySource   []Slice `json:"by_source"`

	Confusion []Confusion `json:"confusion"` // wrong answers, the most frequent first
	Coverage  []Point     `json:"coverage"`
	Wrong     []Wrong     `json:"wrong"`
}

// Slice is a part of the documents.
type Slice struct {
	Name          string `json:"name"`
	Strict        Rate   `json:"strict"`
	Lenient       Rate   `json:"lenient"`
	Accepted      Rate   `json:"accepted"`
	AcceptedRight Rate   `json:"accepted_right"`
}

// Cost is what the answers took.
type Cost struct {
	USD       float64 `json:"usd"`
	MedianMS  float64 `json:"median_ms"`  // in all
	AnswerMS  float64 `json:"answer_ms"`  // after reading, in the mean
	SlowestMS float64 `json:"slowest_ms"` // in all
}

// Confusion is how often a label was answered by another category.
type Confusion struct {
	Label  string `json:"label"`
	Answer string `json:"answer"`
	Count  int    `json:"count"`
}

// Wrong is one wrong answer.
type Wrong struct {
	File       string   `json:"file"`
	Label      string   `json:"label"`
	Answer     string   `json:"answer"`
	Confidence *float64 `json:"confidence"`
	Accepted   bool     `json:"accepted"`
	Reason     string   `json:"reason"`
}

// NewReport measures cases.
func NewReport(cases []Case) Report {
	r := Report{Documents: len(cases), Groups: len(by(cases, func(c Case) string { return c.Group }))}
	all := slice("", cases)
	r.Strict, r.Lenient, r.Accepted, r.AcceptedRight = all.Strict, all.Lenient, all.Accepted, all.AcceptedRight
	r.MacroF1 = macroF1(cases)
	r.StrangersAccepted = rate(where(cases, func(c Case) bool { return c.Category == Unknown && len(c.Alternatives) == 0 }), accepted)
	r.Bins = bins(cases)
	r.ECE, r.AUROC = calibrationError(r.Bins), auroc(cases)
	r.Coverage = coverage(cases)
	r.At90, r.At95, r.At97 = answeredAt(r.Coverage, .90), answeredAt(r.Coverage, .95), answeredAt(r.Coverage, .97)
	r.Cost = costOf(cases)
	r.ByCategory = slicesBy(cases, func(c Case) string { return c.Category })
	r.ByTaxonomy = slicesBy(cases, func(c Case) string { return c.Taxonomy })
	r.ByFormat = slicesBy(cases, func(c Case) string { return c.Format })
	r.BySource = slicesBy(cases, func(c Case) string { return c.Source })
	r.Confusion, r.Wrong = confusion(cases), wrong(cases)
	return r
}

func accepted(c Case) bool { return c.Accepted && c.Answer != Unknown }

func slice(name string, cases []Case) Slice {
	return Slice{
		Name: name, Strict: rate(cases, Case.Strict), Lenient: rate(cases, Case.Right),
		Accepted: rate(cases, accepted), AcceptedRight: rate(where(cases, accepted), Case.Right),
	}
}

// slicesBy returns a slice for each value of key, the largest first.
func slicesBy(cases []Case, key func(Case) string) []Slice {
	var out []Slice
	for name, part := range by(cases, key) {
		out = append(out, slice(name, part))
	}
	slices.SortFunc(out, func(a, b Slice) int {
		return cmp.Or(cmp.Compare(b.Lenient.Of, a.Lenient.Of), cmp.Compare(a.Name, b.Name))
	})
	return out
}

func where(cases []Case, is func(Case) bool) []Case {
	return slices.DeleteFunc(slices.Clone(cases), func(c Case) bool { return !is(c) })
}

func by(cases []Case, key func(Case) string) map[string][]Case {
	parts := make(map[string][]Case)
	for _, c := range cases {
		parts[key(c)] = append(parts[key(c)], c)
	}
	return parts
}

// macroF1 is the mean over the labels that occur of the harmonic mean of precision and recall.
// An answer that is right as well counts for the label.
func macroF1(cases []Case) float64 {
	hits, answered, labelled := map[string]int{}, map[string]int{}, map[string]int{}
	for _, c := range cases {
		answer := c.Answer
		if c.Right() {
			answer = c.Category
			hits[answer]++
		}
		labelled[c.Category]++
		answered[answer]++
	}
	sum := 0.0
	for label, n := range labelled {
		sum += 2 * float64(hits[label]) / float64(n+answered[label])
	}
	if len(labelled) == 0 {
		return 0
	}
	return sum / float64(len(labelled))
}

func costOf(cases []Case) Cost {
	var c Cost
	var totals []float64
	nano := int64(0)
	for _, one := range cases {
		nano += one.NanoUSD
		c.AnswerMS += one.Answering / float64(len(cases))
		totals = append(totals, one.Total)
	}
	c.USD = float64(nano) / 1e9
	if slices.Sort(totals); len(totals) > 0 {
		c.MedianMS, c.SlowestMS = totals[len(totals)/2], totals[len(totals)-1]
	}
	return c
}

func confusion(cases []Case) []Confusion {
	counts := make(map[Confusion]int)
	for _, c := range cases {
		if !c.Right() {
			counts[Confusion{Label: c.Category, Answer: c.Answer}]++
		}
	}
	var out []Confusion
	for k := range maps.Keys(counts) {
		k.Count = counts[Confusion{Label: k.Label, Answer: k.Answer}]
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b Confusion) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Label, b.Label), cmp.Compare(a.Answer, b.Answer))
	})
	return out
}

// wrong returns the wrong answers, those that were accepted first, then the surest.
func wrong(cases []Case) []Wrong {
	bad := where(cases, func(c Case) bool { return !c.Right() })
	slices.SortStableFunc(bad, func(a, b Case) int {
		if accepted(a) != accepted(b) {
			if accepted(a) {
				return -1
			}
			return 1
		}
		return cmp.Compare(b.confidence(), a.confidence())
	})
	var out []Wrong
	for _, c := range bad {
		out = append(out, Wrong{c.File, c.Category, c.Answer, c.Confidence, accepted(c), cmp.Or(c.Failed, c.Reason)})
	}
	return out
}
