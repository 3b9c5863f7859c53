package bulk_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/bulk"
)

var settings = bulk.Settings{"policy": "default 2", "taxonomy": "all 1"}

func options(path string) bulk.Options {
	return bulk.Options{Path: path, Settings: settings, Version: "test"}
}

func open(t *testing.T, o bulk.Options) *bulk.Output {
	t.Helper()
	out, err := bulk.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { out.Close() })
	return out
}

func close(t *testing.T, out *bulk.Output) {
	t.Helper()
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}

// answer writes a file and returns an answer about it that cost a cent.
func answer(t *testing.T, dir, name string) bulk.Line {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte("text of "+name), 0o600); err != nil {
		t.Fatal(err)
	}
	return line(t, path, nil)
}

func line(t *testing.T, path string, err error) bulk.Line {
	t.Helper()
	info, statErr := os.Stat(path)
	if statErr != nil {
		t.Fatal(statErr)
	}
	l := bulk.Line{Result: docsift.NewFailure(path, err), File: bulk.NewFile(path, info.Size(), info.ModTime())}
	if err == nil {
		l.Status, l.Classification, l.Review = docsift.Completed, "invoice", cascade.Review{}
	}
	l.Document.SHA256 = fmt.Sprintf("%064x", len(path)+1000*len(filepath.Base(path)))
	l.Cost = cascade.Cost{NanoUSD: 1e7, Known: true}
	return l
}

