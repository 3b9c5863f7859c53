package main

import (
	"github.com/spf13/cobra"

	"github.com/docsift/docsift/internal/app"
)

func (p process) workerCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "worker [flags]",
		Short: "Classify what servers have accepted",
		Long: `Do the work that waits in a server's database, without a door of its own: documents that were accepted
to be answered later, and events of webhooks. Any number of workers on any number of machines share
DATABASE_URL; those of one machine can share the folder DOCSIFT_DATA of its server instead. A server
works too, unless DOCSIFT_WORKERS is 0. With DOCSIFT_METRICS_ADDR it answers /metrics and /healthz. What a worker that dies had begun another does, within a minute.`,
		Example: `  DATABASE_URL=postgres://docsift@db/docsift docsift worker
  DOCSIFT_WORKERS=64 docsift worker --policy guide`,
		Args: argCount(func(n int) bool { return n == 0 }, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := p.config(cmd)
			if err != nil {
				return err
			}
			log := app.Logger(p.log, c)
			err = app.Work(cmd.Context(), c, log, version(), 0)
			log.Info("stopped")
			return err
		},
	}
	addChoiceFlags(cmd)
	return cmd
}
