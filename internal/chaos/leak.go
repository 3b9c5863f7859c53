package chaos

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// leaks looks for keys where none belongs. The keys stand in the settings of services alone.
type leaks struct {
	seed uint64

	mu      sync.Mutex
	keys    [][]byte // those that were given out
	hits    map[string]int
	bytes   map[string]int64 // that were searched
	stacked bool             // a dump of goroutines was among them
}

func newLeaks(seed uint64) leaks {
	return leaks{seed: seed, hits: make(map[string]int), bytes: make(map[string]int64)}
}

// key returns the key of a setting.
func (l *leaks) key(setting string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	k := fmt.Sprintf("sk-canary-%s-%d", strings.ToLower(strings.TrimSuffix(setting, "_API_KEY")), l.seed)
	if !slices.ContainsFunc(l.keys, func(have []byte) bool { return string(have) == k }) {
		l.keys = append(l.keys, []byte(k))
	}
	return k
}

// search looks through what came out of a service somewhere. That a part of a key is there counts too.
func (l *leaks) search(where string, data []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.bytes[where] += int64(len(data))
	if n := bytes.Count(data, []byte("sk-canary")); n > 0 {
		l.hits[where] += n
	}
	if bytes.Contains(data, []byte("\ngoroutine ")) {
		l.stacked = true
	}
}

// searchFolder looks through the logs, the ledger and whatever else a service has written.
func (l *leaks) searchFolder(dir string) {
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return nil
		}
		where := "files"
		switch {
		case strings.HasSuffix(path, ".log"):
			where = "logs"
		case strings.Contains(path, string(filepath.Separator)+"data"+string(filepath.Separator)):
			where = "databases"
		}
		l.search(where, data)
		return nil
	})
}

// line is G1.
func (l *leaks) line() Line {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := Line{ID: "G1", What: "keys in logs, answers, databases, dumps", Target: "0"}
	hits, total := 0, int64(0)
	for _, where := range slices.Sorted(maps.Keys(l.bytes)) {
		hits += l.hits[where]
		total += l.bytes[where]
		out.figure("bytes of "+where, float64(l.bytes[where]))
		if n := l.hits[where]; n > 0 {
			out.note("%d in the %s", n, where)
		}
	}
	out.figure("hits", float64(hits))
	out.Measured = fmt.Sprintf("%d of any of %d keys in %.1f MB", hits, len(l.keys), float64(total)/1e6)
	if l.stacked {
		out.Measured += ", a dump of all goroutines among them"
	}
	out.Result = verdict(hits == 0 && total > 0)
	return out
}
