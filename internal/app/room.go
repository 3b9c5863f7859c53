package app

import "github.com/docsift/docsift/internal/metrics"

// room is what there is on a disk, in bytes. The zero value is not known.
type room struct{ free, size float64 }

func (d room) left() float64  { return d.free }
func (d room) whole() float64 { return d.size }

func (d room) tell(emit metrics.Emit, of func(room) float64) {
	if d.size > 0 {
		emit(of(d))
	}
}
