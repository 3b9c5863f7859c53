package ocr

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// The module's own functions, by the names that its linker made short.
const (
	construct    = "U" // static objects
	allocate     = "xf"
	release      = "wf"
	setThrew     = "Af"
	stackRestore = "Bf"
	stackTop     = "Cf"

	newReader   = "Kc" // TessBaseAPI and its methods
	version     = "Lc"
	setVariable = "Tc"
	initialize  = "ad"
	setMode     = "gd"
	setImage    = "ld"
	recognize   = "Ed"
	getText     = "Id"
	forget      = "Rd"
)

const (
	wasmPage   = 64 << 10
	neuralOnly = 1       // the engine that the fast model is for
	maxText    = 1 << 20 // bytes of one page
)

// instance is one machine with the model loaded. It does one recognition at a time.
type instance struct {
	runtime wazero.Runtime
	module  api.Module
	host    *host
	reader  uint32 // the TessBaseAPI
	uses    int
	broken  bool // an error, whatever it was, leaves it so
}

// newInstance starts a machine and loads the model.
func newInstance(ctx context.Context, a Assets, c wazero.RuntimeConfig) (*instance, error) {
	in := &instance{
		runtime: wazero.NewRuntimeWithConfig(ctx, c),
		host:    &host{page: ctx, model: a.Model},
	}
	if err := in.start(ctx, a.Module); err != nil {
		in.close()
		return nil, err
	}
	return in, nil
}

func (in *instance) start(ctx context.Context, module []byte) error {
	compiled, err := in.runtime.CompileModule(ctx, module)
	if err != nil {
		return fmt.Errorf("compile: %w", err)
	}
	if err := in.host.define(ctx, in.runtime, compiled); err != nil {
		return fmt.Errorf("link: %w", err)
	}
	config := wazero.NewModuleConfig().WithName("").WithStartFunctions()
	if in.module, err = in.runtime.InstantiateModule(ctx, compiled, config); err != nil {
		return fmt.Errorf("start: %w", err)
	}
	return guard(func() {
		in.call(construct)
		in.reader = in.call(newReader)
		folder, language := in.text("/"), in.text("eng")
		if status := in.call(initialize, in.reader, folder, language, neuralOnly); status != 0 {
			panic(errors.New("the model cannot be loaded"))
		}
		in.call(release, folder)
		in.call(release, language)
	})
}

// read returns the letters of a picture.
func (in *instance) read(ctx context.Context, p picture, t threshold) (text string, err error) {
	in.host.page = ctx
	in.uses++
	err = guard(func() {
		in.set(thresholding, string(t))
		pix := in.bytes(p.pix)
		in.call(setMode, in.reader, wholePage)
		in.call(setImage, in.reader, pix, uint32(p.width), uint32(p.height), 1, uint32(p.width), upright, unturned)
		in.call(release, pix)
		if status := in.call(recognize, in.reader, 0); status == 0 { // else the picture is too small to hold letters
			place := in.call(getText, in.reader, 0)
			text = in.string(place)
			in.call(release, place)
		}
		in.call(forget, in.reader)
	})
	in.broken = in.broken || err != nil
	return text, err
}

// How a page lies: as the picture has it, turned by no angle, and with its parts in any order.
const (
	upright   = 1
	unturned  = 0
	wholePage = 3 // columns, tables and pictures are told apart
)

// call calls an exported function and returns its result, or anything when it has none.
func (in *instance) call(name string, args ...uint32) uint32 {
	f := in.module.ExportedFunction(name)
	if f == nil {
		panic(fmt.Errorf("the module has no %s", name))
	}
	stack := make([]uint64, max(1, len(args)))
	for i, a := range args {
		stack[i] = uint64(a)
	}
	must(f.CallWithStack(in.host.page, stack))
	return u32(stack[0])
}

// set gives a variable of tesseract its value.
func (in *instance) set(name, value string) {
	n, v := in.text(name), in.text(value)
	known := in.call(setVariable, in.reader, n, v)
	in.call(release, n)
	in.call(release, v)
	if known == 0 {
		panic(fmt.Errorf("the module has no variable %s", name))
	}
}

// bytes copies b into the module's memory, for the caller to release.
func (in *instance) bytes(b []byte) uint32 {
	place := in.call(allocate, uint32(len(b)))
	if place == 0 || !in.module.Memory().Write(place, b) {
		panic(errors.New("no memory for the page"))
	}
	return place
}

func (in *instance) text(s string) uint32 { return in.bytes([]byte(s + "\x00")) }

// string copies the string that starts at place, of maxText bytes at most.
func (in *instance) string(place uint32) string {
	if place == 0 {
		return ""
	}
	b, ok := in.module.Memory().Read(place, min(maxText, in.module.Memory().Size()-place))
	if !ok {
		panic(errAborted)
	}
	b, _, _ = bytes.Cut(b, []byte{0})
	return string(b)
}

// guard turns a panic of job into an error.
func guard(job func()) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case error:
			err = p
		default:
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	job()
	return nil
}

func (in *instance) close() { _ = in.runtime.Close(context.Background()) }
