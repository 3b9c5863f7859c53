package cascade

import (
	"cmp"
	"slices"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/taxonomy"
)

// Outcome is what a document is, how sure that is, how it came about and what it cost.
// Every field but Scores is always present in JSON.
type Outcome struct {
	Classification string   `json:"classification"` // a category of the taxonomy, or "unknown"
	Confidence     *float64 `json:"confidence"`     // in [0,1]; null when no model gave one

	// ConfidenceKind says where Confidence comes from: stated by a model, computed over the
	// categories, or from the probabilities of the label's tokens.
	ConfidenceKind model.ScoreKind `json:"confidence_kind"`
	Alternatives   []Alternative   `json:"alternatives"`

	// Scores is what the model that answered gives to each category and to "unknown", in the library
	// only: there may be hundreds. It is nil when no model answered.
	Scores map[string]float64 `json:"-"`

	// Evidence is what in the text decided, of a model that can tell.
	Evidence []model.Evidence `json:"evidence"`

	ProviderUsed string `json:"provider_used"` // "" when no model answered
	Model        string `json:"model"`

	Upgraded               bool     `json:"upgraded"` // a later stage answered what an earlier one doubted
	UpgradeReason          string   `json:"upgrade_reason"`
	OriginalClassification *string  `json:"original_classification"`
	OriginalConfidence     *float64 `json:"original_confidence"`
	UpgradeFailed          bool     `json:"upgrade_failed"` // the doubted answer stands, for want of a better one
	IsBackup               bool     `json:"is_backup"`      // another than the first choice answered
	Degraded               bool     `json:"degraded"`       // models that should have answered could not

	Review   Review      `json:"review"`
	Usage    model.Usage `json:"usage"` // of all attempts together
	Cost     Cost        `json:"cost"`  // of all attempts together
	Attempts []Attempt   `json:"attempts"`
}

// Alternative is what the document may be instead.
type Alternative struct {
	Classification string   `json:"classification"`
	Confidence     *float64 `json:"confidence"`
	Model          string   `json:"model"` // who thinks so
}

// Review says whether a person should look at the document.
type Review struct {
	Needed bool         `json:"needed"`
	Reason ReviewReason `json:"reason"` // "" when not needed

	// Risk is by how much to look at this document before others: how likely the answer is wrong,
	// times the highest cost of the categories that it and its alternatives name. 0 when not needed.
	Risk float64 `json:"risk"`
}

// weigh returns the review with its risk. What hides text may have chosen its answer's confidence.
func (v Review) weigh(t *taxonomy.Taxonomy, o *Outcome) Review {
	if !v.Needed {
		return v
	}
	names := []string{o.Classification}
	for _, a := range o.Alternatives {
		names = append(names, a.Classification)
	}
	v.Risk = t.Cost(names...)
	if o.Confidence != nil && v.Reason != HiddenText {
		v.Risk *= 1 - *o.Confidence
	}
	return v
}

// ReviewReason says why a person should look.
type ReviewReason string

// The reasons.
const (
	LowConfidence ReviewReason = "low_confidence"
	UnknownKind   ReviewReason = "unknown"         // none of the categories fits
	NothingToRead ReviewReason = "nothing_to_read" // no model could make anything of it
	Declined      ReviewReason = "refused"         // models declined to judge it
	Disagreement  ReviewReason = "disagreement"    // its text and its page say different things
	HiddenText    ReviewReason = "hidden_text"     // it says what a reader of its pages does not see
	Degraded      ReviewReason = "degraded"        // models that should have answered could not
	Unreadable    ReviewReason = "unreadable"      // the document could not be read
)

