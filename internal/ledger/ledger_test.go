package ledger_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/ledger"
	"github.com/docsift/docsift/internal/price"
)

const cent = price.Amount(10_000_000)

// day is one on which nothing else happens.
var day = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

func open(t *testing.T, o ledger.Options) *ledger.File {
	t.Helper()
	if o.Now == nil {
		o.Now = func() time.Time { return day }
	}
	f, err := ledger.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func sent(estimate price.Amount) ledger.Sent {
	return ledger.Sent{Document: strings.Repeat("ab", 32), Run: "run", Policy: "default", Stage: "text",
		Model: "openai/gpt-6-luna", Key: "OPENAI_API_KEY", Estimate: estimate, Priced: true}
}

func begin(t *testing.T, f *ledger.File, s ledger.Sent) string {
	t.Helper()
	id, err := f.Begin(s)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func settled(cost price.Amount) ledger.Closed {
	return ledger.Closed{State: ledger.Settled, Cost: cost, Priced: true}
}

func TestSpend(t *testing.T) {
	for _, kept := range []bool{false, true} {
		t.Run(fmt.Sprintf("kept is %v", kept), func(t *testing.T) {
			var o ledger.Options
			if kept {
				o.Dir = t.TempDir()
			}
			f := open(t, o)
			paid, free, lost := begin(t, f, sent(2*cent)), begin(t, f, sent(2*cent)), begin(t, f, sent(2*cent))
			begin(t, f, sent(5*cent)) // never heard of again
			f.End(paid, settled(3*cent))
			f.End(paid, settled(3*cent)) // which counts once
			f.End(free, ledger.Closed{State: ledger.Free, Priced: true})
			f.End(lost, ledger.Closed{State: ledger.Unknown, Cost: 2 * cent, Priced: true})
			s := f.Spend()
			if want := 10 * cent; s.Day != want || s.Month != want || s.Keys["OPENAI_API_KEY"] != want || s.Models["openai/gpt-6-luna"] != want {
				t.Errorf("spent %+v, want $%s everywhere", s, want)
			}
			if s.Sent != 4 || s.Open != 1 || s.Unknown != 1 {
				t.Errorf("%d sent, %d open, %d unknown; want 4, 1 and 1", s.Sent, s.Open, s.Unknown)
			}
		})
	}
}

// What a process wrote is there for the next one, however it ended.
func TestFileAfterTheEndOfTheProcess(t *testing.T) {
	tests := []struct {
		name   string
		closed bool
		spoil  func(path string, data []byte) []byte // what happens to the day's file
		want   price.Amount
		damage int
	}{
		{"closed in order", true, nil, 7 * cent, 0},
		{"killed", false, nil, 7 * cent, 0},
		{"killed in the middle of a line", false, func(_ string, data []byte) []byte { return append(data, `{"id":"2026-`...) }, 7 * cent, 1},
		{"a line overwritten", true, func(path string, data []byte) []byte {
			os.Remove(path + ".sum")
			lines := strings.SplitAfter(string(data), "\n")
			lines[1] = strings.Repeat("x", len(lines[1])-1) + "\n"
			return []byte(strings.Join(lines, ""))
		}, 5 * cent, 2}, // the second entry is lost, and its end belongs to nothing
		{"the sums spoiled", true, func(path string, data []byte) []byte {
			os.WriteFile(path+".sum", []byte("{"), 0o600)
			return data
		}, 7 * cent, 0},
		{"the sums of another file", true, func(path string, data []byte) []byte {
			os.WriteFile(path+".sum", []byte(`{"offset":999999999,"sum_nano_usd":1}`), 0o600)
			return data
		}, 7 * cent, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			f := open(t, ledger.Options{Dir: dir})
			begin(t, f, sent(5*cent))
			f.End(begin(t, f, sent(cent)), settled(2*cent))
			if tt.closed {
				f.Close()
			}
			path := filepath.Join(dir, "2026-11-27.jsonl")
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if tt.spoil != nil {
				os.WriteFile(path, tt.spoil(path, data), 0o600)
			}
			next := open(t, ledger.Options{Dir: dir})
			next.End(begin(t, next, sent(cent)), ledger.Closed{State: ledger.Free, Priced: true})
			if s := next.Spend(); s.Day != tt.want || s.Damaged != tt.damage {
				t.Errorf("$%s and %d lines damaged, want $%s and %d", s.Day, s.Damaged, tt.want, tt.damage)
			}
		})
	}
}

func TestBudget(t *testing.T) {
	tests := []struct {
		name   string
		budget ledger.Budget
		ask    ledger.Sent
		says   string // "" where it is allowed
		wait   time.Duration
	}{
		{"none", ledger.Budget{}, sent(100 * cent), "", 0},
		{"none, and no price known", ledger.Budget{}, ledger.Sent{Model: "x/y"}, "", 0},
		{"room left", ledger.Budget{Day: 30 * cent}, sent(10 * cent), "", 0},
		{"the day's is spent", ledger.Budget{Day: 30 * cent}, sent(11 * cent), "$0.3 for a day", 12 * time.Hour},
		{"the month's is spent", ledger.Budget{Day: 300 * cent, Month: 30 * cent}, sent(11 * cent), "$0.3 for a month", 84 * time.Hour},
		{"the key's is spent", ledger.Budget{Keys: map[string]price.Amount{"OPENAI_API_KEY": 25 * cent}}, sent(6 * cent), "the key OPENAI_API_KEY", 12 * time.Hour},
		{"another key's is spent", ledger.Budget{Keys: map[string]price.Amount{"GOOGLE_API_KEY": cent}}, sent(6 * cent), "", 0},
		{"the API key's is spent", ledger.Budget{}, func() ledger.Sent { s := sent(6 * cent); s.Client, s.ClientDay = "ann", 25*cent; return s }(), "the API key ann", 12 * time.Hour},
		{"the document's is spent", ledger.Budget{Document: 10 * cent}, func() ledger.Sent { s := sent(4 * cent); s.Before = 7 * cent; return s }(), "for a document", 0},
		{"no price known", ledger.Budget{Month: 30 * cent}, ledger.Sent{Model: "x/y"}, "no price of x/y", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := open(t, ledger.Options{Budget: tt.budget})
			before := sent(0)
			before.Client = "ann"
			f.End(begin(t, f, before), settled(20*cent))
			_, err := f.Begin(tt.ask)
			switch {
			case tt.says == "" && err != nil:
				t.Errorf("refused: %v", err)
			case tt.says != "" && (fault.KindOf(err) != fault.Budget || !strings.Contains(err.Error(), tt.says)):
				t.Errorf("got %v, want %s: …%s…", err, fault.Budget, tt.says)
			case fault.RetryAfter(err) != tt.wait:
				t.Errorf("come back in %v, want %v", fault.RetryAfter(err), tt.wait)
			}
		})
	}
}

