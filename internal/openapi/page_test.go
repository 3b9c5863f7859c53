package openapi_test

import (
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/docsift/docsift/internal/openapi"
)

// The page shows every route and every schema, leads nowhere that there is not, fetches nothing and
// runs nothing that its policy does not name.
func TestPage(t *testing.T) {
	text, policy := openapi.Page()
	root, err := html.Parse(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	ids, links := make(map[string]bool), make(map[string]bool)
	for n := range root.Descendants() {
		for _, a := range n.Attr {
			switch {
			case a.Key == "id" && ids[a.Val]:
				t.Errorf("the id %s is there twice", a.Val)
			case a.Key == "id":
				ids[a.Val] = true
			case a.Key == "href":
				links[a.Val] = true
			case a.Key == "src", a.Key == "style", strings.HasPrefix(a.Key, "on"):
				t.Errorf("<%s %s=%q> is against the policy", n.Data, a.Key, a.Val)
			}
		}
	}
	for link := range links {
		to, within := strings.CutPrefix(link, "#")
		if within && !ids[to] || !within && link != "/" && !strings.HasPrefix(link, "/openapi.") {
			t.Errorf("a link to %q leads nowhere", link)
		}
	}
	for _, r := range openapi.Routes() {
		_, path, _ := strings.Cut(r.Pattern, " ")
		if !strings.Contains(string(text), "<code>"+path+"</code>") {
			t.Errorf("the page has no %s", r.Pattern)
		}
	}
	for _, m := range openapi.Document().Object("components").Object("schemas") {
		if !ids["schema-"+m.Name] {
			t.Errorf("the page has no schema %s", m.Name)
		}
	}
	for _, curl := range []string{
		`curl -H &#34;Authorization: Bearer $DOCSIFT_API_KEY&#34; -F file=@invoice.pdf $URL/v1/classifications<`, `curl $URL/healthz<`,
		`curl -X DELETE -H &#34;Authorization: Bearer $DOCSIFT_API_KEY&#34; $URL/v1/keys/$id<`, `curl -X PUT -T invoice.pdf &#34;$URL/v1/uploads/$id?token=$token&#34;<`,
	} {
		if !strings.Contains(string(text), curl) {
			t.Errorf("the page has no %s", curl)
		}
	}
	want := regexp.MustCompile(`^default-src 'none'; style-src 'sha256-\S+'; script-src 'sha256-\S+'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$`)
	if !want.MatchString(policy) {
		t.Errorf("policy %q", policy)
	}
	if len(text) > 1<<20 {
		t.Errorf("the page has %d bytes", len(text))
	}
}
