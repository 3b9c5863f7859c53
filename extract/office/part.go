package office

import (
	"path"
	"slices"
	"strings"
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
	err := p.scan(list, onStart(func(e element) error {
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
	if err := spare(err); err != nil {
		return "", err
	}
	i := slices.IndexFunc(links, func(r relation) bool { return r.kind == "officeDocument" })
	if i >= 0 && p.has(links[i].target) {
		return links[i].target, nil
	}
	return usual, nil
}
