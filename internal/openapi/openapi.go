// Package openapi is the description of docsift's HTTP API: an OpenAPI 3.1 document, written by hand
// in source/*.yaml, and the same as a page for people.
package openapi

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

//go:embed source/*.yaml
var source embed.FS

// Document returns the whole document. It must not be changed.
func Document() Object { return whole() }

// JSON returns the document as JSON.
func JSON() []byte { return asJSON() }

// YAML returns the document as YAML.
func YAML() []byte { return asYAML() }

// Route is one operation of the document.
type Route struct {
	Pattern string // as of http.ServeMux, such as "GET /v1/batches/{id}"
	Scope   string // "" where nobody is asked who they are
	Kept    bool   // it is there only where the server keeps something
	Summary string
	Tag     string
}

// Routes returns all operations in the order of the document.
func Routes() []Route {
	var all []Route
	for _, op := range operations(whole()) {
		tag, _ := op.body.List("tags")[0].(string)
		kept, _ := op.body.Get("x-store").(bool)
		all = append(all, Route{op.pattern(), op.body.Text("x-scope"), kept, op.body.Text("summary"), tag})
	}
	return all
}

var (
	whole  = sync.OnceValue(assembled)
	asJSON = sync.OnceValue(func() []byte {
		b, err := json.MarshalIndent(whole(), "", "  ")
		if err != nil {
			panic("openapi: " + err.Error()) // it was parsed
		}
		return append(b, '\n')
	})
	asYAML = sync.OnceValue(func() []byte {
		var b bytes.Buffer
		enc := yaml.NewEncoder(&b)
		enc.SetIndent(2)
		if err := enc.Encode(toYAML(whole())); err != nil {
			panic("openapi: " + err.Error())
		}
		return b.Bytes()
	})
)

func assembled() Object {
	doc, err := assemble()
	if err != nil {
		panic("openapi: " + err.Error()) // a test of this package would have failed
	}
	return doc
}

// assemble puts the files together. They are shorter than OpenAPI by four rules: a property whose
// name ends in "?" is optional, and all others of its object are required unless it says otherwise;
// x-scope gives an operation its security; each operation may answer with the errors that x-errors
// of the first file has for its kind of route; and each answer may have the headers of x-headers. x-parts holds what a file repeats.
func assemble() (Object, error) {
	files, err := source.ReadDir("source")
	if err != nil {
		return nil, err
	}
	doc := Object{}
	for _, f := range files { // by name
		text, err := source.ReadFile("source/" + f.Name())
		if err != nil {
			return nil, err
		}
		part, err := parse(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name(), err)
		}
		if doc, err = merge(doc, part.without("x-parts"), ""); err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name(), err)
		}
	}
	shared, headers := doc.Object("x-errors"), doc.Object("x-headers")
	doc = settled(doc.without("x-errors").without("x-headers")).(Object)
	components := doc.Object("components")
	components.set("responses", headed(components.Object("responses"), headers))
	doc.set("components", components)
	for _, op := range operations(doc) {
		op.secure()
		op.mayFail(shared, headers)
	}
	return doc, nil
}

// merge adds the members of b to those of a. Only objects may be in both.
func merge(a, b Object, at string) (Object, error) {
	for _, m := range b {
		have := a.Get(m.Name)
		if have == nil {
			a.set(m.Name, m.Value)
			continue
		}
		first, ok := have.(Object)
		second, also := m.Value.(Object)
		if !ok || !also {
			return nil, fmt.Errorf("%s/%s is there twice", at, m.Name)
		}
		sum, err := merge(first, second, at+"/"+m.Name)
		if err != nil {
			return nil, err
		}
		a.set(m.Name, sum)
	}
	return a, nil
}

// settled says of each object which of its properties are required.
func settled(v any) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = settled(v[i])
		}
		return out
	case Object:
		out := Object{}
		for _, m := range v {
			if m.Name == "example" || m.Name == "examples" {
				out = append(out, m)
				continue
			}
			out = append(out, Member{m.Name, settled(m.Value)})
		}
		if _, ok := out.Get("properties").(Object); ok && out.Text("type") == "object" {
			out.require()
		}
		return out
	}
	return v
}

// require takes the question marks off the names of optional properties.
func (o *Object) require() {
	var required []any
	properties := Object{}
	for _, m := range o.Object("properties") {
		name, optional := strings.CutSuffix(m.Name, "?")
		if !optional {
			required = append(required, name)
		}
		properties = append(properties, Member{name, m.Value})
	}
	o.set("properties", properties)
	if o.Get("required") == nil && required != nil {
		o.set("required", required)
	}
}

// operation is one method of one path.
type operation struct {
	method, path string
	body         Object
	put          func(Object) // in the place of body
}

func (op operation) pattern() string { return strings.ToUpper(op.method) + " " + op.path }

func operations(doc Object) []operation {
	var all []operation
	for _, p := range doc.Object("paths") {
		methods := p.Value.(Object)
		for i := range methods {
			all = append(all, operation{methods[i].Name, p.Name, methods[i].Value.(Object), func(o Object) { methods[i].Value = o }})
		}
	}
	return all
}

// secure says which key an operation asks for.
func (op *operation) secure() {
	security := []any{} // nobody is asked
	if scope := op.body.Text("x-scope"); scope != "" {
		security = []any{Object{{"bearer", []any{scope}}}, Object{{"key", []any{scope}}}}
	}
	op.body.set("security", security)
	op.put(op.body)
}

// mayFail adds the errors that an operation may answer with whatever it does, in the shape of its route.
func (op *operation) mayFail(shared, headers Object) {
	shape := "problem"
	switch tags := op.body.List("tags"); {
	case slices.Contains(tags, "Decisions"):
		shape = "openai"
	case slices.Contains(tags, "Original"):
		shape = "original"
	}
	responses := slices.Clone(op.body.Object("responses")) // files share them
	for _, m := range shared.Object(shape) {
		open := m.Name == "403" || m.Name == "421" || m.Name == "500"
		if (open || op.body.Text("x-scope") != "") && responses.Get(m.Name) == nil {
			responses.set(m.Name, m.Value)
		}
	}
	slices.SortFunc(responses, func(a, b Member) int { return strings.Compare(a.Name, b.Name) })
	op.body.set("responses", headed(responses, headers))
	op.put(op.body)
}

// headed adds headers to those of responses.
func headed(responses, headers Object) Object {
	out := Object{}
	for _, m := range responses {
		r := slices.Clone(m.Value.(Object))
		if r.Text("$ref") == "" {
			r.set("headers", append(slices.Clone(headers), r.Object("headers")...))
		}
		out = append(out, Member{m.Name, r})
	}
	return out
}
