package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/app"
	"github.com/docsift/docsift/internal/store"
)

func (p process) migrateCommand() *cobra.Command {
	var wait time.Duration
	cmd := &cobra.Command{
		Use:   "migrate [flags]",
		Short: "Bring the tables of the database up to date",
		Long: `Bring the tables of DATABASE_URL, or of the folder DOCSIFT_DATA, to the version that this docsift works with,
and say from which to which. Servers and workers do so themselves when they start; with this it is done, or
fails, before the first of them is replaced. There is no way back but to restore a backup.`,
		Args: argCount(func(n int) bool { return n == 0 }, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := p.config(cmd)
			if err != nil {
				return err
			}
			log := slog.New(slog.NewTextHandler(p.log, &slog.HandlerOptions{Level: c.LogLevel}))
			s, err := app.OpenStore(cmd.Context(), c, log)
			if err != nil {
				return err
			}
			defer s.Close()
			if err := await(cmd.Context(), s, wait); err != nil {
				return err
			}
			from, to := s.Migrated()
			if from == to {
				_, err = fmt.Fprintf(p.out, "%s: up to date at version %d\n", s.Engine(), to)
			} else {
				_, err = fmt.Fprintf(p.out, "%s: from version %d to %d\n", s.Engine(), from, to)
			}
			return err
		},
	}
	cmd.Flags().DurationVar(&wait, "wait", time.Minute, "how long to wait for a database that does not answer")
	return cmd
}

// await waits until a store's database answers with its tables up to date.
func await(ctx context.Context, s *store.Store, patience time.Duration) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fault.New(fault.Storage, nil, "the database did not answer within %v", patience))
	defer cancel()
	for s.Ping(ctx) != nil {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(200 * time.Millisecond):
		}
	}
	return nil
}
