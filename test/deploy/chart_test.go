package deploy_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	psa "k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
	"sigs.k8s.io/yaml"
)

const chart = root + "/deploy/helm/docsift"

// render returns what Helm makes of the chart with a file of values and more flags.
func render(t *testing.T, flags ...string) (string, error) {
	t.Helper()
	bin, err := helm()
	if err != nil {
		t.Fatalf("build helm: %v", err)
	}
	return run(t, bin, append([]string{"template", "docsift", chart, "--namespace", "documents", "--kube-version", "1.37.2"}, flags...)...)
}

// valueSets are the sets of values whose manifests are kept as golden files.
func valueSets(t *testing.T) []string {
	t.Helper()
	sets, err := filepath.Glob("testdata/*.values.yaml")
	if err != nil || len(sets) == 0 {
		t.Fatalf("no values: %v", err)
	}
	return sets
}

func TestChart(t *testing.T) {
	v := schemas(t)
	bin, err := helm()
	if err != nil {
		t.Fatalf("build helm: %v", err)
	}
	for _, values := range valueSets(t) {
		t.Run(filepath.Base(values), func(t *testing.T) {
			if out, err := run(t, bin, "lint", "--strict", chart, "--values", values); err != nil {
				t.Errorf("helm lint: %v: %s", err, out)
			}
			out, err := render(t, "--values", values)
			if err != nil {
				t.Fatalf("helm template: %v: %s", err, out)
			}
			conform(t, v, out)
			hold(t, strings.Replace(values, ".values.", ".golden.", 1), out)
			sound(t, out)
		})
	}
}

// hold compares with a golden file, or writes it.
func hold(t *testing.T, golden, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want := read(t, golden); got != want {
		t.Errorf("it differs from %s: look at it with 'go test -run TestChart -update' and git diff", golden)
	}
}

// manifest is what the tests want of one.
type manifest struct {
	Kind     string
	Metadata struct{ Name string }
	Spec     struct {
		Selector json.RawMessage
		Template struct {
			Metadata struct{ Labels map[string]string }
			Spec     corev1.PodSpec
		}
		Ports []struct{ Port, TargetPort any }
	}
}

func parse(t *testing.T, manifests string) (all []manifest) {
	t.Helper()
	for part := range strings.SplitSeq("\n"+manifests, "\n---\n") {
		var m manifest
		if err := yaml.Unmarshal([]byte(part), &m); err != nil {
			t.Fatalf("%v: %s", err, part)
		}
		if m.Kind != "" {
			all = append(all, m)
		}
	}
	return all
}

// sound holds the pods to what Kubernetes calls restricted, and selectors, ports and settings to each other.
func sound(t *testing.T, manifests string) {
	t.Helper()
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		t.Fatal(err)
	}
	all, names := parse(t, manifests), known(t)
	for _, m := range all {
		pod := m.Spec.Template.Spec
		if len(pod.Containers) == 0 {
			continue
		}
		meta := (&corev1.Pod{}).ObjectMeta
		for _, r := range evaluator.EvaluatePod(psa.LevelVersion{Level: psa.LevelRestricted, Version: psa.LatestVersion()}, &meta, &pod) {
			if !r.Allowed {
				t.Errorf("%s: %s: %s", m.Metadata.Name, r.ForbiddenReason, r.ForbiddenDetail)
			}
		}
		if pod.AutomountServiceAccountToken == nil || *pod.AutomountServiceAccountToken {
			t.Errorf("%s has a token of Kubernetes", m.Metadata.Name)
		}
		c := pod.Containers[0]
		if !*c.SecurityContext.ReadOnlyRootFilesystem || c.Resources.Limits.Memory().IsZero() || c.Resources.Requests.Cpu().IsZero() {
			t.Errorf("%s may write to its root, or has no limits", m.Metadata.Name)
		}
		for _, e := range c.Env {
			if !names[e.Name] && !strings.HasPrefix(e.Name, "AWS_") {
				t.Errorf("%s sets %s, which is no setting", m.Metadata.Name, e.Name)
			}
		}
		if h := c.Lifecycle; h != nil && h.PreStop.Sleep.Seconds+2+30 >= *pod.TerminationGracePeriodSeconds {
			t.Errorf("%s is killed before it is done", m.Metadata.Name)
		}
	}
	for _, m := range all {
		if m.Kind == "Service" && !selected(t, m, all) {
			t.Errorf("the service %s selects no pods, or a port that they do not have", m.Metadata.Name)
		}
	}
}

