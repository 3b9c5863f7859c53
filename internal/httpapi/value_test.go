package httpapi

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"
)

// FuzzValue holds the reading of JSON to the standard library's.
func FuzzValue(f *testing.F) {
	for _, seed := range []string{
		`{}`, ` { "a" : [ 1 , true,null,-2.5e3 ] , "b":"x\"\\y]}" } `, `{"a":{"b":[[],{},[{"c":"é\u00e9\ud83d\ude00"}]]}}`,
		`{"a":1,"a":2}`, `{"":""}`, "{\"a\":\"\t\"}", `[1]`, `{"a":1}x`, `{"\u0061":"\\"}`, `{"\ud800":"\ud800"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		v, err := parseJSON(body)
		var want map[string]any
		wantErr := json.Unmarshal(body, &want)
		if err != nil {
			return // it may be stricter: texts that are not UTF-8
		}
		if wantErr != nil {
			t.Fatalf("taken, and the standard library says %v", wantErr)
		}
		if got := walk(t, v); !reflect.DeepEqual(got, any(want)) {
			t.Errorf("%s is %v, want %v", body, got, want)
		}
	})
}

// walk reads a value in all its parts.
func walk(t *testing.T, v value) any {
	switch v.kind() {
	case '{':
		m := make(map[string]any)
		for name, field := range v.fields() {
			m[name] = walk(t, field)
			if last := v.field(name); !bytes.Equal(last.raw, field.raw) && last.at != field.at {
				t.Errorf("field %q stands at %q and %q", name, last.at, field.at)
			}
		}
		return m
	case '[':
		items, err := v.list()
		if err != nil {
			t.Fatal(err)
		}
		list := make([]any, len(items))
		for i, item := range items {
			list[i] = walk(t, item)
		}
		return list
	case '"':
		s, err := v.text()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	var leaf any
	if err := json.Unmarshal(v.raw, &leaf); err != nil {
		t.Fatalf("%q: %v", v.raw, err)
	}
	return leaf
}

func TestValueSaysWhere(t *testing.T) {
	v, err := parseJSON([]byte(`{"a":[{"b":1},{"b":"x"}],"n":null}`))
	if err != nil {
		t.Fatal(err)
	}
	items, _ := v.field("a").list()
	tests := []struct {
		name        string
		v           value
		param, said string
	}{
		{"a number in a list", items[0].field("b"), "a[0].b", "a[0].b: is a number, and a text is needed"},
		{"a field that is not there", items[1].field("c"), "a[1].c", "a[1].c: is missing, and a text is needed"},
		{"null", v.field("n"), "n", "n: is missing, and a text is needed"},
		{"an object", items[0], "a[0]", "a[0]: is an object, and a text is needed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := tt.v.text()
			if err == nil || paramOf(err) != tt.param || err.Error()[:len(tt.said)] != tt.said {
				t.Errorf("%v about %q, want %q about %q", err, paramOf(err), tt.said, tt.param)
			}
		})
	}
}
