package main

import (
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/docsift/docsift/internal/app"
)

func (p process) serveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve [flags]",
		Short: "Serve the page and the HTTP API",
		Long: `Serve docsift's page for people at /, its API, and the routes of the original service for clients
written for it:

  POST /v1/classifications   multipart: file or upload, and taxonomy, industry or categories, policy, cache;
                             with 'Prefer: respond-async' it is kept and answered later
  GET  /v1/classifications   what came in and what became of it; also …/{id}, …/{id}/cancel, …/{id}/feedback
  POST /v1/batches           many documents at once; also …/{id}, …/{id}/results, /close, /cancel, /retry
  POST /v1/uploads           JSON: bytes, filename, sha256; says where to PUT the document
  POST /v1/decisions         OpenAI's format      POST /v1/systemone   System One's
  GET  /v1/taxonomies        GET /v1/providers    GET /v1/stats        GET /v1/cache
  GET  /v1/keys              GET /v1/audit        GET /v1/webhooks
  GET  /healthz              GET /readyz          GET /metrics         GET /docs (all of this)
  POST /classify_file        POST /classify_file_async
  GET  /industries           GET /categories/{industry}

Everything that it keeps is in the folder of DOCSIFT_DATA, or in the PostgreSQL database of DATABASE_URL.
It works through what it accepts, unless DOCSIFT_WORKERS is 0 and 'docsift worker' does.
Where others than this machine reach it, it asks for API keys: 'docsift keys create' makes them.`,
		Example: `  docsift serve --addr :8080 --policy guide
  curl -F file=@invoice.pdf -F taxonomy=finance http://127.0.0.1:8080/v1/classifications`,
		Args: argCount(func(n int) bool { return n == 0 }, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error { return p.serve(cmd) },
	}
	cmd.Flags().String("addr", "127.0.0.1:8080", "address to listen on (DOCSIFT_ADDR)")
	addChoiceFlags(cmd)
	return cmd
}

func (p process) serve(cmd *cobra.Command) error {
	c, err := p.config(cmd)
	if err != nil {
		return err
	}
	log := app.Logger(p.log, c)
	a, err := app.New(app.Options{Config: c, Log: log, Version: version(), Grace: 2 * time.Second})
	if err != nil {
		return err
	}
	err = errors.Join(a.Run(cmd.Context()), a.Close())
	log.Info("stopped")
	return err
}

// addChoiceFlags adds the flags that choose categories and models.
func addChoiceFlags(cmd *cobra.Command) {
	cmd.Flags().StringP("taxonomy", "t", "all", "categories to sort into: an id or a YAML file (DOCSIFT_TAXONOMY)")
	cmd.Flags().StringP("policy", "p", "default", "models to ask: default, guide, local or a YAML file (DOCSIFT_POLICY)")
	cmd.Flags().String("model", "", "what the local model has learned: a `file` of docsift train (DOCSIFT_MODEL) (default: built in)")
	cmd.RegisterFlagCompletionFunc("taxonomy", completeTaxonomy)
	cmd.RegisterFlagCompletionFunc("policy", completePolicy)
}
