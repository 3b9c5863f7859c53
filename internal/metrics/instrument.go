package metrics

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus"
)

// Labels of what is in no closed set, and of what there is not.
const (
	other = "other"
	none  = "none"
)

func orNone(s string) string {
	if s == "" {
		return none
	}
	return s
}

func (m *Metrics) counter(name, help string, labels ...string) *prometheus.CounterVec {
	v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	m.register(v, Spec{name, "counter", labels, help})
	if len(labels) == 0 {
		v.WithLabelValues() // 0 is a value
	}
	return v
}

// histogram has a few buckets for everybody, and many for who scrapes native histograms.
func (m *Metrics) histogram(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	v := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: name, Help: help, Buckets: buckets,
		NativeHistogramBucketFactor: 1.1, NativeHistogramMaxBucketNumber: 160, NativeHistogramMinResetDuration: time.Hour,
	}, labels)
	m.register(v, Spec{name, "histogram", labels, help})
	return v
}

func (m *Metrics) money(name, help string, labels ...string) *money {
	c := &money{sums: make(map[string]*atomic.Int64)}
	m.Add(Source{Spec: Spec{name, "counter", labels, help}, Read: c.read})
	return c
}

func (m *Metrics) register(c prometheus.Collector, s Spec) {
	m.reg.MustRegister(c)
	m.specs = append(m.specs, s)
}

// observe takes in a value with the trace in which it came to be.
func observe(o prometheus.Observer, value float64, trace string) {
	if trace == "" {
		o.Observe(value)
		return
	}
	o.(prometheus.ExemplarObserver).ObserveWithExemplar(value, prometheus.Labels{"trace_id": trace})
}

// Emit tells a value and its labels, in the order of the Spec.
type Emit func(value float64, labels ...string)

// Source is a metric that is read at each scrape. Reading it must not wait for anything.
type Source struct {
	Spec
	Read func(Emit)
}

// Add adds a metric, which is a counter or a gauge. It is called once for a name.
func (m *Metrics) Add(s Source) {
	kind := prometheus.GaugeValue
	if s.Type == "counter" {
		kind = prometheus.CounterValue
	}
	m.register(&source{s, kind, prometheus.NewDesc(s.Name, s.Help, s.Labels, nil)}, s.Spec)
}

// source is a Source as Prometheus wants it.
type source struct {
	Source
	kind prometheus.ValueType
	desc *prometheus.Desc
}

// Describe tells the name.
func (s *source) Describe(to chan<- *prometheus.Desc) { to <- s.desc }

// Collect tells the values. Of two with the same labels the sum counts.
func (s *source) Collect(to chan<- prometheus.Metric) {
	sums, order := make(map[string]float64), []string(nil)
	s.Read(func(value float64, labels ...string) {
		key := strings.Join(labels, "\x00")
		if _, ok := sums[key]; !ok {
			order = append(order, key)
		}
		sums[key] += value
	})
	for _, key := range order {
		var labels []string
		if len(s.Labels) > 0 {
			labels = strings.Split(key, "\x00")
		}
		to <- prometheus.MustNewConstMetric(s.desc, s.kind, sums[key], labels...)
	}
}

// money adds up sums in whole 10⁻⁹ dollars, which floating point would not.
type money struct {
	mu   sync.RWMutex
	sums map[string]*atomic.Int64 // by labels
}

func (c *money) add(nano int64, labels ...string) {
	key := strings.Join(labels, "\x00")
	c.mu.RLock()
	sum := c.sums[key]
	c.mu.RUnlock()
	if sum == nil {
		c.mu.Lock()
		if sum = c.sums[key]; sum == nil {
			sum = new(atomic.Int64)
			c.sums[key] = sum
		}
		c.mu.Unlock()
	}
	sum.Add(nano)
}

func (c *money) read(emit Emit) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	for key, sum := range c.sums {
		emit(float64(sum.Load())/1e9, strings.Split(key, "\x00")...)
	}
}

// bounded admits so many values of a label. What comes after is "other".
type bounded struct {
	mu    sync.RWMutex
	known []string
}

const most = 100

func (b *bounded) admit(value string) string {
	b.mu.RLock()
	_, ok := slices.BinarySearch(b.known, value)
	b.mu.RUnlock()
	switch {
	case ok:
		return value
	case len(value) > 200 || !utf8.ValidString(value):
		return other
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	i, ok := slices.BinarySearch(b.known, value)
	switch {
	case ok:
	case len(b.known) >= most:
		return other
	default:
		b.known = slices.Insert(b.known, i, value)
	}
	return value
}
