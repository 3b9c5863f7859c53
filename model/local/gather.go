package local

import (
	"cmp"
	"slices"
	"sync"
)

// maxWords is how much of a text is read. What a document is shows at its beginning.
const maxWords = 4000

// evidence is the memory of one reading.
type evidence struct {
	words  []int32 // of the text
	lines  []int32 // of each word
	length []int32 // of each line, in words
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
	e.read(l, text, scanned)
	e.known = slices.Grow(e.known[:0], len(l.phrases))[:len(l.phrases)]
	clear(e.known)
	e.found = e.found[:0]
	end := 0
	for i := range e.words {
		p, n := l.trie.longest(e.words[i:])
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

// read cuts the text into words. Those of a scan may be misread.
func (e *evidence) read(l *lexicon, text string, scanned bool) {
	e.words, e.lines, e.length = e.words[:0], e.lines[:0], e.length[:0]
	for r := (reader{text: text, word: make([]byte, 0, 64)}); len(e.words) < maxWords && r.read(); {
		word := l.trie.lookup(r.word)
		if word == 0 && scanned {
			word = l.misread.find(l.trie, r.word)
		}
		e.words = append(e.words, word)
		e.lines = append(e.lines, int32(r.line))
		for len(e.length) <= r.line {
			e.length = append(e.length, 0)
		}
		e.length[r.line]++
	}
}

// inHeading reports whether a word stands where titles do: at the very beginning, or in a short
// line not far from it.
func (e *evidence) inHeading(word int) bool {
	const beginning, lines, short = 15, 25, 8
	line := e.lines[word]
	return word < beginning || line < lines && e.length[line] <= short
}

// strongest returns the phrases that speak most for a kind, at most n.
func (e *evidence) strongest(l *lexicon, kind, n int) []string {
	type claim struct {
		phrase int32
		weight float64
	}
	var claims []claim
	for _, m := range e.found {
		for _, u := range l.phrases[m.phrase].uses {
			if int(u.kind) == kind && u.role != against {
				claims = append(claims, claim{m.phrase, m.near(late) * u.weight})
			}
		}
	}
	slices.SortStableFunc(claims, func(a, b claim) int { return cmp.Compare(b.weight, a.weight) })
	var texts []string
	for _, c := range claims[:min(n, len(claims))] {
		texts = append(texts, l.phrases[c.phrase].text)
	}
	return texts
}
