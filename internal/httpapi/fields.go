package httpapi

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/fault"
)

// singleFields are the fields beside file and categories, each at most once.
func singleFields() []string { return []string{"upload", "taxonomy", "industry", "policy"} }

// request reads the fields taxonomy (or industry, its other name), categories and policy.
// A field that there is not is refused: a misspelt one would silently mean the default.
func request(u *upload, query url.Values) (docsift.Request, error) {
	req := docsift.Request{Taxonomy: u.first("taxonomy"), Policy: u.first("policy")}
	if err := checkFields(u, query); err != nil {
		return req, err
	}
	if industry := u.first("industry"); req.Taxonomy == "" {
		req.Taxonomy = strings.ToLower(industry)
	} else if industry != "" {
		return req, fault.New(fault.Invalid, nil, "give taxonomy or industry, not both")
	}
	for _, v := range u.fields["categories"] {
		names, err := list(v)
		if err != nil {
			return req, err
		}
		req.Categories = append(req.Categories, names...)
	}
	return req, nil
}

func checkFields(u *upload, query url.Values) error {
	known := append(singleFields(), "categories")
	for _, name := range known {
		if query.Has(name) {
			return fault.New(fault.Invalid, nil, "%s is a field of the form, not a parameter of the address", name)
		}
	}
	var unknown []string
	for _, name := range slices.Sorted(maps.Keys(u.fields)) {
		if !slices.Contains(known, name) && len(unknown) < 5 {
			unknown = append(unknown, fmt.Sprintf("%.40q", name))
		}
	}
	if len(unknown) > 0 {
		return fault.New(fault.Invalid, nil, "no field %s; there are file, %s", strings.Join(unknown, ", "), strings.Join(known, ", "))
	}
	for _, name := range singleFields() {
		if len(u.fields[name]) > 1 {
			return fault.New(fault.Invalid, nil, "the field %s is there twice", name)
		}
	}
	return nil
}

// list reads one field of categories: a JSON array, or names between commas.
func list(s string) ([]string, error) {
	if s = strings.TrimSpace(s); !strings.HasPrefix(s, "[") {
		return strings.Split(s, ","), nil
	}
	var names []string
	if err := json.Unmarshal([]byte(s), &names); err != nil {
		return nil, fault.New(fault.Invalid, err, "categories is not a JSON array of strings")
	}
	if len(names) == 0 {
		return nil, fault.New(fault.Invalid, nil, "categories is an empty list: leave it out for the default taxonomy")
	}
	return names, nil
}
