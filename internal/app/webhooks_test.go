package app_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/app"
	"github.com/docsift/docsift/internal/config"
)

func TestOpenWebhooks(t *testing.T) {
	data := t.TempDir()
	d, err := app.OpenWebhooks(config.Config{Data: data, Webhooks: []string{"10.0.0.0/8"}}, nil, slog.New(slog.DiscardHandler), "test")
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Check("http://10.0.0.1/"); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(data, "secret.key")); err != nil {
		t.Error(err)
	}
	for _, c := range []config.Config{{Data: data, SecretKey: "short"}, {Data: data, Webhooks: []string{"10.0.0.0/99"}}} {
		if _, err := app.OpenWebhooks(c, nil, slog.New(slog.DiscardHandler), "test"); fault.KindOf(err) != fault.Config {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
