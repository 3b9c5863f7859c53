package app

import "github.com/docsift/docsift/internal/metrics"

// room is what there is on a disk, in bytes. The zero value is not known.
type room struct{ free, size float64 }

// roomOf returns the room of the disk that a folder is on; nothing where there is no folder.
func roomOf(dir string) room {
	free, total := FreeSpace(dir)
	return room{float64(free), float64(total)}
}

func (d room) left() float64  { return d.free }
func (d room) whole() float64 { return d.size }

func (d room) tell(emit metrics.Emit, of func(room) float64) {
	if d.size > 0 {
		emit(of(d))
	}
}
