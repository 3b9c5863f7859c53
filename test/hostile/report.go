//go:build linux

package main

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// The rules.
const (
	hang        = 10 * time.Second
	minClassify = 0.99 // of the files that must be classified
	maxRise     = 64 << 20
	maxChild    = 512 << 20
)

// kindRow sums up the files of one kind.
type kindRow struct {
	files, classified int
	refused           map[string]int // by code
	slowest           result
}

// report prints what happened and returns how many rules were broken.
func report(results []result, s *server, apart bool) int {
	printKinds(results)
	v := &verdicts{}
	v.answers(results, s)
	v.expectations(results)
	s.look()
	v.judge(s)
	v.sideEffects(s, apart)
	return v.broken
}

func printKinds(results []result) {
	rows := map[string]*kindRow{}
	for _, r := range results {
		row := rows[r.kind]
		if row == nil {
			row = &kindRow{refused: map[string]int{}}
			rows[r.kind] = row
		}
		row.files++
		if r.status == 200 {
			row.classified++
		} else {
			row.refused[cmp.Or(r.code, "no answer")]++
		}
		if r.took > row.slowest.took {
			row.slowest = r
		}
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "KIND\tFILES\tCLASSIFIED\tSLOWEST\tREFUSED")
	for _, kind := range slices.Sorted(maps.Keys(rows)) {
		row := rows[kind]
		var codes []string
		for _, c := range slices.Sorted(maps.Keys(row.refused)) {
			codes = append(codes, fmt.Sprintf("%s %d", c, row.refused[c]))
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%d ms\t%s\n", kind, row.files, row.classified, row.slowest.took.Milliseconds(), strings.Join(codes, ", "))
	}
	w.Flush()
	fmt.Println()
}

// verdicts holds what happened against the rules.
type verdicts struct{ broken int }

func (v *verdicts) rule(ok bool, format string, args ...any) {
	mark := "ok    "
	if !ok {
		mark, v.broken = "BROKEN", v.broken+1
	}
	fmt.Printf("%s  %s\n", mark, fmt.Sprintf(format, args...))
}

// answers: nothing crashes, hangs or fails inside.
func (v *verdicts) answers(results []result, s *server) {
	var late, inside, none int
	var slowest result
	for _, r := range results {
		if r.took > slowest.took {
			slowest = r
		}
		switch {
		case r.err != nil:
			none++
		case r.status >= 500 || r.status == 429:
			inside++
		case r.took > hang:
			late++
		default:
			continue
		}
		fmt.Println("       ", r)
	}
	v.rule(s.alive(), "the server lives")
	v.rule(none == 0, "%d without a proper answer", none)
	v.rule(inside == 0, "%d answered with 5xx or 429", inside)
	v.rule(late == 0, "%d took longer than %v; slowest %d ms: %s", late, hang, slowest.took.Milliseconds(), slowest.name)
}

// expectations: what the manifest says of each file.
func (v *verdicts) expectations(results []result) {
	var must, classified, mustNot, refused int
	for _, r := range results {
		switch r.expect {
		case classify:
			must++
			if r.status == 200 {
				classified++
				continue
			}
		case reject:
			mustNot++
			if r.refusedRightly() {
				refused++
				continue
			}
		default:
			continue
		}
		fmt.Printf("        %s (%s %s)\n", r, r.expect, strings.Join(r.codes, " or "))
	}
	v.rule(float64(classified) >= minClassify*float64(must), "%d of %d that must be classified were", classified, must)
	v.rule(refused == mustNot, "%d of %d that must be refused were, with the right code", refused, mustNot)
}

func (r result) refusedRightly() bool {
	return r.status >= 400 && r.status < 500 && (len(r.codes) == 0 || slices.Contains(r.codes, r.code))
}

// judge holds the server's memory against what it may use.
func (v *verdicts) judge(s *server) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rise, largest := s.memory.peak-s.memory.start, 0
	for _, peak := range s.children {
		largest = max(largest, peak)
	}
	v.rule(rise <= maxRise, "the parent's memory rose by %d MiB at most, from %d MiB", rise>>20, s.memory.start>>20)
	v.rule(largest <= maxChild, "the largest of %d children used %d MiB", len(s.children), largest>>20)
}

// sideEffects: nothing is written and nothing leaves the machine.
func (v *verdicts) sideEffects(s *server, apart bool) {
	files, err := s.written()
	v.rule(err == nil && len(files) == 0, "%d files were written %v", len(files), files)
	if !apart {
		fmt.Println("        packets out were not counted: this platform has no network namespaces")
		return
	}
	n, err := packetsOut()
	v.rule(err == nil && n == 0, "%d packets were sent out", n)
}