// Attempt is one question to one model, or a stage that was passed over.
type Attempt struct {
	Stage        string           `json:"stage"`
	Model        string           `json:"model"`
	Key          string           `json:"key"` // the name of the setting that holds it; "" when it needs none
	ProviderUsed string           `json:"provider_used"`
	Role         Role             `json:"role"`
	View         View             `json:"view"`
	Category     string           `json:"category"`
	Confidence   *float64         `json:"confidence"`
	Score        model.ScoreKind  `json:"confidence_kind"`
	Outcome      AttemptOutcome   `json:"outcome"`
	Error        *Problem         `json:"error"`
	LatencyMS    float64          `json:"latency_ms"`
	Usage        model.Usage      `json:"usage"`
	Cost         Cost             `json:"cost"`
	Prompt       string           `json:"prompt"`       // the version of a hosted model's instructions
	Served       string           `json:"served_model"` // as the provider reports it
	RequestID    string           `json:"request_id"`   // the provider's
	Reason       string           `json:"reason"`
	Evidence     []model.Evidence `json:"evidence"`
	Notes        []string         `json:"notes"`

	// Explained is there only where it is asked for.
	Explained *Explained `json:"explained,omitempty"`
}

// Explained is how an attempt came to what it came to.
type Explained struct {
	*model.Exchange // nil when nothing was sent

	Probabilities map[string]float64 `json:"probabilities"` // of each category and "unknown"; null where there are none
	Needed        float64            `json:"needed"`        // the confidence that is accepted; 0 where none is asked for
	Decision      string             `json:"decision"`      // what was made of the answer, and why
}

// Role is a model's place in its stage.
type Role string

// The roles.
const (
	Primary    Role = "primary"     // the stage's first choice
	Fallback   Role = "fallback"    // its equal, asked when the first choice failed
	Backup     Role = "backup"      // asked when all equals failed
	LastResort Role = "last_resort" // asked when everything failed
)

// AttemptOutcome is what became of an attempt.
type AttemptOutcome string

// The outcomes.
const (
	Accepted     AttemptOutcome = "accepted"
	Unsure       AttemptOutcome = "unsure"    // below the threshold
	UnknownLabel AttemptOutcome = "unknown"   // none of the categories
	Abstained    AttemptOutcome = "abstained" // the model had nothing to say
	Failed       AttemptOutcome = "failed"
	Unused       AttemptOutcome = "unused"  // another that was asked beside it was quicker
	Skipped      AttemptOutcome = "skipped" // the stage could not see the document
)

// Problem is an error as the caller may see it.
type Problem struct {
	Code    fault.Kind `json:"code"`
	Message string     `json:"message"`
}

// Cost is a sum of money.
type Cost = model.Cost

// outcome tells the story of the run.
func (r *run) outcome() Outcome {
	out := r.told()
	out.Review = r.suspect(out.Review).weigh(r.in.Taxonomy, &out)
	return out
}

func (r *run) told() Outcome {
	out := Outcome{Classification: taxonomy.Unknown, ConfidenceKind: model.ScoreNone, Attempts: r.attempts}
	out.Usage, out.Cost = total(r.attempts)
	chosen := r.final
	if chosen == nil {
		chosen = r.best
	}
	if chosen == nil {
		out.Alternatives = []Alternative{}
		out.Review = Review{Needed: true, Reason: NothingToRead}
		switch {
		case r.refused():
			out.Review.Reason = Declined
		case r.failed:
			out.Degraded, out.Review.Reason = true, Degraded
		}
		return out
	}
	out.Classification, out.Confidence, out.ConfidenceKind = chosen.Label, confidence(chosen.Response), chosen.Score
	out.Scores = chosen.Scores
	out.ProviderUsed, out.Model = chosen.providerUsed(), chosen.spec.ShortName()
	out.IsBackup = chosen.role != Primary
	declined := r.final == nil && r.refused()
	out.Degraded = r.final == nil && r.failed && !declined
	out.Alternatives, out.Evidence = r.alternatives(chosen), chosen.Evidence
	switch out.Review = review(chosen, out.Degraded); {
	case declined:
		out.Review = Review{Needed: true, Reason: Declined}
	case !out.Review.Needed && r.textSaysOtherwise(chosen):
		out.Review = Review{Needed: true, Reason: Disagreement}
	}
	r.tellUpgrade(&out, chosen)
	return out
}

