package sdk_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/chat"
	"github.com/docsift/docsift/model/modeltest"
)

// recorded returns the files of an adapter's testdata that match the pattern.
func recorded(t *testing.T, pattern string) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("..", "..", "model", filepath.FromSlash(pattern)))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no files match %s: %v", pattern, err)
	}
	files := make(map[string][]byte)
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files[strings.TrimSuffix(filepath.Base(path), ".json")] = b
	}
	return files
}

// provider answers every request with one reply, and keeps the last body that it got.
type provider struct {
	URL  string
	body []byte
}

func serve(t *testing.T, status int, reply []byte) *provider {
	t.Helper()
	p := &provider{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.body, _ = io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write(reply)
	}))
	t.Cleanup(s.Close)
	p.URL = s.URL
	return p
}

// differences lists the paths at which two bodies say different things. The order of fields
// says nothing.
func differences(t *testing.T, got, want []byte) []string {
	t.Helper()
	var a, b any
	if err := json.Unmarshal(got, &a); err != nil {
		t.Fatalf("%v in %s", err, got)
	}
	if err := json.Unmarshal(want, &b); err != nil {
		t.Fatalf("%v in %s", err, want)
	}
	return differ("", a, b)
}

func differ(path string, got, want any) []string {
	a, isMap := got.(map[string]any)
	b, wantMap := want.(map[string]any)
	if !isMap || !wantMap {
		if reflect.DeepEqual(got, want) {
			return nil
		}
		return []string{fmt.Sprintf("%s: %.200v, want %.200v", path, got, want)}
	}
	keys := slices.Collect(maps.Keys(a))
	for key := range b {
		if _, ok := a[key]; !ok {
			keys = append(keys, key)
		}
	}
	var found []string
	for _, key := range slices.Sorted(slices.Values(keys)) {
		found = append(found, differ(path+"/"+key, a[key], b[key])...)
	}
	return found
}

// isError reports whether a recorded reply is one of a status other than 200.
func isError(reply []byte) bool {
	var body struct {
		Error json.RawMessage `json:"error"`
	}
	return json.Unmarshal(reply, &body) == nil && body.Error != nil
}

// isOdd reports whether a recorded reply is of a shape that only other servers write.
func isOdd(name string) bool { return strings.HasPrefix(name, "odd_") }

// reading is what an SDK made of a reply.
type reading struct {
	text   string // of the answer
	finish string
	usage  model.Usage
	served string
	ends   map[string]fault.Kind // what we make of finish reasons; others are answers
}

// compare holds what an adapter made of a reply to an SDK's reading of it.
func compare(t *testing.T, m model.Model, sdk reading) {
	t.Helper()
	req := modeltest.Request(t)
	got, err := m.Score(t.Context(), req)
	if got.Usage != sdk.usage || got.Served != sdk.served {
		t.Errorf("usage %+v of %q, but the SDK reads %+v of %q", got.Usage, got.Served, sdk.usage, sdk.served)
	}
	if kind, ok := sdk.ends[sdk.finish]; ok {
		if fault.KindOf(err) != kind {
			t.Errorf("error %v (%s) at finish reason %q, want %s", err, fault.KindOf(err), sdk.finish, kind)
		}
		return
	}
	want, wantErr := chat.ParseAnswer(req.Taxonomy, sdk.text)
	if got.Score == model.ScoreLogprob { // the smaller of what is stated and what the tokens say
		want.Confidence = min(want.Confidence, got.Scores[got.Label])
	}
	if got.Label != want.Label || got.Confidence != want.Confidence || fault.Message(err) != fault.Message(wantErr) {
		t.Errorf("answer %q %v (%v), but the SDK's text %q gives %q %v (%v)",
			got.Label, got.Confidence, err, sdk.text, want.Label, want.Confidence, wantErr)
	}
}

func TestDifferencesSeeALoss(t *testing.T) {
	full := []byte(`{"a":{"b":[1,{"c":true}]},"d":"x"}`)
	if got := differences(t, []byte(`{"d":"x","a":{"b":[1,{"c":true}]}}`), full); got != nil {
		t.Errorf("another order gives %q", got)
	}
	for _, less := range []string{`{"a":{"b":[1,{"c":true}]}}`, `{"a":{"b":[1,{}]},"d":"x"}`, `{"a":{"b":[1]},"d":"x"}`, `{"a":{},"d":"x"}`} {
		if differences(t, []byte(less), full) == nil || differences(t, full, []byte(less)) == nil {
			t.Errorf("%s passes for %s", less, full)
		}
	}
}

// checkError holds our error to the status and the code that an SDK reads.
func checkError(t *testing.T, err error, status int, code string) {
	t.Helper()
	if want := fmt.Sprintf("(status %d %s)", status, code); !strings.Contains(fault.Message(err), want) {
		t.Errorf("error %q, but the SDK reads %s", fault.Message(err), want)
	}
}
