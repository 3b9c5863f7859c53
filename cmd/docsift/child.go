package main

import (
	"github.com/spf13/cobra"

	"github.com/docsift/docsift/internal/app"
)

// childCommand is for docsift itself: a process that reads documents for another.
func (p process) childCommand() *cobra.Command {
	return &cobra.Command{
		Use:    app.ChildCommand,
		Hidden: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			return app.Child(cmd.Context(), args, p.in, p.out)
		},
	}
}