// tellUpgrade fills in the guide's account of an upgrade.
func (r *run) tellUpgrade(out *Outcome, chosen *answer) {
	if len(r.doubted) == 0 {
		return
	}
	switch first := r.doubted[0]; {
	case chosen.after != "":
		out.Upgraded, out.UpgradeReason = true, "unknown after "+chosen.after
	case out.Degraded:
		out.UpgradeFailed = true
	case chosen.stage > first.stage && chosen.role != Backup:
		out.Upgraded, out.UpgradeReason = true, first.doubt
		out.OriginalClassification, out.OriginalConfidence = &first.Label, confidence(first.Response)
	}
}

func review(a *answer, degraded bool) Review {
	switch {
	case degraded:
		return Review{Needed: true, Reason: Degraded}
	case a.Label == taxonomy.Unknown:
		return Review{Needed: true, Reason: UnknownKind}
	case a.Score == model.ScoreNone || a.Confidence < a.need:
		return Review{Needed: true, Reason: LowConfidence}
	}
	return Review{}
}

// textSaysOtherwise reports whether a model that saw the text alone was sure of another category
// than the one that looked at the page.
func (r *run) textSaysOtherwise(chosen *answer) bool {
	return chosen.view.Side() > 0 && slices.ContainsFunc(r.doubted, func(a *answer) bool {
		return a.view == TextView && a.Label != taxonomy.Unknown && a.Label != chosen.Label && a.Confidence >= a.need
	})
}

// suspect sends a document that hides text to a person, whatever else is to be said of it: its
// answer may not be its own.
func (r *run) suspect(found Review) Review {
	if r.in.Content.Conceals() {
		return Review{Needed: true, Reason: HiddenText}
	}
	return found
}

// alternatives returns at most three other categories: by the probabilities of the model that
// answered, or, where it only stated its pick, by what the other models picked.
func (r *run) alternatives(chosen *answer) []Alternative {
	alts := []Alternative{}
	if chosen.Score == model.ScoreProbability || chosen.Score == model.ScoreLogprob {
		for label, p := range chosen.Scores {
			if label != chosen.Label && p >= 0.01 {
				alts = append(alts, Alternative{label, &p, chosen.spec.ShortName()})
			}
		}
		slices.SortFunc(alts, func(a, b Alternative) int {
			return cmp.Or(cmp.Compare(*b.Confidence, *a.Confidence), cmp.Compare(a.Classification, b.Classification))
		})
		return alts[:min(3, len(alts))]
	}
	for _, a := range slices.Backward(r.attempts) {
		known := a.Category == "" || a.Category == taxonomy.Unknown || a.Category == chosen.Label ||
			slices.ContainsFunc(alts, func(have Alternative) bool { return have.Classification == a.Category })
		if !known && len(alts) < 3 {
			alts = append(alts, Alternative{a.Category, a.Confidence, Spec{Model: a.Model}.ShortName()})
		}
	}
	return alts
}

// total adds up all attempts, winner or not. Usage is known when it is for every attempt that was billed.
func total(attempts []Attempt) (model.Usage, Cost) {
	usage, cost := model.Usage{Known: true}, Cost{Known: true}
	for _, a := range attempts {
		usage.Input += a.Usage.Input
		usage.Cached += a.Usage.Cached
		usage.CacheWrite += a.Usage.CacheWrite
		usage.Output += a.Usage.Output
		usage.Reasoning += a.Usage.Reasoning
		usage.Known = usage.Known && (a.Usage.Known || a.Cost.Known)
		cost = cost.Plus(a.Cost)
	}
	return usage, cost
}

// cost is what an attempt cost. A model that is not metered has a known cost only where nothing was sent.
func cost(resp model.Response, err error) Cost {
	if resp.Cost != nil {
		return *resp.Cost
	}
	return Cost{Known: err != nil && !fault.MaybeBilled(err)}
}

func (s seat) providerUsed() string {
	return cmp.Or(s.spec.ProviderUsed, s.spec.Provider())
}

// title is how reasons name the model.
func (s Spec) title() string { return cmp.Or(s.Title, s.ShortName()) }

// confidence returns the response's confidence, or nil when it says nothing.
func confidence(resp model.Response) *float64 {
	if resp.Label == "" || resp.Score == model.ScoreNone || resp.Score == "" {
		return nil
	}
	return &resp.Confidence
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
