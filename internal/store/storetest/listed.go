package storetest

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/store"
)

// ListedDays is over how many days the classifications of a list are spread.
const ListedDays = 60

// Listed is a store with many classifications, most of the tenant "big".
type Listed struct {
	Store *store.Store
	DB    *sql.DB

	// Cool opens the store anew, with nothing of it in the memory of the database and of the machine.
	Cool func() *store.Store

	batch, digest string // of one classification
}

// Fill adds n classifications of the last days, as they are once they are answered: of three tenants, in
// 20 categories and one that is rare, 1 % failed and 1 % for review.
func (l *Listed) Fill(t *testing.T, n int) {
	t.Helper()
	const at = 20 // rows in a statement
	random := rand.New(rand.NewPCG(1, 2))
	start := time.Now().AddDate(0, 0, -ListedDays+1)
	step := time.Since(start) / time.Duration(n)
	for i := 0; i < n; {
		tx, err := l.DB.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		insert, err := tx.PrepareContext(t.Context(), insertListed(at))
		if err != nil {
			t.Fatal(err)
		}
		for end := min(n, i+100_000); i < end; {
			var args []any
			for range at {
				args = append(args, l.row(t, random, i, n, start.Add(time.Duration(i)*step))...)
				i++
			}
			if _, err := insert.ExecContext(t.Context(), args...); err != nil {
				t.Fatal(err)
			}
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
	}
}

// insertListed returns the statement that inserts some rows.
func insertListed(rows int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "INSERT INTO classifications (%s) VALUES ", strings.Join(listedColumns, ", "))
	for i := range rows * len(listedColumns) {
		switch {
		case i == 0:
			b.WriteString("(")
		case i%len(listedColumns) == 0:
			b.WriteString("), (")
		default:
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "$%d", i+1)
	}
	return b.String() + ")"
}

var listedColumns = strings.Split("day id tenant state source batch created_at started_at finished_at sha256 filename mime bytes request "+
	"category confidence provider model taxonomy policy review error upgraded backup degraded cached "+
	"cost_nano cost_known guide_nano saved_nano duration_us result", " ")

var (
	listedCategories = strings.Fields("invoice receipt bank_statement contract payslip tax_form letter resume report passport id_card utility_bill " +
		"purchase_order delivery_note insurance_claim medical_record loan_document policy_document form court_filing")
	listedPeople = strings.Fields("mueller schmidt rossi garcia novak jensen dubois kowalski silva ivanova okafor tanaka nguyen haddad brown olsen")
)

// row returns the columns of the classification number i of n.
func (l *Listed) row(t *testing.T, random *rand.Rand, i, n int, at time.Time) []any {
	id := idAt(random, at)
	r := Finished([]string{"big", "big", "big", "big", "big", "big", "big", "big", "middle", "small"}[random.IntN(10)], at, nil)
	r.ID, r.Source, r.Result.ID = id, store.Async, id
	category, person := listedCategories[random.IntN(len(listedCategories))], listedPeople[random.IntN(len(listedPeople))]
	name := fmt.Sprintf("%s_%s_%s_%05d.pdf", category, person, at.Format("2006-01-02"), random.IntN(100_000))
	if random.IntN(3) == 0 {
		name = fmt.Sprintf("Scan %s %07d.pdf", at.Format("20060102-150405"), i)
	}
	r.Document.Filename, r.Document.SHA256 = name, fmt.Sprintf("%064x", random.Uint64())
	r.Result.Classification, r.Result.ProviderUsed = category, []string{"local", "openai", "google"}[random.IntN(3)]
	rare := i%(n/10) == n/20 // one in 100,000 of a million
	switch {
	case rare:
		r.Tenant, r.Source, r.Batch = "big", store.Batch, idAt(random, at.Add(-time.Second))
		r.Document.Filename = fmt.Sprintf("Zeugnis Äpfelbaum %d.pdf", i)
		r.Result.Classification, r.Result.ProviderUsed = "school_report", "anthropic"
		l.batch, l.digest = r.Batch, r.Document.SHA256
	case random.IntN(100) == 0:
		kind := fault.Corrupt
		if random.IntN(1000) == 0 {
			kind = fault.TooLarge
		}
		r.State, r.Result = store.Failed, new(r.Failure(kind, "it is broken"))
	case random.IntN(100) == 0:
		r.Result.Review = cascade.Review{Needed: true, Reason: cascade.LowConfidence}
	}
	r.Result.Document = r.Document
	return listedValues(t, r)
}

func listedValues(t *testing.T, r store.Record) []any {
	request, err := json.Marshal(r.Request)
	if err != nil {
		t.Fatal(err)
	}
	a := r.Result
	a.Document.Metadata = map[string]string{"producer": strings.Repeat("x", 300)}
	result, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	problem, us := "", r.Created.UnixMicro()
	if a.Error != nil {
		problem = string(a.Error.Code)
	}
	return []any{
		us / 86_400_000_000, r.ID, r.Tenant, string(r.State), string(r.Source), r.Batch, us, us, us + 400_000, r.Document.SHA256, r.Document.Filename, "application/pdf", 48213, string(request),
		a.Classification, a.Confidence, a.ProviderUsed, "gpt-6-luna", "finance", "default", string(a.Review.Reason), problem, false, false, false, false,
		52_000, true, 4_000_000, 0, 380_000, string(result),
	}
}

