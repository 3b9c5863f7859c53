// Package access knows API keys: what one looks like, what it allows, and which there are.
package access

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"hash/crc32"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/price"
	"github.com/docsift/docsift/internal/ratelimit"
)

// Scope is what a caller must be allowed to do for a route.
type Scope string

// The scopes that a key may have. Admin contains the others.
const (
	Classify Scope = "classify" // have documents classified, and read what became of one's own
	Read     Scope = "read"     // read what became of a tenant's documents
	Review   Scope = "review"   // say what a document really is
	Metrics  Scope = "metrics"  // read the metrics of the process, which are of all tenants
	Admin    Scope = "admin"    // keys, webhooks, breakers
)

// Scopes returns all scopes of keys.
func Scopes() []Scope { return []Scope{Admin, Classify, Metrics, Read, Review} }

// DefaultTenant is the tenant of those who need not say who they are, and of who runs the service.
const DefaultTenant = "default"

// Unauthorized is the kind of an error about a key that is missing or does not count.
const Unauthorized fault.Kind = "unauthorized"

// Key is an API key, without its secret.
type Key struct {
	ID     string   // eight letters and digits
	Hash   [32]byte // of the whole key
	Name   string   // for people
	Tenant string
	Scopes []Scope

	Budget price.Amount // a day; 0: none of its own

	// Limits are what its bearer may send. Own says that they count instead of the server's, even
	// if there are none.
	Limits []ratelimit.Limit
	Own    bool

	Created, Expires, Revoked, Used time.Time // zero: never
}

// Prefix is what is shown of a key.
func (k Key) Prefix() string { return marker + k.ID }

const (
	marker  = "ds_"
	idSize  = 8
	sumSize = 8
	size    = len(marker) + idSize + 1 + 2*26 + sumSize
)

// New gives a key its id and its hash, and returns the whole of it, which is kept nowhere: ds_,
// the id, 260 random bits, and a checksum by which a mistyped or made-up key is told at once.
func New(k Key) (Key, string) {
	k.ID = rand.Text()[:idSize]
	whole := k.Prefix() + "_" + rand.Text() + rand.Text()
	whole += checksum(whole)
	k.Hash = sha256.Sum256([]byte(whole))
	return k, whole
}

// checksum needs no secret: it saves a look at the keys, and proves nothing.
func checksum(s string) string {
	sum := crc32.ChecksumIEEE([]byte(s))
	return strings.ToUpper(hex.EncodeToString([]byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)}))
}

// idOf returns the id of what looks like a key.
func idOf(whole string) (id string, ok bool) {
	if len(whole) != size || !strings.HasPrefix(whole, marker) || whole[len(marker)+idSize] != '_' {
		return "", false
	}
	body := whole[:size-sumSize]
	return whole[len(marker) : len(marker)+idSize], checksum(body) == whole[size-sumSize:]
}

// Check returns why a key does not count for whoever holds whole, in a time that says nothing of its hash.
func (k Key) Check(whole string, now time.Time) error {
	sum := sha256.Sum256([]byte(whole))
	if subtle.ConstantTimeCompare(sum[:], k.Hash[:]) == 0 {
		return unknown()
	}
	return k.current(now)
}

// current returns why a key does not count any more.
func (k Key) current(now time.Time) error {
	switch {
	case !k.Revoked.IsZero():
		return fault.New(Unauthorized, nil, "the API key %s was revoked", k.Prefix())
	case !k.Expires.IsZero() && !now.Before(k.Expires):
		return fault.New(Unauthorized, nil, "the API key %s expired on %s", k.Prefix(), k.Expires.UTC().Format(time.DateTime))
	}
	return nil
}

func unknown() error { return fault.New(Unauthorized, nil, "the API key is not valid") }

const maxName = 100

// Validate returns what is wrong with a key that somebody wants, as fault.Invalid. A key without
// scopes may classify.
func (k *Key) Validate(now time.Time) error {
	if len(k.Scopes) == 0 {
		k.Scopes = []Scope{Classify}
	}
	slices.Sort(k.Scopes)
	k.Scopes = slices.Compact(k.Scopes)
	for _, s := range k.Scopes {
		if !slices.Contains(Scopes(), s) {
			return fault.New(fault.Invalid, nil, "%.20q is no scope: there are classify, read, review, metrics and admin", s)
		}
	}
	switch {
	case !ValidTenant(k.Tenant):
		return fault.New(fault.Invalid, nil, "the tenant %.64q is none: use up to 64 letters, digits, dots, hyphens and underscores", k.Tenant)
	case len(k.Name) > maxName || !utf8.ValidString(k.Name) || strings.ContainsFunc(k.Name, func(c rune) bool { return !unicode.IsPrint(c) }):
		return fault.New(fault.Invalid, nil, "the name has more than %d bytes, or some that are no text", maxName)
	case k.Budget < 0:
		return fault.New(fault.Invalid, nil, "the budget is below 0")
	case !k.Expires.IsZero() && !k.Expires.After(now):
		return fault.New(fault.Invalid, nil, "the key would have expired already")
	}
	return nil
}

// ValidTenant reports whether a name may be a tenant's.
func ValidTenant(name string) bool {
	if name == "" || len(name) > 64 {
		return false
	}
	return !strings.ContainsFunc(name, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune("._-", c)
	})
}

// Bound gives a key a budget in US dollars a day and limits of its own, each where it is not "".
// What is none is fault.Invalid.
func (k *Key) Bound(budget, limits string) error {
	if budget != "" {
		b, err := price.ParseAmount(budget)
		if err != nil || b <= 0 || strings.ContainsAny(budget, "+-_") {
			return fault.New(fault.Invalid, nil, "%.40q is no budget: give US dollars a day above 0, such as 25 or 0.50", budget)
		}
		k.Budget = b
	}
	if limits == "" {
		return nil
	}
	all, err := ratelimit.Parse(limits)
	if err != nil {
		return fault.New(fault.Invalid, nil, "%s", fault.Message(err))
	}
	k.Limits, k.Own = all, true
	return nil
}
