package office

import (
	"encoding/xml"
	"slices"
	"strconv"
	"strings"

	"github.com/docsift/docsift/extract"
)

// properties is what a file says of itself: texts by the names of their elements.
type properties map[string]string

// properties reads the properties of a Microsoft file, which stand in two parts. Damage
// here is no reason to refuse a document that can be read.
func (p *parcel) properties() (properties, error) {
	links, err := p.relations("")
	if err := spare(err); err != nil {
		return nil, err
	}
	names := []string{"docProps/core.xml", "docProps/app.xml"}
	for _, l := range links {
		isCore := strings.EqualFold(l.kind, "core-properties")
		if (isCore || strings.HasPrefix(strings.ToLower(l.kind), "extended")) && !slices.Contains(names, l.target) {
			names = append(names, l.target)
		}
	}
	return p.gather(2, names...)
}

// gather reads the texts of the elements that stand level deep in parts. A part that is
// missing or damaged tells nothing.
func (p *parcel) gather(level int, names ...string) (properties, error) {
	const most = 8 // parts
	values := properties{}
	for _, name := range names[:min(len(names), most)] {
		if !p.has(name) {
			continue
		}
		if err := spare(p.scan(name, &fields{level: level, values: values})); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// meta names the properties as extract.Content does. Of two elements for one the first counts.
func (v properties) meta() map[string]string {
	out := map[string]string{}
	for key, names := range map[string][]string{
		"title":    {"title"},
		"subject":  {"subject"},
		"author":   {"initial-creator", "creator", "lastModifiedBy"},
		"producer": {"Application", "generator"},
		"keywords": {"keywords", "keyword"},
		"created":  {"created", "creation-date"},
		"modified": {"modified", "date"},
	} {
		for _, name := range slices.Backward(names) {
			if s := v[name]; s != "" {
				out[key] = s
			}
		}
	}
	return out
}

// count returns a number that the file tells, or 1 if it makes no sense.
func (v properties) count(name string) int {
	const most = 10_000
	if n, err := strconv.Atoi(v[name]); err == nil && n >= 1 && n <= most {
		return n
	}
	return 1
}

// maxMeta is how many bytes of a property are kept.
const maxMeta = 1000

// setList sets a property to a list of names, if there are any.
func setList(meta map[string]string, key string, names []string) {
	all := output{max: maxMeta}
	for _, name := range names {
		if name = tidyText(name); name == "" {
			continue
		}
		if all.b.Len() > 0 {
			name = ", " + name
		}
		if all.write([]byte(name)) != nil {
			break
		}
	}
	if s := all.String(); s != "" {
		meta[key] = s
	}
}

// tidyText makes a text fit for one line.
func tidyText(s string) string {
	return strings.Join(strings.Fields(extract.Clean(s)), " ")
}

// fields is a visitor that gathers the text of the elements of one level, by their local
// names, and the numbers that OpenDocument keeps in attributes.
type fields struct {
	level  int
	depth  int
	name   string
	value  strings.Builder
	values properties
}

func (f *fields) start(e element) error {
	if f.depth++; f.depth != f.level {
		return nil
	}
	f.name = e.Name.Local
	f.value.Reset()
	if f.name == "document-statistic" {
		for _, a := range e.Attr {
			f.values[a.Name.Local] = extract.Cut(string(a.value), maxMeta)
		}
	}
	return nil
}

func (f *fields) text(b []byte) error {
	if f.depth == f.level && f.value.Len() < maxMeta {
		f.value.Write(b[:min(len(b), maxMeta)])
	}
	return nil
}

func (f *fields) end(xml.Name) error {
	if f.depth--; f.depth != f.level-1 {
		return nil
	}
	v := extract.Cut(tidyText(f.value.String()), maxMeta)
	if before := f.values[f.name]; f.name == "keyword" && before != "" {
		v = extract.Cut(before+", "+v, maxMeta)
	}
	f.values[f.name] = v
	return nil
}
