package chaos

import (
	"fmt"
	"slices"
)

// Report is what a run found.
type Report struct {
	Seed     uint64   `json:"seed"`
	Requests int      `json:"requests"` // for each way of A1
	Took     string   `json:"took"`
	Lines    []Line   `json:"lines"`
	Differs  []string `json:"differs"` // settings of the service that are not the defaults
}

// Passed reports whether no line failed, and there is one.
func (r Report) Passed() bool { return len(r.Lines) > 0 && !failed(r.Lines) }

func failed(lines []Line) bool {
	return slices.ContainsFunc(lines, func(l Line) bool { return l.Result == Fail })
}

// Line is one promise, and what became of it.
type Line struct {
	ID       string             `json:"id"`
	What     string             `json:"what"`
	Target   string             `json:"target"`
	Measured string             `json:"measured"`
	Result   Result             `json:"result"`
	Figures  map[string]float64 `json:"figures"`
	Notes    []string           `json:"notes"`
}

// Result is whether a promise was kept.
type Result string

// The results.
const (
	Pass   Result = "pass"
	Fail   Result = "FAIL"
	Absent Result = "absent" // this version promises nothing; it counts for nothing
)

// verdict returns Pass where ok.
func verdict(ok bool) Result {
	if ok {
		return Pass
	}
	return Fail
}

// note adds a note that begins with the line's name.
func (l *Line) note(format string, args ...any) {
	l.Notes = append(l.Notes, l.ID+": "+fmt.Sprintf(format, args...))
}

// figure keeps a number.
func (l *Line) figure(name string, value float64) {
	if l.Figures == nil {
		l.Figures = make(map[string]float64)
	}
	l.Figures[name] = value
}

// complete makes every field be there in JSON.
func (l *Line) complete() {
	if l.Figures == nil {
		l.Figures = map[string]float64{}
	}
	if l.Notes == nil {
		l.Notes = []string{}
	}
}

// grouped writes a number with commas between thousands.
func grouped(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
