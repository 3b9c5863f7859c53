package ocr

import (
	"context"
	"errors"
	"fmt"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental/table"
)

// host is what the module may ask of its surroundings: memory, one file that holds the
// model, and whether to go on. There is no other file, no clock and no network. A host serves
// one instance and is not safe for concurrent use.
type host struct {
	page  context.Context // of the recognition under way
	model []byte
	at    int64 // how far the model is read
}

// call is one import of the module: the arguments come on the stack, and the result goes to
// its bottom.
type call func(h *host, m api.Module, stack []uint64)

// What ends a call of the module from inside it.
var (
	errThrown  = errors.New("the reader of letters threw an exception")
	errAborted = errors.New("the reader of letters gave up")
	errJump    = errors.New("longjmp") // to an invoke further up
)

// imports returns what the module imports, by the names that its linker made short.
func imports() map[string]call {
	out := map[string]call{
		"t": fail(errJump),
		"s": progress,
		"u": growMemory,
		"n": openFile,
		"I": answer(-noEntry), // newfstatat
		"o": readFile,
		"E": seekFile,
		"l": writeFile,
		"G": environmentSize,
	}
	// exit, abort, assertions, exceptions, and what the build leaves out.
	for _, name := range []string{"a", "N", "P", "R", "S", "J", "y"} {
		out[name] = fail(errAborted)
	}
	out["k"] = fail(errThrown)
	// fd_close, fcntl, environ_get, the mapping of one clock, and all clocks, which stand still.
	for _, name := range []string{"m", "p", "F", "L", "M", "A", "B", "C", "D", "Q"} {
		out[name] = answer(0)
	}
	// ioctl, fstat, getcwd, rmdir, unlinkat, mmap, munmap.
	for _, name := range []string{"O", "K", "H", "v", "w", "x", "z"} {
		out[name] = answer(-noSuchCall)
	}
	for _, name := range []string{"b", "c", "d", "e", "f", "g", "h", "i", "j", "q", "r"} {
		out[name] = nil // invoke, which needs to know its own type
	}
	return out
}

// define gives the module its imports. It fails for one that asks for others than the build
// which this file describes.
func (h *host) define(ctx context.Context, r wazero.Runtime, compiled wazero.CompiledModule) error {
	known := imports()
	b := r.NewHostModuleBuilder("a")
	for _, f := range compiled.ImportedFunctions() {
		from, name, _ := f.Import()
		do, ok := known[name]
		if !ok || from != "a" {
			return fmt.Errorf("unknown import %s.%s", from, name)
		}
		if do == nil {
			do = invoke(f.ParamTypes()[1:], f.ResultTypes())
		}
		b = b.NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(func(_ context.Context, m api.Module, stack []uint64) {
			do(h, m, stack)
		}), f.ParamTypes(), f.ResultTypes()).Export(name)
	}
	_, err := b.Instantiate(ctx)
	return err
}

// fail ends the call under way.
func fail(err error) call {
	return func(*host, api.Module, []uint64) { panic(err) }
}

func answer(n int32) call {
	return func(_ *host, _ api.Module, stack []uint64) {
		if len(stack) > 0 {
			stack[0] = api.EncodeI32(n)
		}
	}
}

// progress is called after every word. It is where a recognition ends that nobody waits for.
func progress(h *host, _ api.Module, stack []uint64) {
	if err := h.page.Err(); err != nil {
		panic(err)
	}
	stack[0] = 0
}

// invoke calls the function of the table that its first argument names. A longjmp inside
// ends here: the stack is put back, and the module finds out by a flag of its own.
func invoke(params, results []api.ValueType) call {
	return func(h *host, m api.Module, stack []uint64) {
		top := make([]uint64, 1)
		must(m.ExportedFunction(stackTop).CallWithStack(h.page, top))
		inner := make([]uint64, max(len(params), len(results)))
		copy(inner, stack[1:])
		err := table.LookupFunction(m, 0, u32(stack[0]), params, results).CallWithStack(h.page, inner)
		if errors.Is(err, errJump) {
			must(m.ExportedFunction(stackRestore).CallWithStack(h.page, top))
			must(m.ExportedFunction(setThrew).CallWithStack(h.page, []uint64{1, 0}))
			return
		}
		must(err)
		copy(stack, inner[:len(results)])
	}
}

// must passes an error on through the module, to the guard that waits above it.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// growMemory (bytes) grows by a fifth at least, so that it happens seldom.
func growMemory(_ *host, m api.Module, stack []uint64) {
	have, want := uint64(m.Memory().Size()), uint64(u32(stack[0]))
	stack[0] = 0
	if want <= have {
		return
	}
	for _, size := range []uint64{max(want, have+have/5), want} {
		if _, ok := m.Memory().Grow(uint32((size - have + wasmPage - 1) / wasmPage)); ok {
			stack[0] = 1
			return
		}
	}
}

// environmentSize (where the count goes, where the bytes go): there is no environment.
func environmentSize(_ *host, m api.Module, stack []uint64) {
	m.Memory().WriteUint32Le(u32(stack[0]), 0)
	m.Memory().WriteUint32Le(u32(stack[1]), 0)
	stack[0] = 0
}

func u32(v uint64) uint32 { return api.DecodeU32(v) }
