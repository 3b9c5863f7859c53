package local

import "sync"

// misread finds the word that a reader of letters meant: one letter of it was taken for another.
type misread struct {
	once  sync.Once
	words map[string]int32 // by all but one letter, for which there is a mark
}

// leastMisread is how long a word is, in bytes, of which a letter may be wrong: of a shorter one
// too many others differ by one.
const leastMisread = 6

const anyLetter = '?'

// find returns the number of a word that differs from w by one letter, or 0.
func (m *misread) find(t *trie, w []byte) int32 {
	if len(w) < leastMisread || len(w) > 20 {
		return 0
	}
	m.once.Do(func() { m.fill(t) })
	var buf [20]byte
	like := buf[:copy(buf[:], w)]
	for i, c := range w {
		like[i] = anyLetter
		if id := m.words[string(like)]; id != 0 {
			return id
		}
		like[i] = c
	}
	return 0
}

// fill notes every word with each of its letters left open. What fits two words is neither.
func (m *misread) fill(t *trie) {
	m.words = make(map[string]int32, 8*len(t.words))
	twice := make(map[string]bool)
	for w, id := range t.words {
		if len(w) < leastMisread || isNumber([]byte(w)) {
			continue
		}
		like := []byte(w)
		for i, c := range like {
			like[i] = anyLetter
			key := string(like)
			if have, ok := m.words[key]; ok && have != id {
				twice[key] = true
			}
			m.words[key] = id
			like[i] = c
		}
	}
	for key := range twice {
		delete(m.words, key)
	}
}
