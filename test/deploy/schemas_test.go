package deploy_test

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/yannh/kubeconform/pkg/validator"
	"sigs.k8s.io/yaml"
)

// Where the schemas come from. That of Kubernetes is its published API, those of the others their definitions.
const (
	kubernetes = "k8s.io/kubernetes@v1.37.2"
	keda       = "github.com/kedacore/keda/v2@v2.21.0"
	operator   = "github.com/prometheus-operator/prometheus-operator@v0.85.0"
)

type object = map[string]any

// schemas writes a strict schema for each kind that the chart has, and returns a validator that knows no others.
func schemas(t *testing.T) validator.Validator {
	t.Helper()
	dir := t.TempDir()
	write := func(group, version, kind string, schema any) {
		if group, _, _ = strings.Cut(group, "."); group != "" {
			group = "-" + group
		}
		text, err := json.Marshal(schema)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, strings.ToLower(kind+group+"-"+version)+".json"), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	builtin(t, write)
	for _, file := range []string{
		module(t, keda) + "/config/crd/bases/keda.sh_scaledobjects.yaml", module(t, keda) + "/config/crd/bases/keda.sh_triggerauthentications.yaml",
		module(t, operator) + "/example/prometheus-operator-crd/monitoring.coreos.com_podmonitors.yaml",
		module(t, operator) + "/example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml",
	} {
		custom(t, file, write)
	}
	v, err := validator.New([]string{dir + "/{{.ResourceKind}}{{.KindSuffix}}.json"}, validator.Opts{Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// builtin writes the schemas of Kubernetes' own kinds.
func builtin(t *testing.T, write func(group, version, kind string, schema any)) {
	t.Helper()
	var api struct{ Definitions map[string]object }
	if err := json.Unmarshal([]byte(read(t, module(t, kubernetes)+"/api/openapi-spec/swagger.json")), &api); err != nil {
		t.Fatal(err)
	}
	for name, d := range api.Definitions {
		switch {
		case strings.HasSuffix(name, ".IntOrString"):
			api.Definitions[name] = object{"type": []string{"string", "integer"}}
		case strings.HasSuffix(name, ".Quantity"):
			api.Definitions[name] = object{"type": []string{"string", "number"}}
		default:
			close(d)
		}
	}
	wanted := map[string]bool{
		"Deployment": true, "Job": true, "Service": true, "ConfigMap": true, "ServiceAccount": true, "Ingress": true,
		"NetworkPolicy": true, "HorizontalPodAutoscaler": true, "PodDisruptionBudget": true,
	}
	for name, d := range api.Definitions {
		kinds, _ := d["x-kubernetes-group-version-kind"].([]any)
		if len(kinds) != 1 {
			continue
		}
		if of := kinds[0].(object); wanted[fmt.Sprint(of["kind"])] {
			used := map[string]object{}
			reach(api.Definitions, name, used)
			write(of["group"].(string), of["version"].(string), of["kind"].(string), object{"$ref": "#/definitions/" + name, "definitions": used})
		}
	}
}

// reach gathers a definition and all that it refers to.
func reach(all map[string]object, name string, used map[string]object) {
	if used[name] != nil {
		return
	}
	used[name] = all[name]
	var look func(any)
	look = func(v any) {
		switch v := v.(type) {
		case object:
			if ref, ok := v["$ref"].(string); ok {
				reach(all, strings.TrimPrefix(ref, "#/definitions/"), used)
			}
			for _, inner := range v {
				look(inner)
			}
		case []any:
			for _, inner := range v {
				look(inner)
			}
		}
	}
	look(all[name])
}

// custom writes the schemas of a kind that is not Kubernetes' own.
func custom(t *testing.T, file string, write func(group, version, kind string, schema any)) {
	t.Helper()
	var d struct {
		Spec struct {
			Group    string
			Names    struct{ Kind string }
			Versions []struct {
				Name   string
				Schema struct{ OpenAPIV3Schema object }
			}
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, file)), &d); err != nil {
		t.Fatal(err)
	}
	for _, v := range d.Spec.Versions {
		schema := v.Schema.OpenAPIV3Schema
		delete(schema["properties"].(object), "metadata") // which says nothing, and would allow nothing
		schema["properties"].(object)["metadata"] = object{"type": "object", "required": []string{"name"}}
		properties := schema["properties"].(object)
		for name, p := range properties {
			if name != "metadata" {
				close(p)
			}
		}
		schema["additionalProperties"] = false
		write(d.Spec.Group, v.Name, d.Spec.Names.Kind, schema)
	}
}

// close makes objects with known fields refuse others.
func close(v any) {
	switch v := v.(type) {
	case object:
		if _, ok := v["properties"].(object); ok && v["additionalProperties"] == nil && v["x-kubernetes-preserve-unknown-fields"] == nil {
			v["additionalProperties"] = false
		}
		for _, inner := range v {
			close(inner)
		}
	case []any:
		for _, inner := range v {
			close(inner)
		}
	}
}

// conform holds manifests to the schemas.
func conform(t *testing.T, v validator.Validator, manifests string) {
	t.Helper()
	n := 0
	for _, r := range v.Validate("manifests", io.NopCloser(strings.NewReader(manifests))) {
		if r.Status == validator.Empty {
			continue
		}
		n++
		if r.Status != validator.Valid {
			sig, _ := r.Resource.Signature()
			t.Errorf("%s %s: %v %v", sig.Kind, sig.Name, r.Err, r.ValidationErrors)
		}
	}
	if n == 0 {
		t.Error("there is nothing in them")
	}
}

// The schemas are strict: a chart that is wrong would not pass.
func TestSchemas(t *testing.T) {
	v := schemas(t)
	tests := []struct{ name, manifest string }{
		{"a field that there is not", "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {prots: []}\n"},
		{"a value of another type", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {replicas: many, selector: {}, template: {}}\n"},
		{"a version that there is not", "apiVersion: autoscaling/v9\nkind: HorizontalPodAutoscaler\nmetadata: {name: a}\n"},
		{"a field that KEDA does not have", "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {name: a}\nspec: {scaleTargetRef: {name: a}, triggers: [{type: cpu, metadata: {}, often: 1}]}\n"},
		{"a rule without an expression", "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {name: a}\nspec: {groups: [{name: a, rules: [{alert: b}]}]}\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, r := range v.Validate("m", io.NopCloser(strings.NewReader(tt.manifest))) {
				if r.Status != validator.Invalid && r.Status != validator.Error {
					t.Errorf("status %v", r.Status)
				}
			}
		})
	}
}
