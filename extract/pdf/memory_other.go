//go:build !linux

package pdf

import "context"

// mapped returns ctx: a worker's memory is Go's.
func mapped(ctx context.Context) context.Context { return ctx }
