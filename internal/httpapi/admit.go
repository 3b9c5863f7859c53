package httpapi

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/access"
	"github.com/docsift/docsift/internal/ratelimit"
)

// rateLimited is the kind of a request beyond its caller's limits.
const rateLimited fault.Kind = "rate_limit_exceeded"

// asyncRoute is the route that Options.Async is for.
const asyncRoute = "POST /classify_file_async"

// admitted lets a request through to its route if its caller may use it.
func (a *API) admitted(rt route, w http.ResponseWriter, r *http.Request) {
	c, err := a.allowed(rt, w, r)
	if err != nil {
		a.deny(rt, w, err)
		return
	}
	rt.handle(w, r, c)
}

// allowed says who sent a request, or why its route is not for that caller. Who shows no key that counts is
// limited by address, so that keys cannot be tried out.
func (a *API) allowed(rt route, w http.ResponseWriter, r *http.Request) (Caller, error) {
	c, err := a.opts.Identify(r)
	if rt.scope == Public {
		return c, nil
	}
	if fault.KindOf(err) != fault.Storage {
		if limited := a.limited(rt, w, r, c); limited != nil {
			err = limited
		}
	}
	switch {
	case err != nil:
	case !c.May(rt.scope):
		err = fault.New(forbidden, nil, "the API key does not allow this: it lacks the scope %s", rt.scope)
	case rt.scope == Admin && c.Key == "" && !local(r):
		err = fault.New(forbidden, nil, "without an API key this is done from the machine that docsift runs on")
	}
	return c, err
}

// deny answers with err in the shape of a route.
func (a *API) deny(rt route, w http.ResponseWriter, err error) {
	_, path, _ := strings.Cut(rt.pattern, " ")
	switch {
	case path == "/v1/decisions", path == "/v1/systemone":
		a.refuse(w, nil, err)
	case strings.HasPrefix(path, "/classify_file"), path == "/industries", strings.HasPrefix(path, "/categories/"):
		a.originalError(w, err)
	default:
		a.problem(w, err)
	}
}

// actor says who a caller is, for others who look.
func (c Caller) actor() string {
	if c.Key == "" {
		return "this machine"
	}
	return access.Key{ID: c.Key}.Prefix()
}

// limited counts a request, tells its caller how it stands, and refuses it when there were too many.
func (a *API) limited(rt route, w http.ResponseWriter, r *http.Request, c Caller) error {
	limits := a.opts.Limits
	if rt.pattern == asyncRoute {
		limits = slices.Concat(limits, async(a.opts.Async))
	}
	if c.Own {
		limits = c.Limits
	}
	if a.opts.Limiter == nil || len(limits) == 0 {
		return nil
	}
	client := "key:" + c.Key
	if c.Key == "" {
		client = "ip:" + bucket(clientAddr(r, a.opts.Proxies))
	}
	v := a.opts.Limiter.Take(client, limits)
	tell(w.Header(), v, time.Now())
	if v.OK {
		return nil
	}
	a.opts.Recorder.Limited(rt.pattern)
	e := fault.New(rateLimited, nil, "too many requests: %s are allowed", ratelimit.Format(limits))
	e.RetryAfter = max(v.RetryAfter(), time.Second)
	return e
}

func async(limits []ratelimit.Limit) []ratelimit.Limit {
	limits = slices.Clone(limits)
	for i := range limits {
		limits[i].Of = "async "
	}
	return limits
}

// tell writes the headers of draft-ietf-httpapi-ratelimit-headers-11, and those that were common
// before it about the limit that is nearest.
func tell(h http.Header, v ratelimit.Verdict, now time.Time) {
	var policies, states []string
	near := v.States[0]
	for _, s := range v.States {
		name := strconv.Quote(s.Of + s.Limit.String())
		policies = append(policies, fmt.Sprintf("%s;q=%d;w=%d", name, s.Count, int(s.Per.Seconds())))
		if v.OK || s.Next > 0 { // Retry-After must not end before what is said here
			spread := s.Per / time.Duration(s.Count) * time.Duration(s.Remaining) // so that nobody sends all of it within a second, again and again
			states = append(states, fmt.Sprintf("%s;r=%d;t=%d", name, s.Remaining, seconds(max(s.Next, spread))))
		}
		if s.Remaining < near.Remaining || s.Remaining == near.Remaining && s.Next > near.Next {
			near = s
		}
	}
	h.Set("RateLimit-Policy", strings.Join(policies, ", "))
	h.Set("RateLimit", strings.Join(states, ", "))
	h.Set("X-RateLimit-Limit", strconv.Itoa(near.Count))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(near.Remaining))
	h.Set("X-RateLimit-Reset", strconv.FormatInt(int64(math.Ceil(float64(now.Add(near.Whole).UnixMilli())/1000)), 10))
}

func seconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }
