package httpapi

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/store"
)

// singleFields are the fields beside file and categories, each at most once.
func singleFields() []string {
	return []string{"upload", "taxonomy", "industry", "policy", "priority", "deadline", "batch", "cache"}
}

// request reads the fields of a form, file and batch aside. A field that there is not is refused:
// a misspelt one would silently mean the default.
func request(u *upload, r *http.Request) (store.Request, error) {
	req := store.Request{Request: docsift.Request{Taxonomy: u.first("taxonomy"), Policy: u.first("policy")}, Priority: store.Normal, NoCache: u.fresh(r)}
	if err := checkFields(u, r.URL.Query()); err != nil {
		return req, err
	}
	if v := u.first("cache"); v != "" && v != "on" && v != "off" {
		return req, fault.New(fault.Invalid, nil, "cache is on or off")
	}
	if err := when(&req, u); err != nil {
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

// when reads how soon a document is to be answered.
func when(req *store.Request, u *upload) error {
	switch p := u.first("priority"); p {
	case "", "normal":
	case "urgent":
		req.Priority = store.Urgent
	case "bulk":
		req.Priority = store.Bulk
	default:
		return fault.New(fault.Invalid, nil, "priority %.40q: use urgent, normal or bulk", p)
	}
	text := u.first("deadline")
	if text == "" {
		return nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if d, notTime := time.ParseDuration(text); err != nil && notTime == nil {
		at, err = time.Now().Add(d), nil
	}
	if err != nil || !at.After(time.Now()) || at.Year() > 2200 {
		return fault.New(fault.Invalid, nil, "deadline %.40q: give a time to come, such as 2026-12-31T18:00:00Z or 30m", text)
	}
	req.Deadline = at.UTC().Truncate(time.Millisecond)
	return nil
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

// fresh reports whether the sender wants the models asked even if the answer is known.
func (u *upload) fresh(r *http.Request) bool {
	for _, v := range r.Header.Values("Cache-Control") {
		for directive := range strings.SplitSeq(v, ",") {
			if strings.EqualFold(strings.TrimSpace(directive), "no-cache") {
				return true
			}
		}
	}
	return u.first("cache") == "off"
}

// parts is all that makes up the request.
func (u *upload) parts() []any { return []any{u.doc.SHA256, u.filename, u.fields} }

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
