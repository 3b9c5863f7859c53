package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/price"
	"github.com/docsift/docsift/internal/store"
)

// checkProbes says whether models answer: the scaling guide's "all LLM providers failed".
func checkProbes(probes []docsift.Probe, missing []cascade.Missing) check {
	hosted, down := 0, []string{}
	worst := fault.Kind("")
	for _, m := range probes {
		if m.Features != nil || m.Key != "" {
			hosted++
		}
		if m.Error != nil {
			down = append(down, fmt.Sprintf("%s (%s)", m.Model, m.Error.Code))
			worst = m.Error.Code
		}
	}
	c := ok("models", "%d of %d answer, %d of them hosted; %d left out for want of a key", len(probes)-len(down), len(probes), hosted, len(missing))
	if len(down) == 0 {
		if hosted == 0 {
			return c.but(warned, "set a key (.env.example) so that a hosted model is asked where the local one is unsure")
		}
		return c
	}
	c.Found += ": not " + strings.Join(down, ", ")
	return c.but(failed, remedyOf(worst))
}

// remedyOf says what to do about a failure of a provider.
func remedyOf(kind fault.Kind) string {
	switch kind {
	case fault.Auth, fault.NoKey:
		return "see to the key in .env: it is wrong, revoked or lacks rights"
	case fault.Quota:
		return "pay in at the provider, or raise the limit of its account"
	case fault.ModelGone:
		return "name another model in the policy: this one was switched off"
	case fault.RateLimited, fault.Throttled:
		return "wait, ask the provider for higher limits, or give several keys parted by commas"
	case fault.Unavailable, fault.Timeout, fault.CircuitOpen:
		return "see to the network and the provider's status page; docsift asks again by itself"
	case fault.Budget:
		return "raise DOCSIFT_BUDGET_DAY or DOCSIFT_BUDGET_MONTH"
	}
	return "LOG_LEVEL=debug docsift doctor says more"
}

// checkLimits says of how many models the limits are known, and which are exhausted.
func checkLimits(all []modelLimits) check {
	if len(all) == 0 {
		return skip("limits", "the local model has none")
	}
	known := 0
	var full []string
	for _, m := range all {
		if len(m.Limits) > 0 {
			known++
		}
		for _, l := range m.Limits {
			if l.Used >= 0.95 {
				full = append(full, fmt.Sprintf("%s %.0f %% of %d %s", m.Model, 100*l.Used, l.Most, l.Name))
			}
		}
	}
	c := ok("limits", "known of %d of %d models", known, len(all))
	switch {
	case len(full) > 0:
		c.Found += "; used up: " + strings.Join(full, ", ")
		return c.but(warned, "ask the provider for more, or give several keys parted by commas")
	case known == 0:
		return c.but(warned, "most providers tell them with their first answer; else give them in the policy, so that none need refuse (docs/limits.md)")
	}
	return c
}

// checkPrices says how old the prices are, what has none, and which models end.
func checkPrices(models []docsift.ModelStatus, checked string, now time.Time) check {
	at, err := time.Parse(time.DateOnly, checked)
	age := int(now.Sub(at).Hours() / 24)
	var unknown, ending []string
	for _, m := range models {
		if !m.Priced {
			unknown = append(unknown, m.Model)
		}
		if left, near := price.EndsSoon(m.EndsOn, now); near {
			when := fmt.Sprintf("in %d days", left)
			if left < 0 {
				when = "already"
			}
			ending = append(ending, fmt.Sprintf("%s on %s (%s)", m.Model, m.EndsOn, when))
		}
	}
	c := ok("prices", "checked on %s, %d days ago; known of %d of %d models", checked, age, len(models)-len(unknown), len(models))
	switch {
	case len(ending) > 0:
		c.Found += "; switched off: " + strings.Join(ending, ", ")
		return c.but(warned, "choose another model in the policy")
	case len(unknown) > 0:
		c.Found += "; not of " + strings.Join(unknown, ", ")
		return c.but(warned, "put it into a file and set DOCSIFT_PRICES: what they cost is unknown, and budgets cannot hold them")
	case err != nil || age > 90:
		return c.but(warned, "get a newer docsift, or set DOCSIFT_PRICES")
	}
	return c
}

// checkTraffic looks at the last 24 hours: the scaling guide's high upgrade rate and slow responses.
func checkTraffic(f store.Figures, calls []store.Called) []check {
	const few = 20
	if f.Documents < few {
		return []check{
			skip("upgrades", "%d documents in 24 hours, and %d tell something", f.Documents, few),
			skip("speed", "%d documents in 24 hours, and %d tell something", f.Documents, few),
		}
	}
	rate := float64(f.Upgraded) / float64(f.Documents)
	upgrades := ok("upgrades", "%.1f %% of %d documents in 24 hours were upgraded, %.1f %% are for review", 100*rate, f.Documents, 100*float64(f.Review)/float64(f.Documents))
	if rate > 0.3 {
		upgrades = upgrades.but(warned, "describe the categories better, train the local model on yours, or lower the threshold (docs/thresholds.md)")
	}
	speed := skip("speed", "no latency is kept")
	if l := f.Latency; l != nil {
		speed = ok("speed", "half within %.0f ms, 99 %% within %.0f ms", l.P50, l.P99)
		if l.P50 > 5000 {
			speed = speed.but(warned, "'docsift providers' says which model is slow or limited; send with 'Prefer: respond-async'; DOCSIFT_CACHE=on answers equal documents at once")
		}
	}
	var sent, bad int64
	for _, c := range calls {
		sent += c.Calls
		if c.Error != "" {
			bad += c.Calls
		}
	}
	if sent >= few {
		errors := ok("errors", "%.1f %% of %d requests to providers in 24 hours failed", 100*float64(bad)/float64(sent), sent)
		if float64(bad)/float64(sent) > 0.1 {
			errors = errors.but(warned, "'docsift stats' says of which model and with what")
		}
		return []check{upgrades, speed, errors}
	}
	return []check{upgrades, speed}
}
