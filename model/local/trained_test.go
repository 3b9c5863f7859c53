package local_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/local"
	"github.com/docsift/docsift/taxonomy"
)

func written(t testing.TB, m *local.Trained) string {
	t.Helper()
	var b bytes.Buffer
	if err := m.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestBuiltinIsWrittenAsItWasRead(t *testing.T) {
	file, err := os.ReadFile("builtin.json")
	if err != nil {
		t.Fatal(err)
	}
	if got := written(t, local.Builtin()); got != string(file) {
		t.Errorf("written %.200s…, read %.200s…", got, file)
	}
}

func TestReadTrainedRefuses(t *testing.T) {
	good := written(t, local.Builtin())
	tests := []struct{ name, in, want string }{
		{"nothing", "", "mine.model is no model of docsift, or cut short"},
		{"a file that is cut short", good[:len(good)/2], "mine.model is no model of docsift, or cut short"},
		{"a file of something else", `{"name":"x"}`, "mine.model is no model of docsift"},
		{"a changed number", strings.Replace(good, `"outside": -`, `"outside": -1`, 1), "mine.model is damaged"},
		{"another version", strings.Replace(good, `"version": 2`, `"version": 1`, 1), "mine.model is of version 1, and this docsift uses version 2: train it again"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := local.ReadTrained("mine.model", strings.NewReader(tt.in))
			if fault.KindOf(err) != fault.Config || !strings.Contains(fault.Message(err), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

// examples are invoices and statements of several senders, and as many strangers.
func examples(t testing.TB) []local.Example {
	t.Helper()
	finance := find(t, "finance")
	var all []local.Example
	for i := range 30 {
		group := fmt.Sprint("sender ", i/4)
		add := func(text string, right ...string) {
			all = append(all, local.Example{Taxonomy: finance, Text: fmt.Sprintf("%s\n%d", text, i), Facts: model.Facts{Pages: 1}, Group: group, Right: right})
		}
		add(invoice, "invoice", "receipt")
		add(statement, "bank_statement")
		add(passport, taxonomy.Unknown)
		add("lorem ipsum dolor sit amet", taxonomy.Unknown)
	}
	return all
}

func TestTrain(t *testing.T) {
	first, err := local.Train(examples(t), local.TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	again, err := local.Train(examples(t), local.TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if a, b := written(t, first), written(t, again); a != b {
		t.Error("the same examples gave two models")
	}
	if got := first.String(); got != "trained on 120 documents of 8 groups" {
		t.Errorf("it says %q", got)
	}
	read, err := local.ReadTrained("a", strings.NewReader(written(t, first)))
	if err != nil {
		t.Fatal(err)
	}
	m := local.New(local.Options{Trained: read})
	for text, want := range map[string]string{invoice: "invoice", statement: "bank_statement", passport: taxonomy.Unknown} {
		if resp := score(t, m, find(t, "finance"), text); resp.Label != want {
			t.Errorf("%.20q: %s (%.2f), want %s", text, resp.Label, resp.Confidence, want)
		}
	}
	before := score(t, local.New(local.Options{}), find(t, "finance"), invoice)
	if after := score(t, m, find(t, "finance"), invoice); after.Confidence == before.Confidence {
		t.Error("training changed nothing")
	}
}

func TestTrainRefuses(t *testing.T) {
	all := examples(t)
	few, same, alone := all[:10], []local.Example{}, []local.Example{}
	for _, x := range all {
		one := x
		one.Right = []string{"invoice"}
		same = append(same, one)
		x.Group = "one"
		alone = append(alone, x)
	}
	for name, tt := range map[string]struct {
		in   []local.Example
		want string
	}{
		"too few documents":  {few, "10 documents of 1 groups are too few to learn from: give at least 20 of 5"},
		"one sender":         {alone, "of 1 groups are too few"},
		"one label":          {same, "all documents have one label"},
		"no document anyhow": {nil, "0 documents of 0 groups are too few"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := local.Train(tt.in, local.TrainOptions{})
			if fault.KindOf(err) != fault.Invalid || !strings.Contains(fault.Message(err), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

// How a document looks decides where its words do not.
func TestLooksCount(t *testing.T) {
	m := local.New(local.Options{})
	tax := find(t, "default")
	const text = "The invoice for the lamp is attached, as we said on the pier.\nPlease call me.\nRegards, Ann"
	ask := func(text string, f model.Facts) float64 {
		resp, err := m.Score(t.Context(), model.Request{Taxonomy: tax, Text: text, Document: f})
		if err != nil {
			t.Fatal(err)
		}
		return resp.Scores["correspondence"]
	}
	plain := ask(text, model.Facts{Type: "txt", Pages: 1})
	mailed := ask(text, model.Facts{Type: "eml", Pages: 1})
	if mailed <= plain {
		t.Errorf("a mail is correspondence with %.4f, any text with %.4f; want more for the mail", mailed, plain)
	}
}

func FuzzReadTrained(f *testing.F) {
	f.Add([]byte(written(f, local.Builtin())))
	f.Add([]byte(`{"format":"docsift local model","version":2}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := local.ReadTrained("x", bytes.NewReader(b))
		if (m == nil) == (err == nil) {
			t.Errorf("%v and %v", m, err)
		}
	})
}
