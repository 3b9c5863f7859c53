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
	forward  []string // the long words, in order of their lengths and letters
	backward []string // likewise, spelt backwards
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
	word, half := string(w), len(w)/2
	late, n := oneOff(m.forward, word, half)
	early, more := oneOff(m.backward, backwards(word), len(w)-half)
	switch {
	case n+more != 1:
		return 0
	case n == 1:
		return t.words[late]
	}
	return t.words[backwards(early)]
}

// oneOff returns how many of the words begin with the same letters as word, so many of them, and
// differ from it by one letter behind these; and the last one.
func oneOff(words []string, word string, same int) (found string, n int) {
	at, _ := slices.BinarySearchFunc(words, word[:same], func(have, begin string) int {
		return cmp.Or(cmp.Compare(len(have), len(word)), strings.Compare(have[:min(same, len(have))], begin))
	})
	for _, have := range words[at:] {
		if len(have) != len(word) || have[:same] != word[:same] {
			break
		}
		if differences(have[same:], word[same:]) == 1 {
			found, n = have, n+1
		}
	}
	return found, n
}

// differences returns how many letters of two words of one length differ.
func differences(a, b string) (n int) {
	for i := range len(a) {
		if a[i] != b[i] {
			n++
		}
	}
	return n
}

// backwards returns the bytes of a word from the last to the first.
func backwards(word string) string {
	b := []byte(word)
	slices.Reverse(b)
	return string(b)
}

func (m *misread) fill(t *trie) {
	for w := range t.words {
		if len(w) >= leastMisread && len(w) <= mostMisread && !isNumber([]byte(w)) {
			m.forward, m.backward = append(m.forward, w), append(m.backward, backwards(w))
		}
	}
	for _, words := range [...][]string{m.forward, m.backward} {
		slices.SortFunc(words, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b)) })
	}
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
