package openapi

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"regexp"
	"slices"
	"strings"
	"sync"
)

//go:embed page
var assets embed.FS

// Page returns the document as a page of HTML and the Content-Security-Policy that it goes with: it
// fetches nothing, and runs no script but its own.
func Page() (html []byte, policy string) {
	p := rendered()
	return p.html, p.policy
}

type page struct {
	html   []byte
	policy string
}

var rendered = sync.OnceValue(render)

func render() page {
	style, script := asset("page/style.css"), asset("page/search.js")
	var b bytes.Buffer
	err := template.Must(template.New("page.html").Funcs(template.FuncMap{"prose": prose, "anchor": anchor}).ParseFS(assets, "page/page.html")).
		Execute(&b, viewOf(whole(), style, script))
	if err != nil {
		panic("openapi: " + err.Error()) // a test of this package would have failed
	}
	return page{b.Bytes(), "default-src 'none'; style-src " + hash(style) + "; script-src " + hash(script) +
		"; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"}
}

func asset(name string) string {
	b, err := assets.ReadFile(name)
	if err != nil {
		panic("openapi: " + err.Error()) // it is embedded
	}
	return string(b)
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// view is what the page shows.
type view struct {
	Title, Description string
	Style              template.CSS
	Script             template.JS
	Groups             []group
	Schemas            []schemaView
}

type group struct {
	Name, Description string
	Operations        []operationView
}

type operationView struct {
	ID, Method, Path, Scope, Summary, Description string
	Curl                                          string
	Event                                         bool // it is sent, not answered
	Parameters                                    []row
	Bodies                                        []bodyView
	Responses                                     []responseView
}

type bodyView struct {
	Media, Ref, Example string
	Rows                []row
}

type responseView struct {
	Status, Description string
	Headers             []row
	Bodies              []bodyView
}

type schemaView struct {
	Name, Description, Type string
	Rows                    []row
}

// row is a line of a table of fields, parameters or headers.
type row struct {
	Name, In, Type, Ref, Description string
	Required                         bool
	Depth                            int
}

func viewOf(doc Object, style, script string) view {
	info := doc.Object("info")
	v := view{Title: info.Text("title"), Description: info.Text("description"), Style: template.CSS(style), Script: template.JS(script)}
	r := renderer{doc}
	for _, tag := range doc.List("tags") {
		t := tag.(Object)
		g := group{Name: t.Text("name"), Description: t.Text("description")}
		for _, op := range operations(doc) {
			if op.body.List("tags")[0] == g.Name {
				g.Operations = append(g.Operations, r.operation(op, false))
			}
		}
		for _, hook := range doc.Object("webhooks") {
			body := hook.Value.(Object).Object("post")
			if body.List("tags")[0] == g.Name {
				g.Operations = append(g.Operations, r.operation(operation{method: "event", path: hook.Name, body: body}, true))
			}
		}
		v.Groups = append(v.Groups, g)
	}
	for _, m := range doc.Object("components").Object("schemas") {
		s := m.Value.(Object)
		text, _ := typeOf(s)
		v.Schemas = append(v.Schemas, schemaView{m.Name, s.Text("description"), text, r.fields(s, 0)})
	}
	slices.SortFunc(v.Schemas, func(a, b schemaView) int { return strings.Compare(a.Name, b.Name) })
	return v
}

// everywhere are headers that the page tells of once.
func everywhere() []string { return []string{"X-Request-Id", "RateLimit-Policy", "RateLimit"} }

// renderer turns parts of a document into rows.
type renderer struct{ doc Object }

// follow returns what o refers to, or o itself.
func (r renderer) follow(o Object) Object {
	ref := o.Text("$ref")
	if ref == "" {
		return o
	}
	at := r.doc
	for name := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
		at = at.Object(name)
	}
	return at
}

func (r renderer) operation(op operation, event bool) operationView {
	v := operationView{
		Method: strings.ToUpper(op.method), Path: op.path, Scope: op.body.Text("x-scope"), Event: event,
		Summary: op.body.Text("summary"), Description: op.body.Text("description"),
	}
	v.ID, v.Curl = op.body.Text("operationId"), curl(op)
	if event {
		v.ID, v.Curl = "event-"+op.path, ""
	}
	for _, p := range op.body.List("parameters") {
		p := r.follow(p.(Object))
		text, ref := typeOf(p.Object("schema"))
		required, _ := p.Get("required").(bool)
		v.Parameters = append(v.Parameters, row{Name: p.Text("name"), In: p.Text("in"), Type: text, Ref: ref, Description: p.Text("description"), Required: required})
	}
	v.Bodies = r.bodies(op.body.Object("requestBody").Object("content"), true)
	for _, m := range op.body.Object("responses") {
		resp := r.follow(m.Value.(Object))
		out := responseView{Status: m.Name, Description: resp.Text("description"), Bodies: r.bodies(resp.Object("content"), false)}
		for _, h := range resp.Object("headers") {
			if slices.Contains(everywhere(), h.Name) {
				continue
			}
			header := r.follow(h.Value.(Object))
			text, _ := typeOf(header.Object("schema"))
			out.Headers = append(out.Headers, row{Name: h.Name, Type: text, Description: header.Text("description")})
		}
		v.Responses = append(v.Responses, out)
	}
	return v
}

