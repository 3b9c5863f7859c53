package app

import (
	"flag"
	"log/slog"
	"os"
	"regexp"
	"testing"

	"github.com/docsift/docsift/internal/config"
	"github.com/docsift/docsift/internal/metrics"
)

var update = flag.Bool("update", false, "write the table of docs/metrics.md")

// docs/metrics.md lists every metric there is.
func TestMetricsAreDocumented(t *testing.T) {
	env := map[string]string{"DOCSIFT_DATA": t.TempDir(), "DOCSIFT_POLICY": "local", "DOCSIFT_CHILDREN": "0", "DOCSIFT_OCR": "off", "DOCSIFT_LEDGER": "off"}
	c, err := config.Load(func(name string) string { return env[name] }, config.DefaultFile)
	if err != nil {
		t.Fatal(err)
	}
	s, err := openService(c, slog.New(slog.DiscardHandler), "v1")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	const path = "../../docs/metrics.md"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	between := regexp.MustCompile(`(?s)(<!-- table -->\n).*?Beside them`)
	want := between.ReplaceAllString(string(text), "${1}\n"+metrics.Table(s.watch.metrics.Specs())+"\nBeside them")
	switch {
	case want == string(text):
	case *update:
		if err := os.WriteFile(path, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("%s does not tell of the metrics as they are: go test ./internal/app -run Documented -update", path)
	}
}