// selected reports whether a service finds pods, and all its ports in them.
func selected(t *testing.T, service manifest, all []manifest) bool {
	t.Helper()
	var want map[string]string
	if err := json.Unmarshal(service.Spec.Selector, &want); err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(all, func(m manifest) bool {
		for k, v := range want {
			if m.Spec.Template.Metadata.Labels[k] != v {
				return false
			}
		}
		for _, p := range service.Spec.Ports {
			if !slices.ContainsFunc(m.Spec.Template.Spec.Containers[0].Ports, func(c corev1.ContainerPort) bool { return c.Name == p.TargetPort }) {
				return false
			}
		}
		return true
	})
}

// What cannot work is refused, in words that say what to do.
func TestChartRefuses(t *testing.T) {
	enough := []string{"--set", "secret.name=docsift", "--set", "documents.existingClaim=documents"}
	tests := []struct {
		name  string
		flags []string
		want  string
	}{
		{"no secret", []string{"--set", "documents.existingClaim=documents"}, "secret.name: name an existing Secret"},
		{"no place for documents", []string{"--set", "secret.name=docsift"}, "set config.DOCSIFT_S3_BUCKET, or documents.existingClaim"},
		{"nobody who works", append(enough, "--set", "worker.enabled=false"), "nobody would do what is accepted"},
		{"a setting that docsift does not know", append(enough, "--set", "config.DOCSIFT_POLCY=guide"), "DOCSIFT_POLCY"},
		{"a secret among the settings", append(enough, "--set", "config.OPENAI_API_KEY=placeholder"), "OPENAI_API_KEY"},
		{"a value that there is not", append(enough, "--set", "server.replica=3"), "replica"},
		{"a Kubernetes that is too old", append(enough, "--kube-version", "1.29.0"), "chart requires kubeVersion"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if out, err := render(t, tt.flags...); err == nil || !strings.Contains(out, tt.want) {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
}

// The chart's schema lets through every setting that is no secret and not the chart's own, and only those.
func TestChartKnowsSettings(t *testing.T) {
	var schema struct {
		Properties struct {
			Config struct{ Properties map[string]any }
		}
	}
	if err := json.Unmarshal([]byte(read(t, chart+"/values.schema.json")), &schema); err != nil {
		t.Fatal(err)
	}
	own := []string{"DOCSIFT_ADDR", "DOCSIFT_METRICS_ADDR", "DOCSIFT_WORKERS", "DOCSIFT_DATA", "DOCSIFT_CACHE_DIR", "DOCSIFT_LEDGER"}
	secret := func(name string) bool {
		return strings.HasSuffix(name, "_KEY") || strings.HasSuffix(name, "_ACCESS_KEY_ID") || slices.Contains([]string{"DATABASE_URL", "REDIS_URL", "RATE_LIMIT_STORAGE_URL", "OTEL_EXPORTER_OTLP_HEADERS"}, name)
	}
	names := known(t)
	for name := range names {
		if _, ok := schema.Properties.Config.Properties[name]; ok == (secret(name) || slices.Contains(own, name)) {
			t.Errorf("values.schema.json, config: %s: allowed %v", name, ok)
		}
	}
	for name := range schema.Properties.Config.Properties {
		if !names[name] {
			t.Errorf("values.schema.json, config: %s is no setting", name)
		}
	}
}

// The chart's alerts are those of deploy/prometheus.
func TestChartRules(t *testing.T) {
	rules, err := os.ReadFile(filepath.Join(root, "deploy/prometheus/rules.yml"))
	if err != nil {
		t.Fatal(err)
	}
	hold(t, chart+"/rules.yml", string(rules))
}
