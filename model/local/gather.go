package local

import (
	"cmp"
	"slices"
	"sync"

	"github.com/docsift/docsift/model"
)

// maxWords is how much of a text is read. What a document is shows at its beginning.
const maxWords = 4000

// evidence is the memory of one reading.
type evidence struct {
	words  []int32 // of the text
	raw    []byte  // the letters of all words
	ends   []int32 // of each word: where its letters end
	lines  []int32 // of each word
	length []int32 // of each line, in words
	pages  []int32 // of each line: the page that it is on, counted from 0
	known  []int32 // by phrase: where in found it is, from 1
	found  []match
	rows   []row // by kind

	recalled []string // learned phrases that were found
}

// match is a phrase that was found.
type match struct {
	phrase int32
	at     int32 // words before it, where it stands first
	head   bool  // it stands in a heading once
}

var memory = sync.Pool{New: func() any { return new(evidence) }}

// gather reads a text, of a scan or not, and finds the phrases in it. One inside a longer one
// does not count, nor does a repetition.
func (e *evidence) gather(l *lexicon, text string, scanned bool) {
	if e.read(l, text, scanned) >= noisy && !scanned {
		e.read(l, text, true) // a scanner has written this text into the file
	}
	e.known = slices.Grow(e.known[:0], len(l.stock.texts))[:len(l.stock.texts)]
	clear(e.known)
	e.found = e.found[:0]
	end := 0
	for i := range e.words {
		p, n := l.stock.trie.longest(e.words[i:])
		if i+n <= end || n == 0 {
			continue
		}
		end = i + n
		if e.known[p] == 0 {
			e.found = append(e.found, match{phrase: p, at: int32(i)})
			e.known[p] = int32(len(e.found))
		}
		if e.inHeading(i) {
			e.found[e.known[p]-1].head = true
		}
	}
}

// noisy is how many words with digits for letters show that a text was read from pictures.
const noisy = 3

// read cuts the text into words. Those of a scan may be misread. It returns how many had digits
// for letters.
func (e *evidence) read(l *lexicon, text string, scanned bool) (folded int) {
	e.words, e.lines, e.length, e.pages = e.words[:0], e.lines[:0], e.length[:0], e.pages[:0]
	e.raw, e.ends = e.raw[:0], e.ends[:0]
	for r := (reader{text: text, word: make([]byte, 0, 64)}); len(e.words) < maxWords && r.read(); {
		word := l.stock.trie.lookup(r.word)
		if word == 0 {
			if word = l.stock.trie.lookupFolded(r.word); word != 0 {
				folded++
			}
		}
		if word == 0 && scanned {
			word = l.stock.trie.misread.find(l.stock.trie, r.word)
		}
		e.words, e.raw = append(e.words, word), append(e.raw, r.word...)
		e.ends = append(e.ends, int32(len(e.raw)))
		e.lines = append(e.lines, int32(r.line))
		for len(e.length) <= r.line {
			e.length, e.pages = append(e.length, 0), append(e.pages, int32(r.page))
		}
		e.length[r.line]++
	}
	e.join(l.stock.trie, scanned)
	return folded
}

// How words are put together again: of how many parts, and how long one is at least.
const (
	mostParts   = 14
	leastWhole  = 4 // of spaced letters
	leastJoined = 5
)

// join puts words together that were written with their letters spaced, "I N V O I C E", and in a
// scan those that fell apart, "state ment". The first part then stands for the whole, and the
// others for nothing.
func (e *evidence) join(t *trie, scanned bool) {
	at, to := 0, 0 // read from, written to
	least := leastWhole
	for at < len(e.words) {
		word, parts := e.whole(t, at, least, scanned)
		if least = leastWhole; parts > 1 {
			least = 2 // where one word is spaced, the next one is
		}
		if parts == 1 {
			word = e.words[at]
		}
		e.words[to], e.lines[to] = word, e.lines[at]
		e.length[e.lines[at]] -= int32(parts - 1)
		at, to = at+parts, to+1
	}
	e.words, e.lines = e.words[:to], e.lines[:to]
}

// whole returns the word that begins with word i, and of how many parts it is. It is as long as least.
func (e *evidence) whole(t *trie, i, least int, scanned bool) (word int32, parts int) {
	start := 0
	if i > 0 {
		start = int(e.ends[i-1])
	}
	letters := func(n int) []byte { return e.raw[start:e.ends[i+n-1]] }
	most := 1
	for i+most < len(e.words) && most < mostParts && len(letters(most+1)) == most+1 && e.lines[i+most] == e.lines[i] {
		most++
	}
	spaced := most >= least
	if !spaced {
		if most, least = 1, leastJoined; scanned {
			most = min(3, len(e.words)-i)
		}
	}
	for n := most; n > 1; n-- {
		w := letters(n)
		if len(w) < least || len(w) > mostMisread || !spaced && !slices.Contains(e.words[i:i+n], 0) || e.lines[i+n-1] != e.lines[i] {
			continue
		}
		if singular(w) {
			w = w[:len(w)-1]
		}
		if id := t.words[string(w)]; id != 0 && !t.digits[id] { // without endings: they may be of the next word
			return id, n
		}
	}
	return 0, 1
}

// inHeading reports whether a word stands where titles do: at the very beginning, or in a short
// line not far from it.
func (e *evidence) inHeading(word int) bool {
	const beginning, lines, short = 15, 25, 8
	line := e.lines[word]
	return word < beginning || line < lines && e.length[line] <= short
}

// pageOf returns the number of the page that a word stands on, or 0.
func (e *evidence) pageOf(word int32, numbers []int) int {
	page := int(e.pages[e.lines[word]])
	if page >= len(numbers) {
		return 0
	}
	return numbers[page]
}

// strongest returns the phrases that speak most for a kind, at most n.
func (e *evidence) strongest(l *lexicon, kind, n int, pages []int) []model.Evidence {
	type claim struct {
		match
		weight float64
	}
	var claims []claim
	for _, m := range e.found {
		for _, u := range l.usesOf(m.phrase) {
			if int(u.kind) == kind && u.role != against {
				claims = append(claims, claim{m, m.near(late) * u.weight * worth[u.role]})
			}
		}
	}
	slices.SortStableFunc(claims, func(a, b claim) int { return cmp.Compare(b.weight, a.weight) })
	var out []model.Evidence
	for _, c := range claims[:min(n, len(claims))] {
		out = append(out, model.Evidence{Phrase: l.text(c.phrase), Page: e.pageOf(c.at, pages)})
	}
	return out
}

// worth is how much a phrase tells a reader.
var worth = [...]float64{title: 1, cue: 1, word: 0.2}
