package local

import (
	"cmp"
	"hash/fnv"
	"math"
	"slices"
	"sync"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/taxonomy"
)

// Example is one document to learn from.
type Example struct {
	Taxonomy *taxonomy.Taxonomy
	Text     string
	Facts    model.Facts
	Right    []string // categories that are right, or taxonomy.Unknown
	Group    string   // of documents of one origin
	Weight   float64  // default 1
}

// minExamples is how few documents and groups say too little to learn from.
const minExamples, minGroups = 20, 5

// TrainOptions says how to learn.
type TrainOptions struct {
	// From is what was known before; few documents move little of it. Default: what was supposed
	// before any document was seen.
	From *Trained

	// Phrases are learned as well, for categories of which little is written down. A model with
	// phrases is for the taxonomies of its examples alone.
	Phrases bool
}

// Train learns from examples. The same examples in the same order give the same model. Too few,
// or all of one category, are fault.Invalid.
func Train(examples []Example, o TrainOptions) (*Trained, error) {
	texts, groups, right := make(map[string]bool), make(map[string]bool), make(map[string]bool)
	for _, x := range examples {
		texts[x.Text], groups[x.Group] = true, true
		for _, r := range x.Right {
			right[r] = true
		}
	}
	switch {
	case len(texts) < minExamples || len(groups) < minGroups:
		return nil, fault.New(fault.Invalid, nil, "%d documents of %d groups are too few to learn from: give at least %d of %d", len(texts), len(groups), minExamples, minGroups)
	case len(right) < 2:
		return nil, fault.New(fault.Invalid, nil, "all documents have one label: there is nothing to tell apart")
	}
	start, given := supposed(), calibration{Sharpness: 1, Doubt: 0.01, Accept: 0.9}
	if o.From != nil {
		start, given = o.From.weights.vector(), o.From.weights.calibration
	}
	shares := sharesOf(examples)
	learned := lessons(examples, shares, o.Phrases)
	t := &Trained{weights: fit(learned, start), documents: len(texts), groups: len(groups)}
	t.weights.calibration = calibrated(learned, start, given)
	if o.Phrases {
		t.book = learnPhrases(examples, shares)
	}
	return t.file().trained()
}

// sharesOf returns how much each example weighs. A group weighs the root of its documents, so that
// no sender decides, and all together weigh 1.
func sharesOf(examples []Example) []float64 {
	sizes := make(map[string]float64)
	for _, x := range examples {
		sizes[x.Group] += cmp.Or(x.Weight, 1)
	}
	out, sum := make([]float64, len(examples)), 0.0
	for i, x := range examples {
		out[i] = cmp.Or(x.Weight, 1) / math.Sqrt(sizes[x.Group])
		sum += out[i]
	}
	for i := range out {
		out[i] /= sum
	}
	return out
}

// parts is into how many parts groups are divided to learn phrases: an example is shown those that
// were learned from the others, or what they are worth would be believed too much.
const parts = 5

func partOf(group string) int {
	h := fnv.New32a()
	h.Write([]byte(group))
	return int(h.Sum32() / 16 % parts)
}

// lesson is an example made ready.
type lesson struct {
	rows  []row
	kinds []kind
	look  look
	right []bool // by kind, and last for a text that says nothing
	group string

	weight   float64 // of all lessons
	document float64 // likewise, as if no group were large
}

// lessons makes examples ready.
func lessons(examples []Example, shares []float64, phrases bool) []lesson {
	out := make([]lesson, len(examples))
	if !phrases {
		fill := prepare(examples, shares, out, nil)
		for i := range examples {
			fill(i)
		}
		return out
	}
	for part := range parts {
		var rest []Example
		var weights []float64
		for i, x := range examples {
			if partOf(x.Group) != part {
				rest, weights = append(rest, x), append(weights, shares[i])
			}
		}
		fill := prepare(examples, shares, out, learnPhrases(rest, weights))
		for i, x := range examples {
			if partOf(x.Group) == part {
				fill(i)
			}
		}
	}
	return out
}

// prepare returns what makes one example ready.
func prepare(examples []Example, shares []float64, out []lesson, book phrasebook) func(i int) {
	lexicons := make(map[*taxonomy.Taxonomy]*lexicon)
	e := new(evidence)
	return func(i int) {
		x := examples[i]
		l := lexicons[x.Taxonomy]
		if l == nil {
			l = compile(x.Taxonomy, book)
			lexicons[x.Taxonomy] = l
		}
		e.gather(l, x.Text, x.Facts.OCR)
		e.weigh(l)
		e.recall(l, x.Text)
		n := lesson{
			rows: slices.Clone(e.rows), kinds: l.kinds, look: lookAt(x.Text, x.Facts), right: make([]bool, len(l.kinds)+1),
			group: x.Group, weight: shares[i], document: cmp.Or(x.Weight, 1),
		}
		unknown := slices.Contains(x.Right, taxonomy.Unknown)
		for k, of := range l.kinds {
			n.right[k] = of.answer >= 0 && slices.Contains(x.Right, l.kinds[of.answer].name) || of.answer < 0 && unknown
		}
		n.right[len(l.kinds)] = unknown
		out[i] = n
	}
}

// The weights as one vector.
const (
	scannedAt = features
	briefAt   = 2 * features
	outsideAt = 3*features + iota - 2
	foreignAt
	nullAt
	shapesAt   = nullAt + measures
	dimensions = shapesAt + shapes*measures
)

