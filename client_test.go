package docsift_test

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/sim"
	"github.com/docsift/docsift/model"
)

// The account says for whom each request was sent, and what an API key may spend holds for it alone.
func TestClient(t *testing.T) {
	_, env := providers(t, sim.Options{Script: sim.Script{Steps: []sim.Step{{Effect: sim.Effect{Label: "invoice", Confidence: "0.95"}}}}})
	dir := t.TempDir()
	account, err := docsift.OpenLedger(docsift.LedgerOptions{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer account.Close()
	c := open(t, env, docsift.Options{Policy: "lone", Policies: policies(t, lone), Taxonomy: "finance", Ledger: account})
	ann, bob := model.Client{Tenant: "mill", Key: "ann", Day: 1}, model.Client{Tenant: "mill", Key: "bob"}
	res, err := c.Classify(t.Context(), read(t, vague), docsift.Request{Client: ann})
	if fault.KindOf(err) != fault.NoModel || res.Attempts[0].Error.Code != fault.Budget {
		t.Errorf("beyond the API key's budget: %v, %+v", err, res.Attempts)
	}
	if _, err := c.Classify(t.Context(), read(t, vague), docsift.Request{Client: bob}); err != nil {
		t.Errorf("another API key: %v", err)
	}
	choices := []docsift.Choice{{Label: "invoice"}, {Label: "letter"}}
	if _, err := c.Decide(t.Context(), docsift.Material{Text: vague, Client: bob}, []docsift.Question{{Choices: choices}}, ""); err != nil {
		t.Error(err)
	}
	days, _ := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	if len(days) != 1 {
		t.Fatalf("files %v", days)
	}
	file, err := os.Open(days[0])
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	sent := 0
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if strings.Contains(lines.Text(), `"tenant":"mill","client":"bob"`) {
			sent++
		}
	}
	if sent != 2 {
		t.Errorf("%d requests are written down for bob, want 2", sent)
	}
}