func put(t *testing.T, out *bulk.Output, all ...bulk.Line) {
	t.Helper()
	for _, l := range all {
		if err := out.Put(l); err != nil {
			t.Fatal(err)
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// formats runs a test for each kind of output.
func formats(t *testing.T, test func(t *testing.T, dir, path string)) {
	for _, ext := range []string{".jsonl", ".csv"} {
		t.Run(ext, func(t *testing.T) {
			dir := t.TempDir()
			test(t, dir, filepath.Join(dir, "out"+ext))
		})
	}
}

func TestARunGoesOnWhereItStopped(t *testing.T) {
	formats(t, func(t *testing.T, dir, path string) {
		names := []string{"a", "-b\"c", "=d,e", "f\ng", "\xff\xfe.pdf", "h\r\ni"}
		var all []bulk.Line
		out := open(t, options(path))
		for _, name := range names {
			all = append(all, answer(t, dir, name))
		}
		t.Chdir(dir) // names that begin with a sign are told as they are
		for i, name := range names {
			all[i] = line(t, name, nil)
		}
		put(t, out, all...)
		close(t, out)

		out = open(t, options(path))
		for _, l := range all {
			if !out.Answered(l.File) {
				t.Errorf("%q is asked again", l.File.Name())
			}
		}
		totals := out.Totals()
		if totals.Done != len(names) || totals.Cost.NanoUSD != int64(len(names))*1e7 || !totals.Cost.Known {
			t.Errorf("totals %+v", totals)
		}
		other := all[0].File
		other.Bytes++
		if out.Answered(other) {
			t.Error("a file of another size is not asked about")
		}
	})
}

// Whatever length of the output had reached the disk, the run goes on with whole lines.
func TestEveryCutIsMended(t *testing.T) {
	formats(t, func(t *testing.T, dir, path string) {
		out := open(t, options(path))
		all := []bulk.Line{answer(t, dir, "a"), answer(t, dir, "b\nc\"d"), answer(t, dir, "e")}
		put(t, out, all[:2]...)
		two := len(read(t, path))
		put(t, out, all[2])
		close(t, out)
		whole := read(t, path)
		for cut := two; cut < len(whole); cut += 7 {
			if err := os.WriteFile(path, []byte(whole[:cut]), 0o600); err != nil {
				t.Fatal(err)
			}
			out := open(t, options(path))
			if !out.Answered(all[1].File) || out.Answered(all[2].File) {
				t.Fatalf("cut at %d of %d: two lines were whole", cut, len(whole))
			}
			put(t, out, all[2])
			close(t, out)
			if got := read(t, path); got != whole {
				t.Fatalf("cut at %d: %q, want %q", cut, got, whole)
			}
		}
	})
}

func TestAnOutputIsRefused(t *testing.T) {
	formats(t, func(t *testing.T, dir, path string) {
		begun := func(t *testing.T) {
			t.Helper()
			out := open(t, bulk.Options{Path: path, Settings: settings, Restart: true})
			put(t, out, answer(t, dir, "a"), answer(t, dir, "b"), answer(t, dir, "c"))
			close(t, out)
		}
		for _, tt := range []struct {
			name   string
			change func(o *bulk.Options)
			kind   fault.Kind
			says   string
		}{
			{"for other settings", func(o *bulk.Options) { o.Settings = bulk.Settings{"policy": "guide 1", "taxonomy": "all 1"} }, bulk.Mixed, "policy was default 2 and is guide 1 now"},
			{"for a setting that is new", func(o *bulk.Options) {
				o.Settings = bulk.Settings{"policy": "default 2", "taxonomy": "all 1", "server": "x"}
			}, bulk.Mixed, "server was none and is x now"},
			{"without its note", func(*bulk.Options) { os.Remove(bulk.NotePath(path)) }, bulk.Foreign, "--restart"},
			{"with a broken note", func(*bulk.Options) { os.WriteFile(bulk.NotePath(path), []byte("{"), 0o600) }, bulk.Damaged, "--restart"},
			{"with a line in its midst that is none", func(*bulk.Options) {
				b, _ := os.ReadFile(path)
				at := bytes.IndexByte(b, '\n') + 1
				os.WriteFile(path, append(append(bytes.Clone(b[:at]), "what is this?\n"...), b[at:]...), 0o600)
			}, bulk.Damaged, "line 2 "},
		} {
			t.Run(tt.name, func(t *testing.T) {
				begun(t)
				o := options(path)
				tt.change(&o)
				was := read(t, path)
				if _, err := bulk.Open(o); fault.KindOf(err) != tt.kind || !strings.Contains(fault.Message(err), tt.says) {
					t.Errorf("%v, want %q and %s", err, tt.says, tt.kind)
				}
				if read(t, path) != was {
					t.Error("it was changed")
				}
				o.Restart = true
				if out := open(t, o); out.Totals().Done != 0 {
					t.Error("--restart keeps answers")
				} else {
					close(t, out)
				}
			})
		}
	})
	t.Run("while another writes it", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "out.csv")
		open(t, options(path))
		if _, err := bulk.Open(options(path)); fault.KindOf(err) != bulk.Taken {
			t.Errorf("%v, want %s", err, bulk.Taken)
		}
	})
	t.Run("by its name", func(t *testing.T) {
		if _, err := bulk.Open(options(filepath.Join(t.TempDir(), "out.xlsx"))); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%v, want %s", err, fault.Invalid)
		}
	})
}

