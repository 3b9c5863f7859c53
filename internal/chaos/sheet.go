package chaos

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/docsift/docsift/internal/sim"
)

// categories are what documents are sorted into. docsift knows something of each.
func categories() []string {
	return []string{"invoice", "receipt", "bank_statement", "contract", "resume", "lab_result"}
}

// sheet is a document, and what it is.
type sheet struct {
	name, text, label string
}

// press makes sheets, no two alike. It is safe for concurrent use.
type press struct {
	seed uint64
	made atomic.Uint64
}

// hard returns a sheet that says nothing of what it is: only the answer key knows.
func (p *press) hard() sheet {
	n := p.made.Add(1)
	rng := rand.New(rand.NewPCG(p.seed, n))
	label := draw(rng, categories())
	return sheet{fmt.Sprintf("folio-%d.txt", n), fmt.Sprintf("Folio %d of the set %d.\n%s", n, p.seed, words(rng)), label}
}

// easy returns an invoice that the local model is sure of.
func (p *press) easy() sheet {
	n := p.made.Add(1)
	text := fmt.Sprintf("TAX INVOICE\nInvoice number: %d-%d\nBill to: Example Traders Ltd\nAmount due: %d.00\nPayment terms: net 30 days\n", p.seed%1000, n, 100+n%900)
	return sheet{fmt.Sprintf("sheet-%d.txt", n), text, "invoice"}
}

// mixed returns an easy sheet in five.
func (p *press) mixed() sheet {
	if p.made.Load()%5 == 0 {
		return p.easy()
	}
	return p.hard()
}

// words returns some that belong to no kind of document.
func words(rng *rand.Rand) string {
	all := strings.Fields("lantern velvet harbour cobalt willow drift meadow quartz ember thistle sparrow canyon amber " +
		"tundra maple coral saddle violet breeze pebble orchard raven cedar lagoon marble heron clover summit")
	var b strings.Builder
	for i := range 120 { // some 900 characters, as much as a stage shows
		b.WriteString(draw(rng, all))
		b.WriteString([]string{" ", "\n"}[i%8/7])
	}
	return b.String()
}

func draw[T any](rng *rand.Rand, from []T) T { return from[rng.IntN(len(from))] }

var folio = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`Folio (\d+) of the set (\d+)`) })

// key is the answer key: what the simulated models know of a hard sheet.
func key(c sim.Call) sim.Answer {
	for _, text := range c.Text {
		m := folio().FindStringSubmatch(text)
		if m == nil {
			continue
		}
		n, _ := strconv.ParseUint(m[1], 10, 64)
		seed, _ := strconv.ParseUint(m[2], 10, 64)
		return sim.Answer{Label: draw(rand.New(rand.NewPCG(seed, n)), categories()), Confidence: 0.95}
	}
	return sim.Answer{}
}