// idAt returns an id that was made at a moment.
func idAt(random *rand.Rand, at time.Time) string {
	var u uuid.UUID
	ms := at.UnixMilli()
	for i := range u {
		u[i] = byte(random.Uint32())
	}
	for i := range 6 {
		u[i] = byte(ms >> (40 - 8*i))
	}
	u[6], u[8] = u[6]&0x0f|0x70, u[8]&0x3f|0x80
	return u.String()
}

// wanted is a way to look at a list.
type wanted struct {
	name string
	f    store.Filter
}

func (l *Listed) ways() []wanted {
	now := time.Now()
	middle := now.AddDate(0, 0, -ListedDays/2)
	return []wanted{
		{"the latest", store.Filter{}},
		{"a page in the middle", store.Filter{Before: idAt(rand.New(rand.NewPCG(1, 1)), middle)}},
		{"the oldest first", store.Filter{Ascending: true}},
		{"500, as for CSV", store.Filter{Limit: 500}},
		{"a week", store.Filter{Since: middle, Until: middle.AddDate(0, 0, 7)}},
		{"a category", store.Filter{Category: "invoice"}},
		{"a rare category", store.Filter{Category: "school_report"}},
		{"a rare category of a month", store.Filter{Category: "school_report", Since: middle}},
		{"a category that there is not", store.Filter{Category: "nothing"}},
		{"all errors", store.Filter{Error: store.Any}},
		{"a rare error", store.Filter{Error: fault.TooLarge}},
		{"an error that there is not", store.Filter{Error: fault.Storage}},
		{"a rare provider", store.Filter{Provider: "anthropic"}},
		{"a provider that there is not", store.Filter{Provider: "nobody"}},
		{"a batch", store.Filter{Batch: l.batch}},
		{"a batch, ascending", store.Filter{Batch: l.batch, Ascending: true}},
		{"a rare source", store.Filter{Source: store.Batch}},
		{"a source that there is not", store.Filter{Source: store.Sync}},
		{"what failed", store.Filter{State: store.Failed}},
		{"what was canceled", store.Filter{State: store.Canceled}},
		{"what waits", store.Filter{State: store.Queued}},
		{"what runs", store.Filter{State: store.Running}},
		{"a category that failed", store.Filter{Category: "invoice", State: store.Failed}},
		{"a category by a rare provider", store.Filter{Category: "invoice", Provider: "anthropic"}},
		{"for review", store.Filter{Review: store.Any}},
		{"for review, unseen", store.Filter{Review: store.Any, Unreviewed: true}},
		{"for review, a rare reason", store.Filter{Review: cascade.Disagreement}},
		{"for review in a category", store.Filter{Review: store.Any, Category: "invoice"}},
		{"a digest", store.Filter{SHA256: l.digest}},
		{"a common name", store.Filter{Name: "invoice"}},
		{"a name", store.Filter{Name: "schmidt_2026"}},
		{"a rare name", store.Filter{Name: "äpfelbaum"}},
		{"a name that there is not", store.Filter{Name: "no such name"}},
		{"a rare name of a week", store.Filter{Name: "äpfelbaum", Since: middle, Until: middle.AddDate(0, 0, 7)}},
		{"a rare name of a category", store.Filter{Name: "äpfelbaum", Category: "invoice"}},
	}
}

// Measure tells of each way to look at a list how long its first page takes, the first time after everything
// in memory was let go of, and then; and where that did not reach the end, how many pages do and how long they take.
func (l *Listed) Measure(t *testing.T) {
	t.Logf("%-32s %5s %9s %9s %9s %9s   %s", "ms to a page", "rows", "cold", "best", "p50", "p99", "all of it")
	for _, way := range l.ways() {
		if way.f.Limit == 0 {
			way.f.Limit = 50
		}
		l.Store = l.Cool()
		cold := l.page(t, "big", &store.Page{}, way.f)
		var took []time.Duration
		var p store.Page
		for begun := time.Now(); len(took) < 40 && time.Since(begun) < 10*time.Second; {
			took = append(took, l.page(t, "big", &p, way.f))
		}
		slices.Sort(took)
		n := len(took)
		t.Logf("%-32s %5d %9.1f %9.1f %9.1f %9.1f   %s", way.name, len(p.Records), ms(cold), ms(took[0]), ms(took[n/2]), ms(took[n-1]), l.whole(t, p, way.f))
	}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func (l *Listed) page(t *testing.T, tenant string, p *store.Page, f store.Filter) time.Duration {
	t.Helper()
	start := time.Now()
	var err error
	if *p, err = l.Store.Search(t.Context(), tenant, f); err != nil {
		t.Error(err)
	}
	return time.Since(start)
}

// whole goes on until there is as much as was wanted.
func (l *Listed) whole(t *testing.T, p store.Page, f store.Filter) string {
	t.Helper()
	if p.Back.IsZero() {
		return ""
	}
	back := time.Since(p.Back).Hours() / 24
	var took time.Duration
	rows, pages := len(p.Records), 1
	for ; !p.Back.IsZero() && rows < f.Limit; pages++ {
		f.Before = p.Next
		took += l.page(t, "big", &p, f)
		rows += len(p.Records)
	}
	return fmt.Sprintf("%.0f days back, then %d rows on %d pages in %.0f ms", back, rows, pages, ms(took))
}
