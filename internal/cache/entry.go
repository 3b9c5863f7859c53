package cache

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
)

const (
	// format stands before every entry and changes with its form.
	format = "docsift1"

	// maxEntry is how large an entry may be, in bytes. What a document says of itself may be long.
	maxEntry = 128 << 10

	// skew is by how much the clocks of two machines may differ.
	skew = time.Minute
)

// encode returns an answer as it is kept under a key, or "" if it is too large.
// It is a text: format, sum, moment in seconds and JSON, between spaces.
func (c *Cache) encode(key string, res docsift.Result) string {
	res.Attempts, res.ID, res.Document.Filename = []cascade.Attempt{}, "", ""
	data, err := json.Marshal(res)
	if err != nil || len(data) > maxEntry-100 {
		return ""
	}
	rest := strconv.FormatInt(time.Now().Unix(), 10) + " " + string(data)
	return format + " " + sum(key, rest) + " " + rest
}

// decode reads what is kept under a key. It returns nil for one that is none, was changed, is too
// old, or does not answer the question.
func (c *Cache) decode(q question, raw string) *docsift.Result {
	head, rest, ok := strings.Cut(raw, " ")
	if !ok || head != format || len(raw) > maxEntry {
		return nil
	}
	given, rest, _ := strings.Cut(rest, " ")
	at, data, _ := strings.Cut(rest, " ")
	seconds, err := strconv.ParseInt(at, 10, 64)
	age := time.Since(time.Unix(seconds, 0))
	if err != nil || given != sum(q.key, rest) || age > c.opts.TTL || age < -skew {
		return nil
	}
	var res docsift.Result
	if json.Unmarshal([]byte(data), &res) != nil || res.Document.SHA256 != q.doc.SHA256 || !keepable(res, q.id.Taxonomy) {
		return nil
	}
	return &res
}

// sum tells an entry that was damaged, or belongs to another key.
func sum(key, rest string) string {
	sum := sha256.Sum256([]byte("docsift entry " + key + " " + rest))
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}
