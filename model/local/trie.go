package local

import (
	"maps"
	"slices"
)

// trie finds phrases in a run of words. Words and phrases are known by number; word 0 is
// one that no phrase holds.
type trie struct {
	words   map[string]int32
	first   []int32        // by word: the node that it leads to from the root, or 0
	next    map[edge]int32 // from any other node
	ends    []int32        // by node: the phrase that ends there, or -1
	size    int32          // phrases held
	digits  []bool         // by word: whether it is a number
	misread misread
}

// anyNumber is the word that stands in a phrase for whatever number: "case 0 cv 0".
const anyNumber = "0"

// How short a stem may be and how long an ending, in bytes.
const (
	minStem   = 5
	maxEnding = 2
)

// edge leads from a node to the next by a word.
type edge struct{ node, word int32 }

func newTrie() *trie {
	const words, nodes, edges = 24_000, 76_000, 56_000 // what the built-in phrases need
	return &trie{
		words: make(map[string]int32, words), first: append(make([]int32, 0, words), 0),
		next: make(map[edge]int32, edges), ends: append(make([]int32, 0, nodes), -1), digits: []bool{false},
	}
}

func (t *trie) clone() *trie {
	return &trie{
		words: maps.Clone(t.words), first: slices.Clone(t.first), next: maps.Clone(t.next),
		ends: slices.Clone(t.ends), size: t.size, digits: slices.Clone(t.digits),
	}
}

// insert returns the number of a phrase, new or not, and its length in words. One without
// words has the number -1.
func (t *trie) insert(phrase string) (id int32, length int) {
	node := int32(0)
	for r := (reader{text: phrase}); r.read(); length++ {
		node = t.step(node, t.word(r.word))
	}
	if length > 0 && t.ends[node] < 0 {
		t.ends[node] = t.size
		t.size++
	}
	return t.ends[node], length
}

// word returns the number of a word, new or not.
func (t *trie) word(w []byte) int32 {
	id, ok := t.words[string(w)]
	if !ok {
		id = int32(len(t.first))
		t.words[string(w)] = id
		t.first = append(t.first, 0)
		t.digits = append(t.digits, isNumber(w))
	}
	return id
}

func isNumber(w []byte) bool {
	for _, c := range w {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(w) > 0
}

// lookup returns the number of a word, or 0. A word that no phrase holds is known by its
// stem: "insured" by "insure", German "Rechnungen" by "Rechnung"; a number by anyNumber.
func (t *trie) lookup(w []byte) int32 {
	for n := len(w); n == len(w) || n >= max(minStem, len(w)-maxEnding); n-- {
		if id := t.words[string(w[:n])]; id != 0 {
			return id
		}
	}
	if isNumber(w) {
		return t.words[anyNumber]
	}
	return 0
}

// step returns the node that follows, new or not.
func (t *trie) step(node, word int32) int32 {
	if to := t.follow(node, word); to != 0 {
		return to
	}
	to := int32(len(t.ends))
	t.ends = append(t.ends, -1)
	if node == 0 {
		t.first[word] = to
	} else {
		t.next[edge{node, word}] = to
	}
	return to
}

// follow returns the node that follows, or 0.
func (t *trie) follow(node, word int32) int32 {
	if node == 0 {
		return t.first[word]
	}
	return t.next[edge{node, word}]
}

// longest returns the longest phrase that text begins with and its length in words.
// Without one the length is 0.
func (t *trie) longest(text []int32) (phrase int32, length int) {
	node := int32(0)
	for i, word := range text {
		if word == 0 {
			break
		}
		from := node
		if node = t.follow(from, word); node == 0 && t.digits[word] {
			node = t.follow(from, t.words[anyNumber])
		}
		if node == 0 {
			break
		}
		if end := t.ends[node]; end >= 0 {
			phrase, length = end, i+1
		}
	}
	return phrase, length
}
