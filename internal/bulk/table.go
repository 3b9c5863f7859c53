package bulk

import (
	"bytes"
	"encoding/csv"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/price"
)

// table is CSV that no spreadsheet takes for formulas. It holds less than JSON lines: no attempts,
// no evidence, no alternatives.
type table struct{}

var columns = []string{
	"path", "status", "classification", "confidence", "review", "error", "message", "provider", "model", "cost_usd",
	"cost_known", "duplicate_of", "pages", "mime", "sha256", "bytes", "modified", "id",
}

func (table) head() []byte { return record(columns) }

func (table) encode(l Line) ([]byte, error) {
	r := l.Result
	confidence, review, code, message := "", "", "", ""
	if r.Confidence != nil {
		confidence = strconv.FormatFloat(*r.Confidence, 'g', -1, 64)
	}
	if r.Review.Needed {
		review = string(r.Review.Reason)
	}
	if r.Error != nil {
		code, message = string(r.Error.Code), flat(r.Error.Message)
	}
	return record([]string{
		plain(l.File.Name()), string(r.Status), flat(r.Classification), confidence, review, code, message, flat(r.ProviderUsed), flat(r.Model),
		price.Amount(r.Cost.Estimated()).String(), strconv.FormatBool(r.Cost.Known), plain(l.File.DuplicateOf), strconv.Itoa(r.Document.Pages),
		r.Document.MIME, r.Document.SHA256, strconv.FormatInt(l.File.Bytes, 10), l.File.Modified.Format(time.RFC3339Nano), r.ID,
	}), nil
}

func record(fields []string) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Write(fields) // a buffer takes all
	w.Flush()
	return b.Bytes()
}

// plain keeps a spreadsheet from running a path as a formula: ./=a is the same file as =a. A
// reader of CSV would not give back the end of a line as it is, so that it stands for another.
func plain(path string) string {
	if path != "" && strings.ContainsRune("=+-@\t\r", rune(path[0])) {
		path = "./" + path
	}
	return strings.ReplaceAll(path, "\r\n", "\n")
}

// flat is plain for what is no path.
func flat(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r\n", rune(s[0])) {
		return "'" + s
	}
	return s
}

func (t table) decode(b []byte) (l Line, err error) {
	r := csv.NewReader(bytes.NewReader(b))
	r.FieldsPerRecord = len(columns)
	f, err := r.Read()
	if err != nil {
		return l, err
	}
	l.ID, l.Status, l.Classification = f[17], docsift.Status(f[1]), f[2]
	if f[3] != "" {
		confidence, err := strconv.ParseFloat(f[3], 64)
		if err != nil {
			return l, err
		}
		l.Confidence = &confidence
	}
	l.Review = cascade.Review{Needed: f[4] != "", Reason: cascade.ReviewReason(f[4])}
	if f[5] != "" {
		l.Error = &cascade.Problem{Code: fault.Kind(f[5]), Message: f[6]}
	}
	l.ProviderUsed, l.Model = f[7], f[8]
	paid, bad := price.ParseAmount(f[9])
	l.Cost = cascade.Cost{NanoUSD: int64(paid), Known: f[10] == "true"}
	var pages, size, when error
	l.Document.Pages, pages = strconv.Atoi(f[12])
	l.Document.MIME, l.Document.SHA256, l.Document.Filename = f[13], f[14], f[0]
	l.File.Bytes, size = strconv.ParseInt(f[15], 10, 64)
	l.File.Modified, when = time.Parse(time.RFC3339Nano, f[16])
	of := f[11]
	l.File = NewFile(f[0], l.File.Bytes, l.File.Modified)
	l.File.DuplicateOf, l.Cached = of, of != ""
	return l, errors.Join(bad, pages, size, when)
}

// whole counts quotes: within a field an end of a line is between an odd number of them and another.
func (table) whole(b []byte) bool { return bytes.Count(b, []byte{'"'})%2 == 0 }

// isHead reports whether a line is the head of a table.
func isHead(b []byte) bool {
	f, err := csv.NewReader(bytes.NewReader(b)).Read()
	return err == nil && slices.Equal(f, columns)
}
