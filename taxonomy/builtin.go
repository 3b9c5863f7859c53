package taxonomy

import (
	"embed"
	"fmt"
	"slices"
	"sync"

	"github.com/docsift/docsift/fault"
)

//go:embed builtin/*.yaml builtin/*.phrases
var files embed.FS

// All is the id of the taxonomy that unites the six industries. The command line sorts
// into it unless told otherwise.
const All = "all"

// Industries returns the ids of the industries, in the order that the original service lists them.
func Industries() []string {
	return []string{"finance", "legal", "healthcare", "real_estate", "insurance", "hr"}
}

// Builtin returns the built-in taxonomies: the industries, "default", and "all".
func Builtin() []*Taxonomy { return slices.Clone(loaded().taxonomies) }

// Find returns the built-in taxonomy with the given id, or fault.NotFound with those that there are.
func Find(id string) (*Taxonomy, error) {
	var ids []string
	for _, t := range Builtin() {
		if t.ID == id {
			return t, nil
		}
		ids = append(ids, t.ID)
	}
	return nil, fault.New(fault.NotFound, nil, "no taxonomy %q; there are %q", id, ids)
}

// Outside returns what is known of documents that belong to no category, so that a
// stranger can be recognised as one.
func Outside() []Category { return loaded().outside }

// knowledge returns what the built-in files know of a category, by key and by title. The
// first description of a key wins, and a key wins over a title.
func knowledge() map[string]Category { return loaded().known }

type library struct {
	taxonomies []*Taxonomy
	outside    []Category
	known      map[string]Category
}

// loaded reads the embedded files once. They are part of the program: a broken one is a bug
// that the first test run shows, hence the panic.
var loaded = sync.OnceValue(load)

func load() library {
	var lib library
	var cs []Category
	for _, id := range append(Industries(), "default") {
		t := mustRead(id)
		cs = append(cs, t.Categories...)
		lib.taxonomies = append(lib.taxonomies, t)
	}
	lib.outside = mustRead("outside").Categories
	lib.known = index(append(cs, lib.outside...))
	for _, t := range lib.taxonomies {
		t.inherit(lib.known)
		t.Version += "+" + t.digest()
	}
	lib.taxonomies = append(lib.taxonomies, union(lib.taxonomies[:len(Industries())]))
	return lib
}

// index maps the keys of names and titles to categories.
func index(cs []Category) map[string]Category {
	known := make(map[string]Category)
	add := func(name string, c Category) {
		if _, ok := known[key(name)]; !ok && len(c.Cues) > 0 {
			known[key(name)] = c
		}
	}
	for _, c := range cs {
		add(c.Name, c)
	}
	for _, c := range cs {
		for _, title := range c.Titles {
			add(title, c)
		}
	}
	return known
}

// mustRead reads a taxonomy that is part of the program.
func mustRead(id string) *Taxonomy {
	t, err := read("builtin/" + id)
	if err != nil {
		panic(fmt.Sprintf("taxonomy: %v", err))
	}
	return t
}

func read(path string) (*Taxonomy, error) {
	data, err := files.ReadFile(path + ".yaml")
	if err != nil {
		return nil, err
	}
	t, err := parse(path+".yaml", data)
	if err != nil {
		return nil, err
	}
	phrases, err := files.ReadFile(path + ".phrases")
	if err != nil {
		return nil, err
	}
	if err := t.readPhrases(path+".phrases", string(phrases)); err != nil {
		return nil, err
	}
	_, err = t.check()
	return t, err
}

// union puts the categories of several taxonomies into one, each once.
func union(parts []*Taxonomy) *Taxonomy {
	u := &Taxonomy{
		ID: All, Title: "All industries",
		Description: "Every category of every industry, for documents of mixed origin.",
	}
	versions := ""
	for _, t := range parts {
		versions += t.Version + "\n"
		for _, c := range t.Categories {
			if !slices.ContainsFunc(u.Categories, func(have Category) bool { return have.Name == c.Name }) {
				u.Categories = append(u.Categories, c)
			}
		}
	}
	u.Version = "1+" + hash([]byte(versions))
	return u
}
