package main

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/internal/app"
	"github.com/docsift/docsift/internal/config"
	"github.com/docsift/docsift/internal/share"
)

// checkSettings finds settings that look like docsift's and are none.
func checkSettings(names []string, known []setting) check {
	var strange []string
	for _, name := range names {
		is := func(s setting) bool { return s.Name == name }
		if !strings.HasPrefix(name, "DOCSIFT_") || strings.HasPrefix(name, "DOCSIFT_TEST_") || slices.ContainsFunc(known, is) {
			continue
		}
		strange = append(strange, fmt.Sprintf("%s (did you mean %s?)", name, nearest(name, known)))
	}
	set := 0
	for _, s := range known {
		if s.Set {
			set++
		}
	}
	if len(strange) == 0 {
		return ok("settings", "%d of %d are set, and none is misspelt", set, len(known))
	}
	slices.Sort(strange)
	return ok("settings", "docsift has no %s", strings.Join(strange, ", ")).but(warned, "correct the name: an unknown setting does nothing")
}

// nearest returns the setting whose name takes the fewest changes to make.
func nearest(name string, known []setting) string {
	best, least := "", len(name)+1
	for _, s := range known {
		if d := distance(name, s.Name); d < least {
			best, least = s.Name, d
		}
	}
	return best
}

// distance is Levenshtein's.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		above := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := above
			if a[i] != b[j] {
				change++
			}
			above = row[j+1]
			row[j+1] = min(change, row[j]+1, above+1)
		}
	}
	return row[len(b)]
}

// settingNames are the names of all settings of this process, those of the file among them.
func (p process) settingNames(c config.Config) []string {
	names := slices.Clone(c.Names)
	if p.environ != nil {
		for _, line := range p.environ() {
			name, value, _ := strings.Cut(line, "=")
			if value != "" && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// checkReading says whether documents are read apart from docsift, and who reads letters.
func checkReading(h app.Health, r config.Reading, available int64) []check {
	children := ok("children", "%d for PDFs and %[1]d for the rest, confined by %s", h.Children, strings.Join(h.Confinement.Holds, ", "))
	switch {
	case h.Problem != "":
		children = ok("children", "%s", h.Problem).but(failed, "see that this file may be executed and that processes may be started; DOCSIFT_CHILDREN=0 reads without them")
	case h.Children == 0:
		children = ok("children", "none: documents are read in docsift's own process").but(warned, "leave DOCSIFT_CHILDREN out, so that a hostile document harms nothing")
	case len(h.Confinement.Missing) > 0:
		children = ok("children", "not confined by %s", strings.Join(h.Confinement.Missing, "; ")).but(warned, "run on Linux 5.13 or later, without a profile that forbids it")
	}
	most := int64(2*h.Children) * int64(r.Memory)
	memory := ok("memory", "children may take %s of %s that is free", size(most), size(available))
	switch {
	case available == 0:
		memory = skip("memory", "this system does not say how much is free")
	case most > available:
		memory = memory.but(warned, "lower DOCSIFT_CHILDREN or DOCSIFT_MAX_MEMORY, or give the machine more")
	}
	letters := ok("OCR", "%s", h.OCR)
	if h.OCR == "" {
		letters = ok("OCR", "nobody reads scans here: they go to models that see, or for review").but(warned, "install tesseract-ocr, or build with make build-ocr")
	}
	return []check{children, memory, letters}
}

// freeMemory is how much this machine has left in bytes, or 0 where it does not say.
func freeMemory() int64 {
	f, err := os.Open("/proc/meminfo")
	if err != nil {
		return 0
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var kB int64
		if n, _ := fmt.Sscanf(lines.Text(), "MemAvailable: %d kB", &kB); n == 1 {
			return kB << 10
		}
	}
	return 0
}

// checkRedis says whether what servers share is shared.
func checkRedis(s *share.Status) check {
	switch {
	case s == nil:
		return skip("Redis", "REDIS_URL is not set: a single server needs none")
	case !s.Up:
		return ok("Redis", "%s does not answer: %s", s.Redis, s.Error).but(warned, "start it, or see to its address and password; until then each server minds its breakers, limits and cache alone")
	}
	return ok("Redis", "%s answers", s.Redis)
}

// most is by how much clocks may differ.
const mostSkew = 5 * time.Second

// checkClock compares this machine's clock with those of others, by their names.
func checkClock(ahead map[string]time.Duration) check {
	if len(ahead) == 0 {
		return skip("clock", "there is no database and no provider to compare it with")
	}
	worst, name := time.Duration(0), ""
	for of, d := range ahead {
		if name == "" || d.Abs() > worst.Abs() {
			worst, name = d, of
		}
	}
	c := ok("clock", "%v from that of %s, the farthest of %d", worst.Abs().Round(time.Millisecond), name, len(ahead))
	if worst.Abs() > mostSkew {
		return c.but(warned, "set the clock (timedatectl set-ntp true): budgets, deadlines and signatures go by it")
	}
	return c
}

// clocks asks the servers of providers what time it is.
func clocks(ctx context.Context, models []docsift.Probe) map[string]time.Duration {
	ahead := make(map[string]time.Duration)
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	for _, m := range models {
		u, err := url.Parse(m.BaseURL)
		if err != nil || u.Host == "" || m.Error != nil {
			continue
		}
		if _, known := ahead[u.Host]; known {
			continue
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodHead, (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/"}).String(), nil)
		if err != nil {
			continue
		}
		asked := time.Now()
		resp, err := http.DefaultTransport.RoundTrip(req) // which follows nothing
		if err != nil {
			continue
		}
		resp.Body.Close()
		if at, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
			if d := at.Sub(asked); d.Abs() > time.Second { // the header has whole seconds
				ahead[u.Host] = d
			} else {
				ahead[u.Host] = 0
			}
		}
	}
	return ahead
}
