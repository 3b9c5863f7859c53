//go:build !race

package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/docsift/docsift/internal/promtest"
)

// Every expression of the dashboard and of the rules has a value at a Prometheus that scrapes a server
// under load, or, of an alert, is at least one.
func TestDashboardAndRules(t *testing.T) {
	w := newWatched(t, map[string]string{
		"DOCSIFT_BUDGET_DAY": "25", "DOCSIFT_RATE_LIMIT": "off", "DOCSIFT_RATE_LIMIT_ASYNC": "1/m", "CIRCUIT_BREAKER_TIMEOUT": "2",
		"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1",
	})
	rules, err := filepath.Abs("../../deploy/prometheus/rules.yml")
	if err != nil {
		t.Fatal(err)
	}
	p := promtest.Start(t, []string{strings.TrimPrefix(w.url, "http://")}, rules)
	w.load()
	time.Sleep(2 * time.Second) // two scrapes
	w.load()
	w.judge()
	missing := dashboard(t)
	for end := time.Now().Add(60 * time.Second); len(missing) > 0 && time.Now().Before(end); time.Sleep(time.Second) {
		var left []string
		for _, expr := range missing {
			n, err := p.Query(expr)
			if err != nil {
				t.Fatal(err)
			}
			if n == 0 {
				left = append(left, expr)
			}
		}
		missing = left
	}
	for _, expr := range missing {
		t.Errorf("no value: %s", expr)
	}
	for name, expr := range expressions(t, rules) {
		n, err := p.Query(expr)
		if err != nil || n == 0 && strings.HasPrefix(name, "docsift:") {
			t.Errorf("%s: %d values, %v", name, n, err)
		}
	}
	if p.Exemplars("docsift_classification_duration_seconds_bucket") == 0 {
		t.Error("no exemplars")
	}
}

// load sends documents of all kinds, opens a breaker, and is refused once.
func (w *watched) load() {
	w.mixed()
	for range 5 {
		w.send("/v1/classifications", w.text(down))
	}
	for range 2 {
		w.send("/classify_file_async", w.text(plainly))
	}
}

// judge has a person say of many answers what is right.
func (w *watched) judge() {
	w.t.Helper()
	time.Sleep(3 * time.Second) // until breakers let requests through
	for i := range 60 {
		_, v := w.send("/v1/classifications", w.text(plainly))
		category := "invoice"
		if i%10 == 0 {
			category = "receipt"
		}
		body, _ := json.Marshal(map[string]string{"category": category, "by": "ann"})
		resp, err := http.Post(fmt.Sprintf("%s/v1/classifications/%v/feedback", w.url, v["id"]), "application/json", bytes.NewReader(body))
		if err != nil {
			w.t.Fatal(err)
		}
		if said, _ := io.ReadAll(resp.Body); resp.StatusCode >= 300 {
			w.t.Fatalf("feedback: %d %s", resp.StatusCode, said)
		}
		resp.Body.Close()
	}
}

// dashboard returns the expressions of the dashboard, as Grafana would send them.
func dashboard(t *testing.T) (all []string) {
	t.Helper()
	data, err := os.ReadFile("../../deploy/grafana/dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	var d struct {
		Panels []struct{ Targets []struct{ Expr string } }
	}
	if err := json.Unmarshal(data, &d); err != nil {
		t.Fatal(err)
	}
	fill := strings.NewReplacer("$instance", ".*", "$__rate_interval", "1m")
	for _, p := range d.Panels {
		for _, target := range p.Targets {
			all = append(all, fill.Replace(target.Expr))
		}
	}
	if len(all) < 40 {
		t.Fatalf("%d expressions", len(all))
	}
	return all
}

// expressions returns those of the rules by their names.
func expressions(t *testing.T, path string) map[string]string {
	t.Helper()
	data, err := os.ReadFile(path)
	var rules struct {
		Groups []struct {
			Rules []struct{ Alert, Record, Expr string }
		}
	}
	if err == nil {
		err = yaml.Unmarshal(data, &rules)
	}
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string]string)
	for _, g := range rules.Groups {
		for _, r := range g.Rules {
			all[r.Alert+r.Record] = r.Expr
		}
	}
	return all
}
