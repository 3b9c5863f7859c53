package office

import (
	"encoding/xml"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/fault"
)

// relation is one link from a part to another.
type relation struct {
	id, kind, target string // kind is the last element of the type; target is a part's name
}

// relations returns the links of a part, or of the file itself for "". Links out of the
// file are left out: nothing is ever fetched.
func (p *parcel) relations(name string) ([]relation, error) {
	const limit = 10_000
	dir, file := path.Split(name)
	list := path.Join(dir, "_rels", file+".rels")
	if !p.has(list) {
		return nil, nil
	}
	var out []relation
	err := p.scan(list, onStart(func(e xml.StartElement) error {
		if e.Name.Local != "Relationship" || attr(e, "TargetMode") == "External" {
			return nil
		}
		target := strings.ReplaceAll(attr(e, "Target"), `\`, "/")
		if !strings.HasPrefix(target, "/") {
			target = path.Join("/", dir, target)
		}
		out = append(out, relation{attr(e, "Id"), path.Base(attr(e, "Type")), strings.TrimPrefix(target, "/")})
		if len(out) == limit {
			return errEnough
		}
		return nil
	}))
	return out, err
}

// mainPart returns the name of the part that the file is about.
func (p *parcel) mainPart(usual string) (string, error) {
	links, err := p.relations("")
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(links, func(r relation) bool { return r.kind == "officeDocument" })
	if i >= 0 && p.has(links[i].target) {
		return links[i].target, nil
	}
	return usual, nil
}

// properties returns what the file says of itself, and its number of pages if it tells.
// Damage here is no reason to refuse a document that can be read.
func (p *parcel) properties() (meta map[string]string, pages int, err error) {
	values := map[string]string{}
	for _, name := range []string{"docProps/core.xml", "docProps/app.xml"} {
		if !p.has(name) {
			continue
		}
		if err := p.scan(name, &fields{values: values}); err != nil && fault.KindOf(err) != fault.Corrupt {
			return nil, 0, err
		}
	}
	meta = map[string]string{}
	for key, names := range map[string][]string{
		"title":    {"title"},
		"subject":  {"subject"},
		"author":   {"creator", "lastModifiedBy"},
		"producer": {"Application"},
	} {
		for _, name := range slices.Backward(names) {
			if v := values[name]; v != "" {
				meta[key] = v
			}
		}
	}
	return meta, plausiblePages(values["Pages"]), nil
}

// plausiblePages reads the number of pages that Word last counted: 1 unless it makes sense.
func plausiblePages(s string) int {
	const most = 10_000
	if n, err := strconv.Atoi(s); err == nil && n >= 1 && n <= most {
		return n
	}
	return 1
}

// maxMeta is how many bytes of a property are kept.
const maxMeta = 512

// fields gathers the text of elements two deep, by their local names.
type fields struct {
	depth  int
	name   string
	value  strings.Builder
	values map[string]string
}

func (f *fields) start(e xml.StartElement) error {
	if f.depth++; f.depth == 2 {
		f.name = e.Name.Local
		f.value.Reset()
	}
	return nil
}

func (f *fields) text(b []byte) error {
	if f.depth == 2 && f.value.Len() < maxMeta {
		f.value.Write(b[:min(len(b), maxMeta)])
	}
	return nil
}

func (f *fields) end(xml.Name) error {
	if f.depth--; f.depth == 1 {
		f.values[f.name] = strings.Join(strings.Fields(extract.Clean(f.value.String())), " ")
	}
	return nil
}
