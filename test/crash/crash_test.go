//go:build linux

package crash

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

var (
	binary = flag.String("docsift", "", "the docsift to kill; without one nothing is done")
	kills  = flag.Int("kills", 12, "how often something is killed")
	rate   = flag.Float64("rate", 50, "documents a second")
	pause  = flag.Duration("pause", time.Second, "mean time between two kills")
	seed   = flag.Uint64("seed", 1, "of what is killed when")
	lease  = flag.Duration("lease", 30*time.Second, "for how long a job belongs to a worker of which nothing is heard")
)

// Whatever is killed, all that was accepted is done, once, and paid for once but for what was under
// way at a kill.
func TestCrash(t *testing.T) {
	if *binary == "" {
		t.Skip("'make crash' runs it")
	}
	t.Run("PostgreSQL, two servers, two workers", func(t *testing.T) { trial(t, newWorld(t, true), *kills*3/4) })
	t.Run("SQLite, one server, one worker", func(t *testing.T) { trial(t, newWorld(t, false), *kills-*kills*3/4) })
}

func trial(t *testing.T, w *world, n int) {
	l := newLoad(w)
	ctx, stop := context.WithCancel(t.Context())
	loaded := make(chan struct{})
	began := time.Now()
	go func() {
		defer close(loaded)
		l.run(ctx, *rate, 10*time.Second)
	}()
	a := axe{world: w, rng: rand.New(rand.NewPCG(*seed, 0)), count: make(map[string]int)}
	for range n {
		time.Sleep(*pause/2 + time.Duration(a.rng.Int64N(int64(*pause))))
		a.strike()
	}
	time.Sleep(*pause)
	stop()
	lasted := time.Since(began)
	<-loaded
	v := l.judge(&a)
	v.facts("seed %d, %d kills of %v in %v, %.0f documents/s accepted", *seed, n, a.count, lasted.Round(time.Second), float64(len(l.accepted))/lasted.Seconds())
	v.print(t)
}

// axe kills.
type axe struct {
	world *world
	rng   *rand.Rand
	deck  []int // of victims whose turn is still to come
	count map[string]int
	kills []kill
	busy  int64 // calls that were under way at kills
	died  []error
}

// strike kills one of the processes, each as often as the others, and has it start again.
func (a *axe) strike() {
	w := a.world
	victims := w.all()
	if len(a.deck) == 0 {
		a.deck = a.rng.Perm(len(victims) + 2)
	}
	i := a.deck[0]
	a.deck = a.deck[1:]
	switch {
	case i < len(victims):
		a.busy += victims[i].asks.busy.Load()
		a.note(victims[i].name, victims[i].name, func() {
			if err := victims[i].kill(); err != nil {
				a.died = append(a.died, err)
			}
		})
	case i == len(victims) || w.postgres == nil:
		a.redis()
	default:
		a.busy += w.busy()
		a.postgres()
	}
}

// note kills something that one process needs, or all do.
func (a *axe) note(what, whose string, do func()) {
	k := kill{what: whose, from: time.Now()}
	do()
	k.until = time.Now()
	a.kills = append(a.kills, k)
	a.count[what]++
}

func (a *axe) redis() {
	r := a.world.redis
	if a.rng.IntN(3) == 0 {
		a.count["Redis emptied"]++
		r.Do("FLUSHALL")
		return
	}
	a.count["Redis"]++
	r.Kill()
	r.Run()
}

func (a *axe) postgres() {
	p := a.world.postgres
	switch a.rng.IntN(3) {
	case 0:
		a.note("PostgreSQL, a backend", "", func() { p.KillBackend(); p.Wait() })
	case 1:
		a.note("PostgreSQL, all of it", "", func() { p.Crash(); p.Run() })
	default:
		a.note("PostgreSQL", "", func() { p.Kill(); p.Run() })
	}
}

// verdict is what came of a trial.
type verdict struct {
	lines  []string
	failed bool
}

func (v *verdict) facts(format string, args ...any) {
	v.lines = append([]string{fmt.Sprintf(format, args...)}, v.lines...)
}

// must adds a line that fails the trial unless it is ok.
func (v *verdict) must(ok bool, format string, args ...any) {
	word := "pass"
	if !ok {
		word, v.failed = "FAIL", true
	}
	v.lines = append(v.lines, word+"  "+fmt.Sprintf(format, args...))
}

func (v *verdict) print(t *testing.T) {
	fmt.Printf("%s\n", t.Name())
	for _, line := range v.lines {
		fmt.Println("  " + line)
	}
	if v.failed {
		t.Fail()
	}
}
