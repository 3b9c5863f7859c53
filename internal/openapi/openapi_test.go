package openapi_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/docsift/docsift/internal/openapi"
)

// Whatever the document refers to is there, and whatever it has is referred to.
func TestReferences(t *testing.T) {
	doc := openapi.Document()
	used := make(map[string]bool)
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case openapi.Object:
			if ref := v.Text("$ref"); ref != "" {
				used[ref] = true
			}
			for _, m := range v {
				if strings.Contains(m.Name, " ") {
					t.Errorf("a member %q: quote the text with a comma before it", m.Name)
				}
				if m.Name != "example" {
					walk(m.Value)
				}
			}
		case []any:
			for _, item := range v {
				walk(item)
			}
		}
	}
	walk(doc)
	have := make(map[string]bool)
	for _, kind := range doc.Object("components") {
		for _, m := range kind.Value.(openapi.Object) {
			have["#/components/"+kind.Name+"/"+m.Name] = true
		}
	}
	for ref := range used {
		if !have[ref] {
			t.Errorf("there is no %s", ref)
		}
	}
	for ref := range have {
		if !used[ref] && !strings.Contains(ref, "/securitySchemes/") {
			t.Errorf("nothing refers to %s", ref)
		}
	}
}

// Each example is as the schema beside it says.
func TestExamples(t *testing.T) {
	var doc any
	if err := json.Unmarshal(openapi.JSON(), &doc); err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("https://docsift.example/openapi.json", doc); err != nil {
		t.Fatal(err)
	}
	n := 0
	var walk func(v any, at string)
	walk = func(v any, at string) {
		switch v := v.(type) {
		case map[string]any:
			example, ok := v["example"]
			if _, schema := v["schema"]; ok && schema {
				n++
				s, err := c.Compile("https://docsift.example/openapi.json#" + at + "/schema")
				if err == nil {
					err = s.Validate(example)
				}
				if err != nil {
					t.Errorf("%s: %v", at, err)
				}
			}
			for name, inner := range v {
				if name != "example" && name != "examples" {
					walk(inner, at+"/"+strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(name))
				}
			}
		case []any:
			for i, inner := range v {
				walk(inner, fmt.Sprintf("%s/%d", at, i))
			}
		}
	}
	walk(doc, "")
	if n < 60 {
		t.Errorf("only %d examples", n)
	}
}

// Every operation says what it is for, and what it answers in JSON has an example.
func TestOperationsAreTold(t *testing.T) {
	ids := make(map[string]bool)
	doc := openapi.Document()
	tags := make(map[string]bool)
	for _, tag := range doc.List("tags") {
		tags[tag.(openapi.Object).Text("name")] = true
	}
	for _, path := range doc.Object("paths") {
		for _, method := range path.Value.(openapi.Object) {
			op, at := method.Value.(openapi.Object), method.Name+" "+path.Name
			if id := op.Text("operationId"); id == "" || ids[id] {
				t.Errorf("%s: operationId %q", at, id)
			} else {
				ids[id] = true
			}
			if op.Text("summary") == "" || len(op.List("tags")) != 1 || !tags[op.List("tags")[0].(string)] {
				t.Errorf("%s: summary %q, tags %v", at, op.Text("summary"), op.List("tags"))
			}
			for _, r := range op.Object("responses") {
				media := r.Value.(openapi.Object).Object("content").Object("application/json")
				if media != nil && media.Get("example") == nil && path.Name != "/openapi.json" {
					t.Errorf("%s: no example of %s", at, r.Name)
				}
			}
		}
	}
}

func TestYAMLSaysTheSame(t *testing.T) {
	var fromYAML, fromJSON any
	if err := yaml.Unmarshal(openapi.YAML(), &fromYAML); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(openapi.JSON(), &fromJSON); err != nil {
		t.Fatal(err)
	}
	a, err := json.Marshal(fromYAML)
	if err != nil {
		t.Fatal(err)
	}
	if b, _ := json.Marshal(fromJSON); !bytes.Equal(a, b) {
		t.Error("the YAML and the JSON differ")
	}
}