// curl is how an operation is asked for from a shell.
func curl(op operation) string {
	var b strings.Builder
	b.WriteString("curl")
	content := op.body.Object("requestBody").Object("content")
	body := content.Object("application/json").Get("example")
	form := content.Object("multipart/form-data") != nil
	usual := "get"
	if form || body != nil {
		usual = "post"
	}
	if op.method != usual {
		b.WriteString(" -X " + strings.ToUpper(op.method))
	}
	if op.body.Text("x-scope") != "" {
		b.WriteString(` -H "Authorization: Bearer $DOCSIFT_API_KEY"`)
	}
	switch {
	case form:
		b.WriteString(" -F file=@invoice.pdf")
	case body != nil:
		text, err := json.Marshal(body)
		if err != nil {
			panic("openapi: " + err.Error()) // it was parsed
		}
		b.WriteString(" -H 'Content-Type: application/json' \\\n     -d '" + strings.ReplaceAll(string(text), "'", `'\''`) + "'")
	case content.Object("*/*") != nil:
		b.WriteString(" -T invoice.pdf")
	}
	address := "$URL" + strings.NewReplacer("{", "$", "}", "").Replace(op.path)
	for _, p := range op.body.List("parameters") {
		if p := p.(Object); p.Text("in") == "query" && p.Get("required") == true {
			address = `"` + address + "?" + p.Text("name") + "=$" + p.Text("name") + `"`
		}
	}
	return b.String() + " " + address
}

// bodies returns what a body may be; its fields, too, where they stand elsewhere and are wanted here.
func (r renderer) bodies(content Object, whole bool) []bodyView {
	var all []bodyView
	for _, m := range content {
		media := m.Value.(Object)
		schema := media.Object("schema")
		b := bodyView{Media: m.Name, Rows: r.fields(schema, 0)}
		if _, b.Ref = typeOf(schema); whole {
			b.Rows = r.fields(r.follow(schema), 0)
		}
		if example := media.Get("example"); example != nil {
			text, err := json.MarshalIndent(example, "", "  ")
			if err != nil {
				panic("openapi: " + err.Error()) // it was parsed
			}
			b.Example = string(text)
		}
		all = append(all, b)
	}
	return all
}

// fields returns the properties of a schema, and below each those of objects within it.
func (r renderer) fields(s Object, depth int) []row {
	required := s.List("required")
	var all []row
	for _, m := range s.Object("properties") {
		p := m.Value.(Object)
		text, ref := typeOf(p)
		all = append(all, row{Name: m.Name, Type: text, Ref: ref, Description: p.Text("description"), Depth: depth, Required: slices.Contains(required, any(m.Name))})
		for _, inner := range []Object{p, p.Object("items"), p.Object("additionalProperties")} {
			all = append(all, r.fields(inner, depth+1)...)
		}
		for _, choice := range p.List("anyOf") {
			all = append(all, r.fields(choice.(Object), depth+1)...)
		}
	}
	return all
}

// typeOf says in words what a schema takes, and which schema of the components it is, if one.
func typeOf(s Object) (text, ref string) {
	if to := s.Text("$ref"); to != "" {
		name := to[strings.LastIndexByte(to, '/')+1:]
		return name, name
	}
	var parts []string
	for _, choice := range s.List("anyOf") {
		inner, to := typeOf(choice.(Object))
		parts, ref = append(parts, inner), firstOf(ref, to)
	}
	switch t := s.Get("type").(type) {
	case string:
		parts = append(parts, t)
	case []any:
		for _, one := range t {
			parts = append(parts, fmt.Sprint(one))
		}
	}
	text = strings.Join(parts, " or ")
	if items := s.Object("items"); items != nil {
		inner, to := typeOf(items)
		text, ref = strings.Replace(text, "array", "list of "+firstOf(inner, "anything"), 1), firstOf(ref, to)
	}
	if of := s.List("enum"); of != nil {
		text = ""
		for i, one := range of {
			if one == "" {
				one = `""`
			}
			text += strings.Repeat(" | ", min(i, 1)) + fmt.Sprint(one)
		}
	}
	if one := s.Get("const"); one != nil {
		text = fmt.Sprint(one)
	}
	if format := s.Text("format"); format != "" {
		text += " (" + format + ")"
	}
	return text, ref
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

var code = regexp.MustCompile("`([^`]+)`")

// prose is text of the document as HTML: paragraphs, and code between backticks.
func prose(text string) template.HTML {
	var b strings.Builder
	for paragraph := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		if paragraph != "" {
			b.WriteString("<p>" + code.ReplaceAllString(template.HTMLEscapeString(paragraph), "<code>$1</code>") + "</p>")
		}
	}
	return template.HTML(b.String())
}

// anchor is the part of an address that leads to a name.
func anchor(name string) string { return strings.ToLower(strings.ReplaceAll(name, " ", "-")) }
