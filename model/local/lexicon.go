package local

import (
	"math"
	"slices"

	"github.com/docsift/docsift/taxonomy"
)

// lexicon is a taxonomy made ready for matching, beside all that its documents could be
// mistaken for.
type lexicon struct {
	kinds   []kind    // the taxonomy's categories, in order, then the others
	weight  []float64 // by kind: of all phrases that speak for it
	phrases []phrase
	trie    *trie
	misread misread
	learned map[string][]learned // by phrase; nil where nothing was learned of it
}

// kind is something that a document can be.
type kind struct {
	name  string
	where origin
	shape int // among the shapes, or behind them for none
}

func newKind(c taxonomy.Category, where origin) kind {
	shape := slices.Index(taxonomy.Shapes(), c.Shape)
	if shape < 0 {
		shape = shapes
	}
	return kind{c.Name, where, shape}
}

type origin uint8

const (
	category origin = iota // of the taxonomy
	foreign                // of another built-in taxonomy: counts as unknown
	outside                // of none: counts as unknown
)

// phrase is a run of words and what it says.
type phrase struct {
	text string
	uses []use
}

// use is what a phrase says of one kind.
type use struct {
	kind   int32
	role   role
	weight float64
}

// role is how a phrase speaks.
type role uint8

const (
	title   role = iota // for the kind, from a heading above all
	cue                 // for it, from anywhere
	against             // against it
)

// compile makes a taxonomy ready.
func compile(t *taxonomy.Taxonomy, book phrasebook) *lexicon {
	l := &lexicon{trie: newTrie()}
	for _, c := range t.Categories {
		l.add(newKind(c, category), described(c))
	}
	own := namesOf(t.Categories)
	for _, c := range taxonomy.Outside() {
		if !held(t.Categories, own, c) {
			l.add(newKind(c, outside), c)
		}
	}
	for _, c := range builtin() {
		if !akin(t.Categories, own, c) {
			l.add(newKind(c, foreign), c)
		}
	}
	l.weigh()
	l.take(t, book)
	return l
}

// described gives a category without phrases the words of its name and description.
func described(c taxonomy.Category) taxonomy.Category {
	if len(c.Titles)+len(c.Cues) > 0 {
		return c
	}
	c.Titles = []string{c.Name}
	for _, w := range words(c.Name + " " + c.Description) {
		if len(w) > 3 {
			c.Cues = append(c.Cues, w)
		}
	}
	return c
}

// add puts the phrases of a kind into the trie. A phrase counts once, in its first role, and
// the more the longer it is.
func (l *lexicon) add(k kind, c taxonomy.Category) {
	id := int32(len(l.kinds))
	l.kinds = append(l.kinds, k)
	for role, phrases := range [][]string{title: c.Titles, cue: c.Cues, against: c.Against} {
		for _, text := range phrases {
			p, n := l.phrase(text)
			if n > 0 && !slices.ContainsFunc(p.uses, func(u use) bool { return u.kind == id }) {
				p.uses = append(p.uses, use{id, roleOf(role), float64(n)})
			}
		}
	}
}

func roleOf(i int) role { return []role{title, cue, against}[i] }

// phrase returns a phrase, new or not, and its length in words.
func (l *lexicon) phrase(text string) (p *phrase, length int) {
	id, n := l.trie.insert(text)
	if n == 0 {
		return nil, 0
	}
	if int(id) == len(l.phrases) {
		l.phrases = append(l.phrases, phrase{text: text})
	}
	return &l.phrases[id], n
}

// weigh makes phrases count more the fewer kinds they speak for.
func (l *lexicon) weigh() {
	l.weight = make([]float64, len(l.kinds))
	for _, p := range l.phrases {
		n := 1
		for _, u := range p.uses {
			if u.role != against {
				n++
			}
		}
		rarity := math.Log(1 + float64(len(l.kinds))/float64(n))
		for i := range p.uses {
			u := &p.uses[i]
			if u.weight *= rarity; u.role != against {
				l.weight[u.kind] += u.weight
			}
		}
	}
}

// builtin returns every category of the built-in industries.
func builtin() []taxonomy.Category {
	all, err := taxonomy.Find(taxonomy.All)
	if err != nil {
		panic(err) // it is part of the program
	}
	return all.Categories
}

// held reports whether a kind is one of the categories, under this name or another.
func held(cs []taxonomy.Category, names [][]string, k taxonomy.Category) bool {
	name := words(k.Name)
	for i, c := range cs {
		if slices.Equal(names[i], name) || len(c.Titles) > 0 && slices.Equal(c.Titles, k.Titles) {
			return true
		}
	}
	return false
}

// akin reports whether a kind may be a part of one of the categories, such as bank_statement
// of statement, or the other way round: they share a title or a word of their names.
func akin(cs []taxonomy.Category, names [][]string, k taxonomy.Category) bool {
	in := func(list []string) func(string) bool {
		return func(s string) bool { return s != "document" && slices.Contains(list, s) }
	}
	name := words(k.Name)
	for i, c := range cs {
		if slices.ContainsFunc(names[i], in(name)) || slices.ContainsFunc(c.Titles, in(k.Titles)) {
			return true
		}
	}
	return false
}

// namesOf returns the words of each category's name.
func namesOf(cs []taxonomy.Category) [][]string {
	names := make([][]string, len(cs))
	for i, c := range cs {
		names[i] = words(c.Name)
	}
	return names
}
