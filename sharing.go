package docsift

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/docsift/docsift/model/breaker"
)

// Sharing takes what happens to breakers to other processes, and brings what happens there. It is
// called while documents wait, so it must not. It is safe for concurrent use.
type Sharing interface {
	// Join names a breaker as the others name theirs of the same policy, model, address and key.
	// From then on it is to adopt what they tell.
	Join(id string, b *breaker.Breaker)

	// Tell is given the news of a breaker that has joined.
	Tell(id string, n breaker.News)
}

// share makes g's breaker, and shares it unless with is nil. How the local model fares is a
// matter of this process; what is set by hand is not.
func (g *guarded) share(policy string, with Sharing) {
	if with == nil {
		g.breaker = breaker.New(g.rules)
		return
	}
	id := strings.Join([]string{policy, g.Name(), g.key, g.print}, ":")
	g.rules.Tell = func(n breaker.News) {
		if n.Topic == breaker.Hand || g.Name() != "local" {
			with.Tell(id, n)
		}
	}
	g.breaker = breaker.New(g.rules)
	with.Join(id, g.breaker)
}

// fingerprint tells whether two processes ask the same server under the same key. It says nothing
// of the key.
func fingerprint(base, key string) string {
	sum := sha256.Sum256([]byte("docsift breaker\x00" + base + "\x00" + key))
	return hex.EncodeToString(sum[:4])
}
