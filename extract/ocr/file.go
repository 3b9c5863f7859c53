package ocr

import (
	"io"

	"github.com/tetratelabs/wazero/api"
)

// The model is the one file that the module can open, under any name and once at a time.
const modelHandle = 3

// errno of WASI.
const (
	badHandle  = 8
	noEntry    = 44
	noSuchCall = 52
)

// maxPieces bounds the pieces of one read or write.
const maxPieces = 1024

// openFile (folder, name, flags, mode).
func openFile(h *host, _ api.Module, stack []uint64) {
	h.at = 0
	stack[0] = modelHandle
}

// readFile (handle, pieces, how many, where the sum goes).
func readFile(h *host, m api.Module, stack []uint64) {
	if u32(stack[0]) != modelHandle {
		stack[0] = badHandle
		return
	}
	sum := 0
	eachPiece(m, stack, func(start, size uint32) {
		if h.at < int64(len(h.model)) {
			n := min(int64(size), int64(len(h.model))-h.at)
			if !m.Memory().Write(start, h.model[h.at:h.at+n]) {
				panic(errAborted)
			}
			h.at += n
			sum += int(n)
		}
	})
	m.Memory().WriteUint32Le(u32(stack[3]), uint32(sum))
	stack[0] = 0
}

// writeFile (handle, pieces, how many, where the sum goes) drops what is printed.
func writeFile(_ *host, m api.Module, stack []uint64) {
	sum := uint32(0)
	eachPiece(m, stack, func(_, size uint32) { sum += size })
	m.Memory().WriteUint32Le(u32(stack[3]), sum)
	stack[0] = 0
}

// eachPiece calls f for each piece of memory that a read or write names.
func eachPiece(m api.Module, stack []uint64, f func(start, size uint32)) {
	at := u32(stack[1])
	for range min(u32(stack[2]), maxPieces) {
		start, _ := m.Memory().ReadUint32Le(at)
		size, _ := m.Memory().ReadUint32Le(at + 4)
		f(start, size)
		at += 8
	}
}

// seekFile (handle, offset, from where, where the new place goes).
func seekFile(h *host, m api.Module, stack []uint64) {
	if u32(stack[0]) != modelHandle {
		stack[0] = badHandle
		return
	}
	to := int64(stack[1])
	switch u32(stack[2]) {
	case io.SeekCurrent:
		to += h.at
	case io.SeekEnd:
		to += int64(len(h.model))
	}
	h.at = min(max(to, 0), int64(len(h.model)))
	m.Memory().WriteUint64Le(u32(stack[3]), uint64(h.at))
	stack[0] = 0
}