type vector [dimensions]float64

func (w weights) vector() (v vector) {
	copy(v[:], w.Row[:])
	copy(v[scannedAt:], w.Scanned[:])
	copy(v[briefAt:], w.Brief[:])
	v[outsideAt], v[foreignAt] = w.Outside, w.Foreign
	copy(v[nullAt:], w.Null[:])
	for s := range shapes {
		copy(v[shapesAt+s*measures:], w.Shape[s][:])
	}
	return v
}

func (v vector) weights() weights {
	w := weights{Row: row(v[:features]), Scanned: row(v[scannedAt:briefAt]), Brief: row(v[briefAt:outsideAt]), Outside: v[outsideAt], Foreign: v[foreignAt], Null: look(v[nullAt:shapesAt])}
	for s := range shapes {
		copy(w.Shape[s][:], v[shapesAt+s*measures:])
	}
	return w
}

// fit finds the weights under which the right answers are likeliest, by gradient descent with
// moments (Kingma and Ba, 2015) on the whole of the lessons, from the same start every time.
func fit(lessons []lesson, start vector) weights {
	const steps, rate, decay1, decay2, epsilon = 300, 0.05, 0.9, 0.999, 1e-8
	v := start
	var m, s vector
	for t := 1; t <= steps; t++ {
		g := gradient(lessons, v)
		for i := range g {
			g[i] += stiffness(i) * (v[i] - start[i])
			m[i] = decay1*m[i] + (1-decay1)*g[i]
			s[i] = decay2*s[i] + (1-decay2)*g[i]*g[i]
			v[i] -= rate * m[i] / (1 - math.Pow(decay1, float64(t))) / (math.Sqrt(s[i]/(1-math.Pow(decay2, float64(t)))) + epsilon)
		}
	}
	return v.weights()
}

// stiffness is how much a weight is held to what was supposed of it.
func stiffness(i int) float64 {
	if i < scannedAt || i == outsideAt || i == foreignAt {
		return 1e-4
	}
	return 1e-3
}

// supposed is what is known before any document was seen.
func supposed() (v vector) {
	for f := range features {
		v[f] = 1
	}
	v[vocabulary], v[inName] = 0.5, 0.7
	v[counter], v[outsideAt], v[foreignAt], v[nullAt+always] = -0.5, -1, -1, 2
	for shape, looks := range map[taxonomy.Shape]map[int]float64{
		taxonomy.Slip:    {pictured: 0.5, money: 0.3, pages: -0.5, length: -0.5},
		taxonomy.Card:    {pictured: 0.5, money: -1, pages: -0.5, length: -1},
		taxonomy.Ledger:  {moneyRate: 0.5, dates: 0.5, sheet: 0.5},
		taxonomy.Bill:    {money: 0.5, pages: -0.3},
		taxonomy.Form:    {blanks: 0.5, labels: 0.5},
		taxonomy.Prose:   {width: 0.5, length: 0.5, pages: 0.3, moneyRate: -0.5, pictured: -0.2},
		taxonomy.Letter:  {salutation: 1, closing: 0.5, mailed: 2, pages: -0.5},
		taxonomy.Outline: {brevity: 0.3},
	} {
		at := shapesAt + slices.Index(taxonomy.Shapes(), shape)*measures
		for m, x := range looks {
			v[at+m] = x
		}
	}
	return v
}

// gradient is that of the mean of -log(probability of the right answers). The lessons are divided
// into the same shares however many processors there are, so that sums are the same bit for bit.
func gradient(lessons []lesson, v vector) (g vector) {
	const shares = 16
	w := v.weights()
	var parts [shares]vector
	var all sync.WaitGroup
	for i := range shares {
		all.Go(func() {
			parts[i] = slope(lessons[i*len(lessons)/shares:(i+1)*len(lessons)/shares], &w)
		})
	}
	all.Wait()
	for _, part := range parts {
		for i, x := range part {
			g[i] += x
		}
	}
	return g
}

// chance returns the probability of the right answers.
func (n lesson) chance(p []float64) (sum float64) {
	for i, yes := range n.right {
		if yes {
			sum += p[i]
		}
	}
	return sum
}

// slope is what some of the lessons add to the gradient.
func slope(lessons []lesson, w *weights) (g vector) {
	var p []float64
	for _, n := range lessons {
		p = w.scores(n.rows, n.kinds, n.look, p)
		softmax(p)
		right := n.chance(p)
		for i := range p {
			if n.right[i] {
				p[i] -= p[i] / max(right, 1e-12)
			}
			p[i] *= n.weight
		}
		n.push(&g, p)
	}
	return g
}

// push adds what an error in each score contributes.
func (n lesson) push(g *vector, errs []float64) {
	var b base
	var r row
	for i := range n.rows {
		d := errs[i]
		for f, x := range n.rows[i] {
			r[f] += d * x
		}
		b.origin[n.kinds[i].where] += d
		b.shape[n.kinds[i].shape] += d
	}
	for f, d := range r {
		g[f] += d
		g[scannedAt+f] += d * n.look[pictured]
		g[briefAt+f] += d * n.look.brief()
	}
	g[outsideAt] += b.origin[outside]
	g[foreignAt] += b.origin[foreign]
	for m, x := range n.look {
		g[nullAt+m] += errs[len(n.rows)] * x
		for s := range shapes {
			g[shapesAt+s*measures+m] += b.shape[s] * x
		}
	}
}
