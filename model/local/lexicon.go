package local

import (
	"math"
	"slices"
	"sync"

	"github.com/docsift/docsift/taxonomy"
)

// lexicon is a taxonomy made ready for matching, beside all that its documents could be
// mistaken for.
type lexicon struct {
	kinds  []kind    // the taxonomy's categories, in order, then the others
	weight []float64 // by kind: of all titles and cues
	scale  []float64 // by kind: how much more what it says counts for how little could be said of it
	stock  *stock    // that all phrases are in
	uses   []use     // of the phrases, one after the other
	first  []int32   // by phrase: where its uses begin, and last where the last one's end

	learned map[string][]learned // by phrase; nil where nothing was learned of it
}

// kind is something that a document can be.
type kind struct {
	name   string
	where  origin
	shape  int // among the shapes, or behind them for none
	answer int // the category that it counts as, or -1 for none of them
}

func newKind(c taxonomy.Category, where origin, answer int) kind {
	shape := slices.Index(taxonomy.Shapes(), c.Shape)
	if shape < 0 {
		shape = shapes
	}
	return kind{c.Name, where, shape, answer}
}

type origin uint8

const (
	category origin = iota // of the taxonomy, or a narrower one that counts as one of these
	foreign                // of another built-in taxonomy: counts as unknown
	outside                // of none: counts as unknown
)

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
	word                // for it, though little
	against             // against it
)

// stock holds phrases, whatever they say.
type stock struct {
	trie    *trie
	texts   []string             // by phrase
	round   int32                // how many categories were entered
	entered []int32              // by phrase: the round that it came up in last
	entries map[phrasing][]entry // of the built-in categories
}

// phrasing tells the phrases of categories apart. A category that takes those of a built-in one
// has the same list of cues, and may have more words.
type phrasing struct {
	cues           *string // the first one
	words, against int     // how many
}

func phrasingOf(c taxonomy.Category) phrasing {
	if len(c.Cues) == 0 {
		return phrasing{}
	}
	return phrasing{&c.Cues[0], len(c.Words), len(c.Against)}
}

// entry is a phrase of a category.
type entry struct {
	phrase int32
	role   role
	length int32 // in words
}

// builtinStock holds the phrases of everything that is built in.
var builtinStock = sync.OnceValue(newBuiltinStock)

func newBuiltinStock() *stock {
	s := &stock{trie: newTrie(), entries: make(map[phrasing][]entry)}
	for _, c := range slices.Concat(builtin(), broad(), taxonomy.Outside()) {
		if key := phrasingOf(c); key.cues != nil && s.entries[key] == nil {
			s.entries[key] = s.enter(c)
		}
	}
	return s
}

// clone returns a stock that more can be put into.
func (s *stock) clone() *stock {
	return &stock{trie: s.trie.clone(), texts: slices.Clone(s.texts), round: s.round, entered: slices.Clone(s.entered), entries: s.entries}
}

// enter puts the phrases of a category into the stock. A phrase counts once, in its first role.
func (s *stock) enter(c taxonomy.Category) []entry {
	out := make([]entry, 0, len(c.Titles)+len(c.Cues)+len(c.Words)+len(c.Against))
	s.round++
	for i, phrases := range [...][]string{title: c.Titles, cue: c.Cues, word: c.Words, against: c.Against} {
		for _, text := range phrases {
			id, n := s.trie.insert(text)
			if n > 0 && int(id) == len(s.texts) {
				s.texts, s.entered = append(s.texts, text), append(s.entered, 0)
			}
			if n == 0 || s.entered[id] == s.round {
				continue
			}
			s.entered[id] = s.round
			out = append(out, entry{id, role(i), int32(n)})
		}
	}
	return out
}

