// Package openapi holds docsift's document of its API to the OpenAPI specification. It is a module of its
// own, so that the validator is no part of docsift.
package openapi

import (
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"

	"github.com/docsift/docsift/internal/openapi"
)

func TestTheDocumentIsOpenAPI(t *testing.T) {
	for name, text := range map[string][]byte{"JSON": openapi.JSON(), "YAML": openapi.YAML()} {
		doc, err := libopenapi.NewDocument(text)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if v := doc.GetVersion(); v != "3.1.0" {
			t.Errorf("%s: version %q", name, v)
		}
		model, err := doc.BuildV3Model() // which follows every reference
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if n := model.Model.Paths.PathItems.Len(); n < 30 {
			t.Errorf("%s: %d paths", name, n)
		}
		v, errs := validator.NewValidator(doc)
		if len(errs) > 0 {
			t.Fatalf("%s: %v", name, errs)
		}
		if ok, problems := v.ValidateDocument(); !ok {
			for _, p := range problems {
				t.Errorf("%s: %s: %s", name, p.Message, p.Reason)
				for _, e := range p.SchemaValidationErrors {
					t.Errorf("%s at %s", e.Reason, e.FieldPath)
				}
			}
		}
	}
}
