package local

import (
	"cmp"
	"math"
	"slices"

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

// Train learns from examples. The same examples in the same order give the same model. Too few,
// or all of one category, are fault.Invalid.
func Train(examples []Example) (*Trained, error) {
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
	t := &Trained{weights: fit(lessons(examples)), documents: len(texts), groups: len(groups)}
	return t.file().trained()
}

// lesson is an example made ready.
type lesson struct {
	rows   []row
	kinds  []kind
	look   look
	right  []bool // by kind, and last for a text that says nothing
	weight float64
}

// lessons makes examples ready. A group weighs the root of its documents, so that no sender
// decides, and all together weigh 1.
func lessons(examples []Example) []lesson {
	lexicons := make(map[*taxonomy.Taxonomy]*lexicon)
	sizes := make(map[string]float64)
	for _, x := range examples {
		sizes[x.Group] += cmp.Or(x.Weight, 1)
	}
	var out []lesson
	sum := 0.0
	e := new(evidence)
	for _, x := range examples {
		l := lexicons[x.Taxonomy]
		if l == nil {
			l = compile(x.Taxonomy)
			lexicons[x.Taxonomy] = l
		}
		e.gather(l, x.Text)
		e.weigh(l)
		n := lesson{
			rows: slices.Clone(e.rows), kinds: l.kinds, look: lookAt(x.Text, x.Facts), right: make([]bool, len(l.kinds)+1),
			weight: cmp.Or(x.Weight, 1) / math.Sqrt(sizes[x.Group]),
		}
		unknown := slices.Contains(x.Right, taxonomy.Unknown)
		for i, k := range l.kinds {
			n.right[i] = k.where == category && slices.Contains(x.Right, k.name) || k.where != category && unknown
		}
		n.right[len(l.kinds)] = unknown
		sum += n.weight
		out = append(out, n)
	}
	for i := range out {
		out[i].weight /= sum
	}
	return out
}

// The weights as one vector.
const (
	outsideAt = features + iota
	foreignAt
	nullAt
	shapesAt   = nullAt + measures
	dimensions = shapesAt + shapes*measures
)

type vector [dimensions]float64

func (v vector) weights() weights {
	w := weights{Row: row(v[:features]), Outside: v[outsideAt], Foreign: v[foreignAt], Null: look(v[nullAt:shapesAt])}
	for s := range shapes {
		copy(w.Shape[s][:], v[shapesAt+s*measures:])
	}
	return w
}

// fit finds the weights under which the right answers are likeliest, by gradient descent with
// moments (Kingma and Ba, 2015) on the whole of the lessons, from the same start every time.
func fit(lessons []lesson) weights {
	const steps, rate, decay1, decay2, epsilon = 300, 0.05, 0.9, 0.999, 1e-8
	start := supposed()
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
	if i < nullAt {
		return 1e-4
	}
	return 3e-3
}

// supposed is what is known before any document was seen.
func supposed() (v vector) {
	for f := range features {
		v[f] = 1
	}
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

// gradient is that of the mean of -log(probability of the right answers).
func gradient(lessons []lesson, v vector) (g vector) {
	w := v.weights()
	var p []float64
	for _, n := range lessons {
		p = n.scores(w, p)
		softmax(p)
		right := 0.0
		for i, yes := range n.right {
			if yes {
				right += p[i]
			}
		}
		for i := range p {
			d := p[i]
			if n.right[i] {
				d -= p[i] / max(right, 1e-12)
			}
			if d *= n.weight; math.Abs(d) < 1e-12 {
				continue
			}
			n.push(&g, i, d)
		}
	}
	return g
}

func (n lesson) scores(w weights, out []float64) []float64 {
	out = slices.Grow(out[:0], len(n.rows)+1)[:len(n.rows)+1]
	for i := range n.rows {
		z := 0.0
		for f, x := range n.rows[i] {
			z += w.Row[f] * x
		}
		out[i] = z + w.of(n.kinds[i], n.look)
	}
	out[len(n.rows)] = w.Null.dot(n.look)
	return out
}

// push adds what the score of kind i contributes.
func (n lesson) push(g *vector, i int, d float64) {
	if i == len(n.rows) {
		for m, x := range n.look {
			g[nullAt+m] += d * x
		}
		return
	}
	for f, x := range n.rows[i] {
		g[f] += d * x
	}
	switch n.kinds[i].where {
	case outside:
		g[outsideAt] += d
	case foreign:
		g[foreignAt] += d
	}
	if s := n.kinds[i].shape; s >= 0 {
		for m, x := range n.look {
			g[shapesAt+s*measures+m] += d * x
		}
	}
}
