package pdf

import (
	"context"

	"github.com/tetratelabs/wazero/experimental"
	"golang.org/x/sys/unix"
)

// mapped returns a context under which a worker's memory is mapped for it alone. It grows where it
// lies: a copy would take twice the memory, and more than the process is allowed, since a limit
// on data does not hold back Go's own allocator. What cannot be had is PDFium's to deal with.
func mapped(ctx context.Context) context.Context {
	return experimental.WithMemoryAllocator(ctx, experimental.MemoryAllocatorFunc(func(_, most uint64) experimental.LinearMemory {
		b, err := unix.Mmap(-1, 0, int(most), unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANON)
		if err != nil {
			b = nil
		}
		return &mapping{all: b}
	}))
}

// mapping is addresses of which the first used bytes are memory.
type mapping struct {
	all  []byte
	used uint64
}

// Reallocate returns the first size bytes, or nil where there is no memory for them.
func (m *mapping) Reallocate(size uint64) []byte {
	if size > uint64(len(m.all)) {
		return nil
	}
	if size > m.used {
		if err := unix.Mprotect(m.all[m.used:size], unix.PROT_READ|unix.PROT_WRITE); err != nil {
			return nil
		}
		m.used = size
	}
	return m.all[:size:size]
}

// Free gives everything back. Nothing of it may be looked at afterwards.
func (m *mapping) Free() {
	if m.all != nil {
		_ = unix.Munmap(m.all) // there is nothing to do about an error
		m.all = nil
	}
}
