package app

import (
	"log/slog"
	"path/filepath"

	"github.com/docsift/docsift/internal/config"
	"github.com/docsift/docsift/internal/seal"
	"github.com/docsift/docsift/internal/store"
	"github.com/docsift/docsift/internal/webhook"
)

// OpenWebhooks returns who sends events about what is in a store. The key of secrets is made where
// there is none yet. Settings that do not fit are fault.Config.
func OpenWebhooks(c config.Config, s *store.Store, log *slog.Logger, version string) (*webhook.Deliverer, error) {
	key, err := seal.Open(c.SecretKey, filepath.Join(c.Data, "secret.key"))
	if err != nil {
		return nil, err
	}
	return webhook.New(webhook.Options{Store: s, Key: key, Log: log, Version: version, Allow: c.Webhooks})
}