func TestBudgetCheck(t *testing.T) {
	for _, b := range []ledger.Budget{{Day: -1}, {Month: -1}, {Document: -1}, {Keys: map[string]price.Amount{"K": 0}}} {
		if _, err := ledger.Open(ledger.Options{Budget: b}); fault.KindOf(err) != fault.Config {
			t.Errorf("budget %+v: %v, want %s", b, err, fault.Config)
		}
	}
}

// Two processes that share a folder share the budget: what is spent stays within it but for what
// is under way at the moment it is reached.
func TestBudgetUnderConcurrency(t *testing.T) {
	dir := t.TempDir()
	const most, workers, each = 100 * cent, 200, 50
	var files [2]*ledger.File
	for i := range files {
		files[i] = open(t, ledger.Options{Dir: dir, Budget: ledger.Budget{Day: most}})
	}
	var all sync.WaitGroup
	for i := range workers {
		all.Go(func() {
			f := files[i%2]
			for range each {
				id, err := f.Begin(sent(cent))
				if err != nil {
					continue
				}
				f.End(id, settled(cent))
			}
		})
	}
	all.Wait()
	for _, f := range files {
		if s := f.Spend(); s.Day < most || s.Day > most+2*cent || s.Open != 0 || s.Damaged != 0 { // each process may be one call ahead
			t.Errorf("spent $%s with %d open and %d damaged, want $%s", s.Day, s.Open, s.Damaged, most)
		}
		if _, err := f.Begin(sent(cent)); fault.KindOf(err) != fault.Budget {
			t.Errorf("the budget is spent, and a request is answered with %v", err)
		}
	}
}

