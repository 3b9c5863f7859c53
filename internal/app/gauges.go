package app

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/internal/ledger"
	"github.com/docsift/docsift/internal/metrics"
	"github.com/docsift/docsift/internal/store"
)

// Between two looks at what is kept there are at least every, and spare times as long as a look took: a
// database in which millions wait is not counted all the time.
const (
	every = 5 * time.Second
	spare = 20
)

// looked is what was last seen of what is kept. No scrape waits for it.
type looked struct {
	at         time.Time
	spent      ledger.Spend
	up         bool // the database answers
	jobs       map[string]store.Depth
	calibrated []calibration
	disk       room
}

// gauge has the metrics tell how things stand, and returns what ends that.
func (s *service) gauge() (end func() error) {
	s.watch.know(s.classifier.Taxonomies()...)
	var last atomic.Pointer[looked]
	last.Store(&looked{spent: s.ledger.Spend()})
	s.stands(&last)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.lookOn(ctx, &last)
	}()
	return func() error {
		cancel()
		<-done
		return nil
	}
}

// lookOn looks now and then until ctx ends.
func (s *service) lookOn(ctx context.Context, last *atomic.Pointer[looked]) {
	was := true
	for {
		start := time.Now()
		now := s.look(ctx)
		if ctx.Err() != nil {
			return
		}
		last.Store(&now)
		if s.store != nil && now.up != was {
			was = now.up
			s.tellStore(was)
		}
		if !wait(ctx, max(every, spare*time.Since(start))) {
			return
		}
	}
}

// tellStore has the log tell that the database has gone, or is back.
func (s *service) tellStore(up bool) {
	if up {
		s.log.Info("the database answers again")
		return
	}
	s.log.Error("the database does not answer: nothing is accepted until it does")
}

func (s *service) look(ctx context.Context) looked {
	now := looked{at: time.Now(), spent: s.ledger.Spend(), jobs: make(map[string]store.Depth), disk: roomOf(s.config.Data)}
	if s.store == nil {
		return now
	}
	start := time.Now()
	if err := s.store.Ping(ctx); err != nil {
		return now
	}
	s.watch.metrics.Pinged(time.Since(start))
	now.up = true
	for _, kind := range []string{store.Classify, store.Notify} {
		if d, err := s.store.Depth(ctx, kind); err == nil {
			now.jobs[kind] = d
		}
	}
	now.calibrated = s.calibrated(ctx)
	return now
}

// source is a gauge or a counter of a process.
type source struct {
	name, kind, help string
	labels           []string
	read             func(metrics.Emit)
}

// stands adds the metrics that are read at each scrape.
func (s *service) stands(last *atomic.Pointer[looked]) {
	all := append(s.models(), s.kept(last)...)
	all = append(all, s.caches()...)
	for _, m := range append(all, s.money(last)...) {
		s.watch.metrics.Add(metrics.Source{Spec: metrics.Spec{Name: m.name, Type: m.kind, Labels: m.labels, Help: m.help}, Read: m.read})
	}
}

// models are the metrics of models. Of one that stands in several policies the worst counts.
func (s *service) models() []source {
	each := func(of func(docsift.ModelStatus) float64) func(metrics.Emit) {
		return func(emit metrics.Emit) {
			worst := make(map[[2]string]float64)
			for _, m := range s.classifier.Models() {
				id := [2]string{m.Model, m.Key}
				v, ok := worst[id]
				if n := of(m); !ok || n > v {
					worst[id] = n
				}
			}
			for id, v := range worst {
				emit(v, id[0], id[1])
			}
		}
	}
	by := []string{"model", "key"}
	return []source{
		{"docsift_breaker_state", "gauge", "Whether a model under a key (the name of its setting) is left alone: 0 closed, it is asked; 1 half open or coming back; 2 open, it is not.", by,
			each(func(m docsift.ModelStatus) float64 { return open(m.Breaker) })},
		{"docsift_breaker_parked", "gauge", "1 for a model that is left alone for a reason that time alone does not mend, such as a spent quota or a refused key.", by,
			each(func(m docsift.ModelStatus) float64 { return number(m.Parked) })},
		{"docsift_limit_used", "gauge", "How much of its fullest limit a model's key uses, from 0 to 1.", by,
			each(func(m docsift.ModelStatus) float64 { return m.Load })},
		{"docsift_limit_waiting", "gauge", "Requests to a model that wait for their turn.", by,
			each(func(m docsift.ModelStatus) float64 { return float64(m.Waiting) })},
		{"docsift_provider_in_flight", "gauge", "Requests to a model that are under way.", by,
			each(func(m docsift.ModelStatus) float64 { return float64(m.InFlight) })},
		{"docsift_model_ends_timestamp_seconds", "gauge", "The day on which a model is switched off by its provider, where one is known.", []string{"model"}, s.ends},
	}
}

func (s *service) ends(emit metrics.Emit) {
	told := make(map[string]bool)
	for _, m := range s.classifier.Models() {
		if day, err := time.Parse(time.DateOnly, m.EndsOn); err == nil && !told[m.Model] {
			told[m.Model] = true
			emit(float64(day.Unix()), m.Model)
		}
	}
}