// compile makes a taxonomy ready.
func compile(t *taxonomy.Taxonomy, book phrasebook) *lexicon {
	l := &lexicon{stock: builtinStock()}
	var entries [][]entry // by kind
	for i, c := range t.Categories {
		l.kinds = append(l.kinds, newKind(c, category, i))
		known := l.stock.entries[phrasingOf(c)]
		if known == nil {
			if l.stock == builtinStock() {
				l.stock = l.stock.clone()
			}
			known = l.stock.enter(described(c))
		}
		entries = append(entries, known)
	}
	own := namesOf(t.Categories)
	add := func(c taxonomy.Category, where origin, answer int) {
		l.kinds, entries = append(l.kinds, newKind(c, where, answer)), append(entries, l.stock.entries[phrasingOf(c)])
	}
	for _, c := range taxonomy.Outside() {
		if !held(t.Categories, own, c) {
			add(c, outside, -1)
		}
	}
	for _, c := range builtin() {
		if held(t.Categories, own, c) {
			continue
		}
		if i := broader(t.Categories, c); i >= 0 {
			add(c, category, i)
		} else if !akin(t.Categories, own, c) {
			add(c, foreign, -1)
		}
	}
	l.weigh(entries)
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
			c.Words = append(c.Words, w)
		}
	}
	return c
}

// weigh lists what each phrase says. It counts the more the longer it is and the fewer kinds it
// speaks for.
func (l *lexicon) weigh(entries [][]entry) {
	l.first = make([]int32, len(l.stock.texts)+1)
	speaks := make([]int32, len(l.stock.texts)) // for how many kinds
	for _, of := range entries {
		for _, e := range of {
			l.first[e.phrase+1]++
			if e.role != against {
				speaks[e.phrase]++
			}
		}
	}
	for i := range speaks {
		l.first[i+1] += l.first[i]
	}
	l.uses = make([]use, l.first[len(speaks)])
	next := slices.Clone(l.first)
	rarity := make([]float64, 2+len(l.kinds))
	for n := range rarity {
		rarity[n] = math.Log(1 + float64(len(l.kinds))/float64(n+1))
	}
	l.weight, l.scale = make([]float64, len(l.kinds)), make([]float64, len(l.kinds))
	mean := 0.0
	for kind, of := range entries {
		for _, e := range of {
			w := float64(e.length) * rarity[speaks[e.phrase]]
			l.uses[next[e.phrase]] = use{int32(kind), e.role, w}
			next[e.phrase]++
			if e.role == title || e.role == cue {
				l.weight[kind] += w
			}
			if e.role != against {
				l.scale[kind] += w
			}
		}
		mean += l.scale[kind] / float64(len(entries))
	}
	for kind, all := range l.scale {
		l.scale[kind] = math.Sqrt(mean / max(all, 1))
	}
}

// usesOf returns what a phrase says.
func (l *lexicon) usesOf(phrase int32) []use { return l.uses[l.first[phrase]:l.first[phrase+1]] }

// text returns a phrase as it was written.
func (l *lexicon) text(phrase int32) string { return l.stock.texts[phrase] }

// builtin returns every category of the built-in industries.
func builtin() []taxonomy.Category { return categoriesOf(taxonomy.All) }

// broad returns the categories for any trade.
func broad() []taxonomy.Category { return categoriesOf("default") }

func categoriesOf(id string) []taxonomy.Category {
	t, err := taxonomy.Find(id)
	if err != nil {
		panic(err) // it is part of the program
	}
	return t.Categories
}

// broader returns the category that a kind counts as, or -1.
func broader(cs []taxonomy.Category, k taxonomy.Category) int {
	return slices.IndexFunc(cs, func(c taxonomy.Category) bool { return slices.Contains(k.Broader, c.Name) })
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
	titles := make(map[string]bool, len(k.Titles))
	for _, t := range k.Titles {
		titles[t] = true
	}
	name := words(k.Name)
	for i, c := range cs {
		if slices.ContainsFunc(names[i], func(w string) bool { return w != "document" && slices.Contains(name, w) }) ||
			slices.ContainsFunc(c.Titles, func(t string) bool { return titles[t] }) {
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
