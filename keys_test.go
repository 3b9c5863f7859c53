package docsift_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/sim"
)

// One policy of one hosted model on text.
const lone = `
name: lone
version: "1"
confidence: 0.8
stages:
  - name: text
    views: [text]
    models: [{model: openai/gpt-6-luna}]
`

// policies reads one policy.
func policies(t *testing.T, text string) []cascade.Policy {
	t.Helper()
	p, err := cascade.ParsePolicy("test.yaml", []byte(text), func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	return []cascade.Policy{p}
}

func TestSeveralKeys(t *testing.T) {
	const good = "sk-canary-key-ten"
	s, env := providers(t, sim.Options{Script: sim.Script{Steps: []sim.Step{
		{Match: sim.Match{Key: good}, Effect: sim.Effect{Label: "invoice", Confidence: "0.95"}},
		{Effect: sim.Effect{Fault: "invalid_api_key"}},
	}}})
	env["OPENAI_API_KEY"] = "sk-1, sk-2,sk-3,sk-4,sk-5,sk-6,sk-7,sk-8,sk-9," + good
	var log bytes.Buffer
	ledger, err := docsift.OpenLedger(docsift.LedgerOptions{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer ledger.Close()
	c := open(t, env, docsift.Options{
		Policy: "lone", Policies: policies(t, lone), Taxonomy: "finance", Ledger: ledger,
		Log: slog.New(slog.NewTextHandler(&log, nil)),
	})
	for range 50 {
		res, err := c.Classify(t.Context(), read(t, vague), docsift.Request{})
		if err != nil || res.Classification != "invoice" || res.Attempts[len(res.Attempts)-1].Key != "OPENAI_API_KEY[10]" {
			t.Fatalf("%q by %+v, %v", res.Classification, res.Attempts, err)
		}
	}
	if n := len(s.Requests()); n != 59 {
		t.Errorf("%d requests, want each revoked key tried once and then left alone", n)
	}
	if n := strings.Count(log.String(), "alert=key_refused"); n != 9 || strings.Contains(log.String(), "sk-") {
		t.Errorf("%d alerts, want one for each revoked key and no key in them: %s", n, log.String())
	}
	if sent := ledger.Spend(); sent.Sent != 59 || sent.Open != 0 || sent.Keys["OPENAI_API_KEY[1]"] != 0 || sent.Keys["OPENAI_API_KEY[10]"] == 0 {
		t.Errorf("ledger %+v", sent)
	}
}

func TestKeysThatAreNone(t *testing.T) {
	for value, says := range map[string]string{
		"sk-a sk-b":   "there is a space",
		"sk-a,,sk-b":  "key 2 is empty",
		"sk-a,sk-a":   "key 2 stands in it twice",
		"sk-a,\nsk-b": "",
	} {
		_, env := providers(t, sim.Options{})
		env["OPENAI_API_KEY"] = value
		o := docsift.Options{Policy: "lone", Policies: policies(t, lone), Getenv: func(name string) string { return env[name] }}
		_, err := docsift.New(o)
		if says == "" && err != nil || says != "" && (fault.KindOf(err) != fault.Config || !strings.Contains(err.Error(), says)) {
			t.Errorf("%q: %v, want …%s…", value, err, says)
		}
		if err != nil && strings.Contains(err.Error(), "sk-") {
			t.Errorf("%q: the error has a key in it: %v", value, err)
		}
	}
}

func TestBudgetHolds(t *testing.T) {
	s, env := providers(t, sim.Options{Script: sim.Script{Steps: []sim.Step{{Effect: sim.Effect{Label: "invoice", Confidence: "0.95"}}}}})
	const day = 500_000 // nano-dollars
	ledger, err := docsift.OpenLedger(docsift.LedgerOptions{Budget: docsift.Budget{Day: day}})
	if err != nil {
		t.Fatal(err)
	}
	c := open(t, env, docsift.Options{Policy: "lone", Policies: policies(t, lone), Taxonomy: "finance", Ledger: ledger})
	var refused error
	for range 50 {
		if _, err := c.Classify(t.Context(), read(t, vague), docsift.Request{}); err != nil {
			refused = err
		}
	}
	if sum := ledger.Spend().Day; sum > day || sum < day/2 {
		t.Errorf("spent $%s of $0.0005", sum)
	}
	if n := len(s.Requests()); n == 0 || n == 50 || !strings.Contains(fault.Message(refused), "budget_exhausted: the budget of $0.0005 for a day does not allow it") {
		t.Errorf("%d requests of 50, then %v", n, refused)
	}
}
