package httpapi

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/docsift/docsift/fault"
)

func TestExplainTakesScopes(t *testing.T) {
	for _, tt := range []struct {
		how   string
		scope Scope
		want  fault.Kind
	}{
		{"true", Classify, forbidden}, {"true", Read, ""}, {"text", Read, forbidden}, {"text", Review, ""}, {"text", Admin, ""},
		{"false", Classify, ""}, {"", Classify, ""}, {"yes", Admin, fault.Invalid},
	} {
		r := httptest.NewRequest(http.MethodPost, "/v1/classifications?explain="+tt.how, nil)
		if _, err := explain(r, Caller{Scopes: []Scope{tt.scope}}, false); fault.KindOf(err) != tt.want {
			t.Errorf("explain=%s with the scope %s: %v, want %q", tt.how, tt.scope, err, tt.want)
		}
	}
}
