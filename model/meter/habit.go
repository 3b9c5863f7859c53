package meter

import (
	"sync"

	"github.com/docsift/docsift/internal/price"
)

// habit is how a model's bills compare with what is foreseen. What was lost is counted by it: all
// of an estimate's errors that are the same for each request go out of the sum.
type habit struct {
	mu    sync.Mutex
	bills int
	ratio float64 // of a bill to what was foreseen, lately
}

const (
	fewBills = 20   // before that many nothing is known
	recent   = 200  // bills count
	reserve  = 1.03 // by which a guess is rather too high: what is spent is never told too low
)

// learn takes in a bill.
func (h *habit) learn(billed, foreseen price.Amount) {
	if billed <= 0 || foreseen <= 0 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.bills++
	h.ratio += (float64(billed)/float64(foreseen) - h.ratio) / float64(min(h.bills, recent))
}

// guess returns what a request will be billed for, of which so much is foreseen.
func (h *habit) guess(foreseen price.Amount) price.Amount {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.bills < fewBills {
		return foreseen
	}
	return price.Amount(float64(foreseen) * h.ratio * reserve)
}
