package config

import (
	"runtime"
	"strconv"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/blob"
)

// Degrade says what becomes of accepted documents while the models that should answer are out of reach.
type Degrade string

// The ways.
const (
	Wait   Degrade = "wait"   // they wait, up to Work.Patience
	Answer Degrade = "answer" // what is left answers at once
)

// Work says how accepted documents are worked through and how long their records are kept.
type Work struct {
	// Documents is DOCSIFT_WORKERS: how many documents one process classifies at once; 0: none, other
	// processes do. Default 16 for each CPU: nearly all of the time is spent waiting for providers.
	Documents int

	Degrade  Degrade       // DOCSIFT_DEGRADE: wait or answer; default wait
	Patience time.Duration // DOCSIFT_PATIENCE; default 1h

	// Lease is DOCSIFT_LEASE: for how long what a worker has begun is its own when nothing is heard of
	// it, 1s or more. Default 30s.
	Lease time.Duration

	// Keep is DOCSIFT_RETAIN_RECORDS: for how long answers and accounts are kept. 0 is for ever. Default 90d.
	Keep time.Duration
}

func (c Config) work() (w Work, err error) {
	w = Work{Documents: 16 * runtime.GOMAXPROCS(0), Degrade: Degrade(c.or("DOCSIFT_DEGRADE", string(Wait))), Patience: time.Hour, Lease: 30 * time.Second}
	if v := c.Getenv("DOCSIFT_WORKERS"); v != "" {
		if w.Documents, err = strconv.Atoi(v); err != nil || w.Documents < 0 || w.Documents > 10_000 {
			return w, fault.New(fault.Config, nil, "DOCSIFT_WORKERS=%s: give a number from 0 to 10000", v)
		}
	}
	if w.Degrade != Wait && w.Degrade != Answer {
		return w, fault.New(fault.Config, nil, "DOCSIFT_DEGRADE=%s: use wait or answer", w.Degrade)
	}
	if v := c.Getenv("DOCSIFT_PATIENCE"); v != "" {
		if w.Patience, err = time.ParseDuration(v); err != nil || w.Patience <= 0 {
			return w, fault.New(fault.Config, nil, "DOCSIFT_PATIENCE=%s: give a time such as 30m or 2h", v)
		}
	}
	if v := c.Getenv("DOCSIFT_LEASE"); v != "" {
		if w.Lease, err = time.ParseDuration(v); err != nil || w.Lease < time.Second {
			return w, fault.New(fault.Config, nil, "DOCSIFT_LEASE=%s: give a time from 1s on", v)
		}
	}
	keep, err := blob.ParseRetention(c.or("DOCSIFT_RETAIN_RECORDS", "90d"))
	switch {
	case err != nil || keep == 0:
		return w, fault.New(fault.Config, nil, "DOCSIFT_RETAIN_RECORDS=%s: use forever, or a time such as 90d", c.Getenv("DOCSIFT_RETAIN_RECORDS"))
	case keep > 0:
		w.Keep = time.Duration(keep)
	}
	return w, nil
}
