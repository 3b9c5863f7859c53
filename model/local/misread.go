package local

import (
	"cmp"
	"slices"
	"strings"
	"sync"
)

// misread finds the word that a reader of letters meant: one letter of it was taken for another.
// Either half of the word was then read right.
type misread struct {
	once     sync.Once
	forward  []string // the long words by length and letters
	backward []string // by length and letters from behind
}

// leastMisread is how long a word is, in bytes, of which a letter may be wrong: of a shorter one
// too many others differ by one.
const leastMisread, mostMisread = 6, 20

// find returns the number of the only word that differs from w by one letter, or 0.
func (m *misread) find(t *trie, w []byte) int32 {
	if len(w) < leastMisread || len(w) > mostMisread {
		return 0
	}
	m.once.Do(func() { m.fill(t) })
	word, half, found := string(w), len(w)/2, ""
	at, _ := slices.BinarySearchFunc(m.forward, word, func(have, word string) int {
		return cmp.Or(cmp.Compare(len(have), len(word)), strings.Compare(have[:min(half, len(have))], word[:half]))
	})
	for ; at < len(m.forward) && len(m.forward[at]) == len(word) && m.forward[at][:half] == word[:half]; at++ {
		if oneOff(m.forward[at][half:], word[half:]) {
			if found != "" {
				return 0
			}
			found = m.forward[at]
		}
	}
	at, _ = slices.BinarySearchFunc(m.backward, word, func(have, word string) int {
		return cmp.Or(cmp.Compare(len(have), len(word)), fromBehind(have[min(half, len(have)):], word[half:]))
	})
	for ; at < len(m.backward) && len(m.backward[at]) == len(word) && m.backward[at][half:] == word[half:]; at++ {
		if oneOff(m.backward[at][:half], word[:half]) {
			if found != "" {
				return 0
			}
			found = m.backward[at]
		}
	}
	return t.words[found]
}

// oneOff reports whether exactly one letter differs.
func oneOff(have, word string) bool {
	n := 0
	for i := range word {
		if have[i] != word[i] {
			n++
		}
	}
	return n == 1
}

// fromBehind compares two words letter for letter from their ends.
func fromBehind(a, b string) int {
	for i := 1; i <= min(len(a), len(b)); i++ {
		if c := cmp.Compare(a[len(a)-i], b[len(b)-i]); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a), len(b))
}

func (m *misread) fill(t *trie) {
	for w := range t.words {
		if len(w) >= leastMisread && len(w) <= mostMisread && !isNumber([]byte(w)) {
			m.forward = append(m.forward, w)
		}
	}
	m.backward = slices.Clone(m.forward)
	slices.SortFunc(m.forward, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b)) })
	slices.SortFunc(m.backward, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), fromBehind(a, b)) })
}

// lookupFolded returns the number of a word some of whose letters were taken for digits, or 0:
// "T0tal", "c1ient", "1nvoice".
func (t *trie) lookupFolded(w []byte) int32 {
	if len(w) < 3 || len(w) > mostMisread || isNumber(w) {
		return 0
	}
	for _, one := range [...]byte{'l', 'i'} {
		var buf [mostMisread]byte
		like := buf[:copy(buf[:], w)]
		changed := false
		for i, c := range like {
			switch c {
			case '0':
				like[i] = 'o'
			case '1':
				like[i] = one
			case '5':
				like[i] = 's'
			case '8':
				like[i] = 'b'
			default:
				continue
			}
			changed = true
		}
		if !changed {
			return 0
		}
		if id := t.lookup(like); id != 0 && !t.digits[id] {
			return id
		}
	}
	return 0
}