func TestDayAndMonthEnd(t *testing.T) {
	now := time.Date(2026, 11, 29, 23, 59, 0, 0, time.UTC)
	f := open(t, ledger.Options{Dir: t.TempDir(), Now: func() time.Time { return now }})
	late := begin(t, f, sent(cent))
	f.End(begin(t, f, sent(cent)), settled(2*cent))
	now = now.Add(2 * time.Minute) // it is the 30th
	f.End(late, settled(4*cent))
	f.End(begin(t, f, sent(cent)), settled(cent))
	if s := f.Spend(); s.Day != cent || s.Month != 7*cent {
		t.Errorf("on the next day $%s, in the month $%s; want $0.01 and $0.07", s.Day, s.Month)
	}
	open30 := begin(t, f, sent(cent))
	now = now.Add(24 * time.Hour) // it is December
	if s := f.Spend(); s.Day != 0 || s.Month != 0 {
		t.Errorf("in the next month $%s and $%s, want nothing", s.Day, s.Month)
	}
	f.End(open30, settled(cent))
	f.End(begin(t, f, sent(cent)), settled(cent))
	if s := f.Spend(); s.Day != cent || s.Month != cent {
		t.Errorf("in the next month $%s and $%s, want $0.01", s.Day, s.Month)
	}
}

// What cannot be written down is not sent; what was sent is closed once that is possible.
func TestFolderThatFails(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ledger")
	f := open(t, ledger.Options{Dir: dir})
	id := begin(t, f, sent(5*cent))
	path := filepath.Join(dir, "2026-11-27.jsonl")
	f.Close() // so that the file is opened anew
	if err := os.Rename(path, path+".away"); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Begin(sent(cent)); fault.KindOf(err) != fault.Unrecorded {
		t.Errorf("begin: %v, want %s", err, fault.Unrecorded)
	}
	f.End(id, settled(3*cent))
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".away", path); err != nil {
		t.Fatal(err)
	}
	f.End(begin(t, f, sent(cent)), settled(cent))
	if s := f.Spend(); s.Day != 4*cent || s.Open != 0 {
		t.Errorf("spent $%s with %d open, want $0.04 and none", s.Day, s.Open)
	}
	if _, err := ledger.Open(ledger.Options{Dir: path}); fault.KindOf(err) != fault.Config {
		t.Errorf("a file for a folder: %v, want %s", err, fault.Config)
	}
}

func TestRead(t *testing.T) {
	dir := t.TempDir()
	f := open(t, ledger.Options{Dir: dir})
	f.End(begin(t, f, sent(cent)), settled(2*cent))
	data, err := os.Open(filepath.Join(dir, "2026-11-27.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer data.Close()
	var all []ledger.Entry
	if err := ledger.Read(data, func(e ledger.Entry) bool { all = append(all, e); return true }); err != nil {
		t.Fatal(err)
	}
	if len(all) != 2 || all[0].Sent == nil || all[1].Closed == nil || all[0].ID != all[1].ID || all[1].Closed.Cost != 2*cent {
		t.Errorf("read %+v", all)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("{\"id\":\"a\",\"sent\":{\"model\":\"m\",\"estimate_nano_usd\":5}}\n{\"id\":\"a\",\"closed\":{\"cost_nano_usd\":5}}\n")
	f.Add("\n\n{}\nnull\n[]")
	f.Fuzz(func(t *testing.T, text string) {
		dir := t.TempDir()
		os.WriteFile(filepath.Join(dir, "2026-11-27.jsonl"), []byte(text), 0o600)
		l := open(t, ledger.Options{Dir: dir})
		before := l.Spend().Day
		l.End(begin(t, l, sent(cent)), settled(cent))
		if got := l.Spend().Day; got != before+cent {
			t.Errorf("spent $%s and a cent more makes $%s", before, got)
		}
	})
}

func BenchmarkEntry(b *testing.B) {
	f, err := ledger.Open(ledger.Options{Dir: b.TempDir(), Budget: ledger.Budget{Day: 1 << 60}})
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	for b.Loop() {
		id, err := f.Begin(sent(cent))
		if err != nil {
			b.Fatal(err)
		}
		f.End(id, settled(cent))
	}
}
