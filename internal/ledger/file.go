package ledger

import (
	"bufio"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/docsift/docsift/fault"
)

// Options configures a File.
type Options struct {
	// Dir is the folder of the account: a file of lines for each day. Several processes may share
	// it, and then share the budget. Default: nothing is kept when the process ends.
	Dir string

	// Lazy makes the folder when the first entry is written, instead of trying it at once.
	Lazy bool

	Budget Budget
	Log    *slog.Logger     // default: none
	Now    func() time.Time // default time.Now
}

// File is a Ledger of one file of JSON lines a day, named 2026-11-27.jsonl by the day in UTC. An
// entry has reached the operating system when Begin returns: it survives the end of the process.
type File struct {
	opts Options
	tag  string // of this process, in its ids

	mu      sync.Mutex
	n       int             // of this process's entries
	days    map[string]*day // those of the month so far, and earlier ones with something open
	swept   string          // the day on which past days were last closed
	failing bool
}

// Open reads what was spent this month. A folder that cannot be used, or a budget that makes no
// sense, is fault.Config.
func Open(o Options) (*File, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if err := o.Budget.Check(); err != nil {
		return nil, fault.New(fault.Config, nil, "%v", err)
	}
	tag := make([]byte, 6)
	rand.Read(tag) // never fails
	f := &File{opts: o, tag: hex.EncodeToString(tag), days: make(map[string]*day)}
	if err := f.load(); err != nil {
		return nil, fault.New(fault.Config, err, "the ledger's folder %s cannot be used: %v", o.Dir, reason(err))
	}
	return f, nil
}

// reason leaves out the path, which the message has.
func reason(err error) error {
	if e, ok := errors.AsType[*os.PathError](err); ok {
		return e.Err
	}
	return err
}

// load reads the days of this month.
func (f *File) load() error {
	now := f.now()
	if err := f.writable(); err != nil {
		return err
	}
	first := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
	for at := first; !at.After(now); at = at.AddDate(0, 0, 1) {
		d, err := f.day(at)
		if err != nil {
			return err
		}
		if err := d.close(); err != nil {
			return err
		}
	}
	return nil
}

// writable makes the folder and tries whether files can be made in it.
func (f *File) writable() error {
	if f.opts.Dir == "" || f.opts.Lazy {
		return nil
	}
	if err := os.MkdirAll(f.opts.Dir, 0o700); err != nil {
		return err
	}
	try, err := os.CreateTemp(f.opts.Dir, ".try")
	if err != nil {
		return err
	}
	return errors.Join(try.Close(), os.Remove(try.Name()))
}

func (f *File) now() time.Time { return f.opts.Now().UTC() }

// day returns the day of a moment, which is read when it is asked for first.
func (f *File) day(at time.Time) (*day, error) {
	name := at.Format(time.DateOnly)
	if d := f.days[name]; d != nil {
		return d, nil
	}
	d := &day{tally: newTally()}
	if f.opts.Dir != "" {
		d.path = filepath.Join(f.opts.Dir, name+".jsonl")
	}
	if err := d.read(); err != nil {
		return nil, err
	}
	f.days[name] = d
	return d, nil
}

// Begin writes down a request that is about to leave.
func (f *File) Begin(s Sent) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.now()
	today, err := f.day(now)
	if err == nil {
		err = today.read() // what other processes have written
	}
	if err != nil {
		return "", f.unrecorded(err)
	}
	if err := f.opts.Budget.Allows(s, f.spend(now), now); err != nil {
		return "", err
	}
	f.n++
	id := now.Format(time.DateOnly) + "-" + f.tag + "-" + strconv.Itoa(f.n)
	if err := today.write(Entry{ID: id, At: now, Sent: &s}); err != nil {
		return "", f.unrecorded(err)
	}
	f.recovered()
	return id, nil
}

// End closes an entry, in the file of the day on which it began.
func (f *File) End(id string, c Closed) {
	f.mu.Lock()
	defer f.mu.Unlock()
	name, _, _ := strings.Cut(id, "-"+f.tag+"-")
	d := f.days[name]
	if d == nil { // not one of ours
		return
	}
	if err := errors.Join(d.write(Entry{ID: id, At: f.now(), Closed: &c}), d.read()); err != nil {
		_ = f.unrecorded(err)
	}
	f.forget()
}

// unrecorded says once that the account cannot be written.
func (f *File) unrecorded(err error) error {
	if !f.failing {
		f.failing = true
		f.opts.Log.Error("the ledger cannot be written: nothing more is sent to providers", "folder", f.opts.Dir, "error", err, "remedy", "set DOCSIFT_LEDGER to a folder that can be written, or to off")
	}
	return fault.New(fault.Unrecorded, err, "nothing is sent, because the ledger cannot be written: %v", reason(err))
}

func (f *File) recovered() {
	if f.failing {
		f.failing = false
		f.opts.Log.Info("the ledger can be written again")
	}
}

// Spend returns what was spent.
func (f *File) Spend() Spend {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.now()
	if today, err := f.day(now); err == nil {
		_ = today.read() // what cannot be read now is missing from the sum, as from any other
	}
	return f.spend(now)
}

func (f *File) spend(now time.Time) Spend {
	var s Spend
	if today := f.days[now.Format(time.DateOnly)]; today != nil {
		s = today.spend()
	}
	month := now.Format("2006-01-")
	for name, d := range f.days {
		if strings.HasPrefix(name, month) {
			s.Month += d.Sum
		}
	}
	return s
}

// forget closes the days that are over, and drops those of earlier months, once nothing of theirs
// is open.
func (f *File) forget() {
	today := f.now().Format(time.DateOnly)
	if today == f.swept {
		return
	}
	f.swept = today
	for name, d := range f.days {
		if name == today || len(d.Open) > 0 {
			continue
		}
		_ = d.close()
		if name[:len("2006-01")] != today[:len("2006-01")] {
			delete(f.days, name)
		}
	}
}

// Close leaves the sums beside the days, for the next start.
func (f *File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var errs []error
	for _, d := range f.days {
		errs = append(errs, d.close())
	}
	return errors.Join(errs...)
}

// Read calls yield with each entry of a day's file, in order, until it returns false. Lines that
// are none are left out.
func Read(r io.Reader, yield func(Entry) bool) error {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		var e Entry
		if json.Unmarshal(lines.Bytes(), &e) == nil && !yield(e) {
			return nil
		}
	}
	return lines.Err()
}