// kept are the metrics of what is kept.
func (s *service) kept(last *atomic.Pointer[looked]) []source {
	states := func(kind string) func(metrics.Emit) {
		return func(emit metrics.Emit) {
			if d, ok := last.Load().jobs[kind]; ok {
				emit(float64(d.Waiting), "waiting")
				emit(float64(d.Later), "later")
				emit(float64(d.Running), "running")
			}
		}
	}
	oldest := func(kind string) func(metrics.Emit) {
		return func(emit metrics.Emit) {
			if d, ok := last.Load().jobs[kind]; ok {
				emit(d.Oldest.Seconds())
			}
		}
	}
	return []source{
		{"docsift_queue_jobs", "gauge", "Accepted documents without an answer, in all processes of a database: waiting, later (to be tried again), running.", []string{"state"}, states(store.Classify)},
		{"docsift_queue_oldest_seconds", "gauge", "How long the accepted document has waited that waits longest.", nil, oldest(store.Classify)},
		{"docsift_webhook_deliveries", "gauge", "Events for webhooks that are not delivered yet, in all processes of a database: waiting, later (to be tried again), running.", []string{"state"}, states(store.Notify)},
		{"docsift_webhook_oldest_seconds", "gauge", "How long the event has been due that is due longest.", nil, oldest(store.Notify)},
		{"docsift_up", "gauge", "Whether what the process leans on answers: database, redis (shared breakers), cache_redis, cache_store.", []string{"what"}, func(emit metrics.Emit) { s.ups(last.Load(), emit) }},
		{"docsift_looked_timestamp_seconds", "gauge", "When the process last looked at what is kept: what it tells of that is as old.", nil, func(emit metrics.Emit) {
			if at := last.Load().at; !at.IsZero() {
				emit(float64(at.UnixMilli()) / 1000)
			}
		}},
		{"docsift_disk_free_bytes", "gauge", "Room on the disk of DOCSIFT_DATA.", nil, func(emit metrics.Emit) { last.Load().disk.tell(emit, room.left) }},
		{"docsift_disk_size_bytes", "gauge", "Size of the disk of DOCSIFT_DATA.", nil, func(emit metrics.Emit) { last.Load().disk.tell(emit, room.whole) }},
		{"docsift_calibration_error", "gauge", "How far a model's confidence is from how often it is right, in the mean, by what people said of its answers (of 50 and more).", []string{"model"}, func(emit metrics.Emit) {
			for _, c := range last.Load().calibrated {
				emit(c.error, c.model)
			}
		}},
		{"docsift_calibration_answers", "gauge", "Answers of a model of which people have said what is right, among the latest 2,000.", []string{"model"}, func(emit metrics.Emit) {
			for _, c := range last.Load().calibrated {
				emit(float64(c.answers), c.model)
			}
		}},
	}
}

func (s *service) ups(now *looked, emit metrics.Emit) {
	if s.store != nil && !now.at.IsZero() {
		emit(number(now.up), "database")
	}
	if s.sharing != nil {
		emit(number(s.sharing().Up), "redis")
	}
	if s.cache == nil {
		return
	}
	stats := s.cache.Stats()
	if st := stats.RedisState; st != nil {
		emit(number(st.Up), "cache_redis")
	}
	if st := stats.StoreState; st != nil {
		emit(number(st.Up), "cache_store")
	}
}

// caches are the metrics of the cache.
func (s *service) caches() []source {
	if s.cache == nil {
		return nil
	}
	return []source{
		{"docsift_cache_requests_total", "counter", "Documents that the cache was asked about, by where their answer was (memory, redis, store, shared: an equal one was under way), or miss, or bypass: a fresh answer was asked for.", []string{"outcome"}, func(emit metrics.Emit) {
			n := s.cache.Stats()
			for outcome, of := range map[string]int64{"memory": n.Memory, "redis": n.Redis, "store": n.Store, "shared": n.Shared, "miss": n.Misses - n.Bypassed, "bypass": n.Bypassed} {
				emit(float64(max(0, of)), outcome)
			}
		}},
		{"docsift_cache_saved_usd_total", "counter", "What answers had cost that the cache gave again, in US dollars.", nil, func(emit metrics.Emit) { emit(float64(s.cache.Stats().Saved.NanoUSD) / 1e9) }},
		{"docsift_cache_bytes", "gauge", "Answers in memory, in bytes.", nil, func(emit metrics.Emit) { emit(float64(s.cache.Stats().Bytes)) }},
	}
}

// money are the metrics of budgets.
func (s *service) money(last *atomic.Pointer[looked]) []source {
	b := s.config.Money.Budget
	by := []string{"period"}
	return []source{
		{"docsift_spent_usd", "gauge", "What was spent since the day or month began (UTC), open requests at what was foreseen, in US dollars.", by, func(emit metrics.Emit) {
			spent := last.Load().spent
			emit(float64(spent.Day)/1e9, "day")
			emit(float64(spent.Month)/1e9, "month")
		}},
		{"docsift_budget_usd", "gauge", "What may be spent a day or month, where that is bounded, in US dollars.", by, func(emit metrics.Emit) {
			for period, of := range budgets(b, last.Load().spent) {
				emit(of[0], period)
			}
		}},
		{"docsift_budget_left_usd", "gauge", "What is left of the budget of the day or month, where there is one, in US dollars.", by, func(emit metrics.Emit) {
			for period, of := range budgets(b, last.Load().spent) {
				emit(of[1], period)
			}
		}},
		{"docsift_budget_key_left_usd", "gauge", "What is left of the day's budget of a provider's key (the name of its setting), where there is one, in US dollars.", []string{"key"}, func(emit metrics.Emit) {
			for key, most := range b.Keys {
				emit(float64(most-last.Load().spent.Keys[key])/1e9, key)
			}
		}},
	}
}

func number(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
