package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/prometheus/common/expfmt"
	prommodel "github.com/prometheus/common/model"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/internal/cache"
	"github.com/docsift/docsift/internal/price"
	"github.com/docsift/docsift/internal/share"
	"github.com/docsift/docsift/internal/store"
)

// serverState is what a running server says of itself.
type serverState struct {
	Health struct {
		Version string `json:"version"`
	}
	Providers struct {
		Policy  string                `json:"policy"`
		Models  []docsift.ModelStatus `json:"models"`
		Sharing *share.Status         `json:"sharing"`
	}
	Stats store.Stats
	Cache cache.Stats
}

// doctorOf asks a running server how it fares.
func (p process) doctorOf(ctx context.Context, server, key string, asJSON bool) error {
	all := askServer(ctx, server, key)
	var err error
	if asJSON {
		err = p.printJSON(struct {
			Server string  `json:"server"`
			Checks []check `json:"checks"`
			OK     bool    `json:"ok"`
		}{server, all, healthy(all)})
	} else {
		err = printChecks(p.out, all)
	}
	if err == nil && !healthy(all) {
		return exitStatus(1)
	}
	return err
}

func askServer(ctx context.Context, server, key string) []check {
	var s serverState
	ask := func(path string, to any) error {
		data, err := call(ctx, http.MethodGet, server+path, key, nil)
		if err == nil {
			err = json.Unmarshal(data, to)
		}
		return err
	}
	if err := ask("/healthz", &s.Health); err != nil {
		return []check{ok("server", "%s does not answer", server).but(failed, "start it with 'docsift serve', or see to the address and what stands before it")}
	}
	all := []check{ok("server", "%s answers, docsift %s", server, s.Health.Version)}
	if err := ask("/readyz", new(json.RawMessage)); err != nil {
		all[0] = ok("server", "it is alive and takes no work: %s", describe(err, false)).but(failed, "wait until it has restarted")
	}
	const remedy = "set DOCSIFT_API_KEY to a key with the scope read"
	if err := ask("/v1/providers", &s.Providers); err != nil {
		return append(all, ok("models", "%s", describe(err, false)).but(failed, remedy))
	}
	all = append(all, checkBreakers(s.Providers.Models), checkLimits(limitsOf(s.Providers.Models)), checkPrices(s.Providers.Models, price.Builtin().Checked(), time.Now()), checkRedis(s.Providers.Sharing))
	all = append(all, askMetrics(ctx, server, key)...)
	if err := ask("/v1/stats", &s.Stats); err != nil {
		all = append(all, skip("speed", "%s", describe(err, false)))
	} else {
		all = append(all, checkTraffic(s.Stats.Total, s.Stats.Calls)...)
	}
	if err := ask("/v1/cache", &s.Cache); err != nil {
		return append(all, skip("cache", "%s", describe(err, false)))
	}
	return append(all, checkCache(s.Cache))
}

// askMetrics reads from a server's metrics how its queue and the calibration of its models stand.
func askMetrics(ctx context.Context, server, key string) []check {
	data, err := call(ctx, http.MethodGet, server+"/metrics", key, nil)
	if err != nil {
		return []check{skip("queue", "%s: DOCSIFT_API_KEY needs the scope metrics too", describe(err, false))}
	}
	parser := expfmt.NewTextParser(prommodel.UTF8Validation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(data))
	if err != nil {
		return []check{skip("queue", "its metrics cannot be read: %v", err)}
	}
	gauge := func(name string) map[string]float64 { // by the value of its one label
		all := make(map[string]float64)
		for _, m := range families[name].GetMetric() {
			label := ""
			if l := m.GetLabel(); len(l) > 0 {
				label = l[0].GetValue()
			}
			all[label] = m.GetGauge().GetValue()
		}
		return all
	}
	return []check{checkServerQueue(gauge("docsift_queue_jobs"), gauge("docsift_queue_oldest_seconds")[""]), checkDrift(gauge("docsift_calibration_error"))}
}

func checkServerQueue(jobs map[string]float64, oldest float64) check {
	if len(jobs) == 0 {
		return skip("queue", "the server keeps nothing, or its database does not answer")
	}
	d := store.Depth{
		Waiting: int(jobs["waiting"]), Later: int(jobs["later"]), Running: int(jobs["running"]),
		Oldest: time.Duration(oldest * float64(time.Second)),
	}
	return judgeQueue(ok("queue", "%s", depth(d)), d, d.Running > 0)
}

// checkDrift says whose confidence is far from how often it is right, as the alert DocsiftCalibrationDrift.
func checkDrift(off map[string]float64) check {
	if len(off) == 0 {
		return skip("calibration", "too few answers were checked by people: decide some on the page's Review")
	}
	worst := slices.MaxFunc(slices.Collect(maps.Keys(off)), func(a, b string) int { return cmp.Compare(off[a], off[b]) })
	c := ok("calibration", "the confidence of %d models was compared with what people said; the farthest off is %s, by %.0f points of 100", len(off), worst, 100*off[worst])
	if off[worst] > 0.1 {
		return c.but(warned, "measure with 'docsift eval'; 'docsift train' for the local model, else another threshold (docs/thresholds.md)")
	}
	return c
}

func limitsOf(models []docsift.ModelStatus) []modelLimits {
	var all []modelLimits
	for _, m := range models {
		if m.Provider != "local" {
			all = append(all, modelLimits{m.Model, m.Key, m.Limits})
		}
	}
	return all
}

// checkBreakers says which models a server leaves alone.
func checkBreakers(models []docsift.ModelStatus) check {
	open, hosted, why := 0, 0, ""
	for _, m := range models {
		if m.Provider == "local" {
			continue
		}
		if hosted++; m.Breaker == "open" {
			open++
			why += fmt.Sprintf("; %s: %s", m.Model, short(m.LastError))
		}
	}
	c := ok("models", "%d of %d hosted models are left alone%s", open, hosted, why)
	switch {
	case hosted == 0:
		return skip("models", "only the local model is asked")
	case open == hosted:
		return c.but(failed, "see to keys, network and the providers' status pages; 'docsift providers' says since when")
	case open > 0:
		return c.but(warned, "others answer meanwhile; 'docsift providers' says since when and until when")
	}
	return c
}

// checkCache says whether what the cache is kept in answers.
func checkCache(s cache.Stats) check {
	c := ok("cache", "%d of %d documents were known, $%s saved", s.Hits, s.Hits+s.Misses, price.Amount(s.Saved.NanoUSD))
	for name, state := range map[string]*cache.State{"Redis": s.RedisState, "the database": s.StoreState} {
		if state != nil && !state.Up {
			return c.but(warned, "see to "+name+", which does not answer: "+short(state.Error))
		}
	}
	return c
}