// Quotes that are not closed, early in a table, do not make all that follows one half-written line.
func TestAnOpenQuoteCutsNothingOff(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out.csv")
	out := open(t, options(path))
	for i := range 400 {
		put(t, out, answer(t, dir, fmt.Sprintf("%03d", i)))
	}
	close(t, out)
	was := read(t, path)
	broken := strings.Replace(was, "\n", "\n\"", 1)
	if err := os.WriteFile(path, []byte(broken), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := bulk.Open(options(path)); fault.KindOf(err) != bulk.Damaged {
		t.Errorf("%v, want %s", err, bulk.Damaged)
	}
	if read(t, path) != broken {
		t.Error("it was changed")
	}
}

func TestFailedAndChangedFilesAreTakenOut(t *testing.T) {
	formats(t, func(t *testing.T, dir, path string) {
		good, changed, failed := answer(t, dir, "good"), answer(t, dir, "changed"), answer(t, dir, "failed")
		failed = line(t, failed.File.Path, fault.New(fault.NoModel, nil, "nobody answers"))
		out := open(t, options(path))
		put(t, out, good, changed, failed)
		out.Spend(cascade.Cost{NanoUSD: 5, Known: true})
		close(t, out)
		if err := os.Chtimes(changed.File.Path, time.Now(), time.Now().Add(-time.Hour)); err != nil {
			t.Fatal(err)
		}
		out = open(t, options(path))
		if !out.Answered(good.File) || out.Answered(changed.File) || !out.Answered(failed.File) {
			t.Error("the changed file, and no other, is asked about again")
		}
		if got := out.Totals(); got.Done != 1 || got.Failed != 1 || got.Cost.NanoUSD != 3e7+5 {
			t.Errorf("totals %+v: what was paid is not forgotten", got)
		}
		close(t, out)
		o := options(path)
		o.RetryFailed = true
		out = open(t, o)
		if !out.Answered(good.File) || out.Answered(failed.File) {
			t.Error("those that failed, and no others, are asked about again")
		}
		if got := out.Totals(); got.Failed != 0 || got.Cost.NanoUSD != 3e7+5 {
			t.Errorf("totals %+v", got)
		}
		if strings.Contains(read(t, path), "nobody answers") {
			t.Error("the failed line is still there")
		}
		put(t, out, line(t, failed.File.Path, nil))
		close(t, out)
		if left, _ := filepath.Glob(filepath.Join(dir, ".out*")); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	})
}

func TestEqualBytesAreAskedAboutOnce(t *testing.T) {
	formats(t, func(t *testing.T, dir, path string) {
		out, first := open(t, options(path)), answer(t, dir, "first")
		asked := 0
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				l, done, err := out.Claim(t.Context(), first.Document.SHA256)
				if err != nil {
					t.Error(err)
				}
				if l == nil {
					asked++
					err = out.Put(first)
				} else if l.Classification != "invoice" || l.File.Path != first.File.Path {
					t.Errorf("another answer: %+v", l)
				}
				if done(); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if asked != 1 {
			t.Errorf("asked %d times, want once", asked)
		}
		close(t, out)
		out = open(t, options(path))
		if l, _, err := out.Claim(t.Context(), first.Document.SHA256); err != nil || l == nil || !reflect.DeepEqual(l.Cost, first.Cost) {
			t.Errorf("after a restart: %+v, %v", l, err)
		}
		_, done, _ := out.Claim(t.Context(), "other") // and never answered
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, _, err := out.Claim(ctx, "other"); !errors.Is(err, context.Canceled) {
			t.Errorf("%v, want the end of the context", err)
		}
		done()
		if l, _, err := out.Claim(t.Context(), "other"); l != nil || err != nil {
			t.Errorf("the next one does not get to ask: %v, %v", l, err)
		}
	})
}

func TestWhatAServerHasTaken(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out.jsonl")
	out, a, b := open(t, options(path)), answer(t, dir, "a").File, answer(t, dir, "b").File
	if err := out.SetBatch("B"); err != nil {
		t.Fatal(err)
	}
	sent, err := out.Sent()
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{sent.Add("1", a), sent.Add("2", b), sent.Close()} {
		if err != nil {
			t.Fatal(err)
		}
	}
	close(t, out)
	list := read(t, bulk.SentPath(path))
	if err := os.WriteFile(bulk.SentPath(path), []byte(list[:len(list)-3]), 0o600); err != nil {
		t.Fatal(err)
	}
	out = open(t, options(path))
	if sent, err = out.Sent(); err != nil {
		t.Fatal(err)
	}
	if got, ok := sent.File("1"); out.Batch() != "B" || !sent.Has(a) || sent.Has(b) || !ok || got.Path != a.Path {
		t.Errorf("batch %q, %+v", out.Batch(), got)
	}
	for _, err := range []error{sent.Clear(), sent.Close()} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(bulk.SentPath(path)); !errors.Is(err, os.ErrNotExist) {
		t.Error("the list stays")
	}
}
