package docsift_test

import (
	"testing"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/fault"
)

func TestIdentify(t *testing.T) {
	keys := map[string]string{"OPENAI_API_KEY": "sk-canary-1", "OPENAI_BASE_URL": "http://127.0.0.1:1/v1"}
	with := func(name, value string) map[string]string {
		return map[string]string{"OPENAI_API_KEY": keys["OPENAI_API_KEY"], "OPENAI_BASE_URL": keys["OPENAI_BASE_URL"], name: value}
	}
	finance := docsift.Request{Taxonomy: "finance"}
	tests := []struct {
		name  string
		env   map[string]string
		opts  docsift.Options
		text  string
		file  string
		req   docsift.Request
		same  bool // as the first
		free  bool
		error fault.Kind
	}{
		{name: "the same is the same", env: keys, req: finance, same: true},
		{name: "an id does not matter", env: keys, req: docsift.Request{Taxonomy: "finance", ID: "x"}, same: true},
		{name: "another key of the same account does not matter", env: with("OPENAI_API_KEY", "sk-canary-2,sk-canary-3"), req: finance, same: true},
		{name: "another document matters", env: keys, text: "other", req: finance},
		{name: "a name matters that the local model may look at", env: keys, file: "invoice.txt", req: finance},
		{name: "hidden names matter", env: keys, opts: docsift.Options{HideNames: true}, req: finance},
		{name: "another taxonomy matters", env: keys, req: docsift.Request{Taxonomy: "legal"}},
		{name: "a list of categories matters", env: keys, req: docsift.Request{Categories: []string{"invoice", "receipt"}}},
		{name: "another policy matters", env: keys, req: docsift.Request{Taxonomy: "finance", Policy: "guide"}},
		{name: "a setting of a policy matters", env: with("CONFIDENCE_THRESHOLD", "0.5"), req: finance},
		{name: "another server matters", env: with("OPENAI_BASE_URL", "http://127.0.0.1:2/v1"), req: finance},
		{name: "one more provider matters", env: with("ANTHROPIC_API_KEY", "sk-canary-4"), req: finance},
		{name: "without keys nothing costs", req: finance, free: true},
		{name: "a taxonomy that there is not", env: keys, req: docsift.Request{Taxonomy: "x"}, error: fault.NotFound},
		{name: "a policy that there is not", env: keys, req: docsift.Request{Policy: "x"}, error: fault.NotFound},
	}
	first := func() docsift.Identity {
		id, err := open(t, keys, docsift.Options{}).Identify(read(t, vague), finance)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := *read(t, vague+tt.text)
			if tt.file != "" {
				d.Name = tt.file
			}
			id, err := open(t, tt.env, tt.opts).Identify(&d, tt.req)
			if fault.KindOf(err) != tt.error {
				t.Fatalf("error %v, want kind %q", err, tt.error)
			}
			if err == nil && ((id.Sum == first.Sum) != tt.same || id.Free != tt.free) {
				t.Errorf("same as the first: %v, free: %v", id.Sum == first.Sum, id.Free)
			}
		})
	}
}

// Where names are hidden, equal documents of several names are one.
func TestIdentifyWithoutNames(t *testing.T) {
	c := open(t, nil, docsift.Options{HideNames: true})
	a, b := *read(t, vague), *read(t, vague)
	b.Name = "other.txt"
	x, err := c.Identify(&a, docsift.Request{})
	y, err2 := c.Identify(&b, docsift.Request{})
	if err != nil || err2 != nil || x.Sum != y.Sum {
		t.Errorf("%x and %x, %v, %v", x.Sum, y.Sum, err, err2)
	}
}
