package cascade_test

import (
	"strings"
	"testing"
	"time"

	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
)

func noEnv(string) string { return "" }

func TestBuiltinPolicies(t *testing.T) {
	for _, name := range cascade.Builtin() {
		p, err := cascade.Find(name, noEnv)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if p.Name != name || p.Version == "" || p.Description == "" {
			t.Errorf("policy %s calls itself %q, version %q, %q", name, p.Name, p.Version, p.Description)
		}
	}
	if _, err := cascade.Find("nothing", noEnv); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a policy that there is not: %v", err)
	}
}

func TestGuideSettings(t *testing.T) {
	env := map[string]string{"CONFIDENCE_THRESHOLD": "0.65", "MAX_RETRIES": "1", "CIRCUIT_BREAKER_TIMEOUT": "60", "OPENAI_MODEL": "gpt-4.1-mini"}
	p, err := cascade.Find("guide", func(name string) string { return env[name] })
	if err != nil {
		t.Fatal(err)
	}
	if p.Confidence != 0.65 || p.Retries != 1 || p.Breaker.Cooldown != time.Minute || p.LastResort.Model != "openai/gpt-4.1-mini" {
		t.Errorf("policy %+v", p)
	}
	if p, err = cascade.Find("guide", noEnv); err != nil {
		t.Fatal(err)
	}
	if p.Confidence != 0.8 || p.Retries != 3 || p.Breaker.Failures != 3 || p.Breaker.Cooldown != 5*time.Minute || p.LastResort.Model != "openai/gpt-4o-mini" {
		t.Errorf("policy without settings %+v", p)
	}
}

func TestParsePolicyRefuses(t *testing.T) {
	const stage = "stages: [{name: a, views: [text], models: [{model: local}]}]"
	tests := []struct{ name, yaml, want string }{
		{"an empty file", "", "empty"},
		{"no name", `version: "1"` + "\n" + stage, "name"},
		{"no version", "name: p\n" + stage, "version is missing"},
		{"no stages", "name: p\nversion: '1'", "no stages"},
		{"a field that there is not", "name: p\nversion: '1'\nconfidense: 1\n" + stage, "line 3"},
		{"a field of a model that there is not", "name: p\nversion: '1'\nstages:\n- {name: a, views: [text], models: [{model: local, temprature: 1}]}", "line 4"},
		{"a page of a few pixels", "name: p\nversion: '1'\nstages:\n- {name: a, views: [page_image], models: [{model: openai/gpt-6-luna, side: 10}]}", "side 10: give a number of pixels from 256"},
		{"a threshold of eighty", "name: p\nversion: '1'\nconfidence: 80\n" + stage, "outside 0 to 1"},
		{"a threshold that is no number", "name: p\nversion: '1'\nconfidence: ${CONFIDENCE_THRESHOLD}\n" + stage, "the value comes from CONFIDENCE_THRESHOLD"},
		{"a number without a unit", "name: p\nversion: '1'\ndeadline: 60\n" + stage, "Duration"},
		{"minutes where seconds are meant", "name: p\nversion: '1'\nbreaker: {cooldown: '${MINUTES}s'}\n" + stage, "number of seconds"},
		{"a rate in percent", "name: p\nversion: '1'\nbreaker: {rate: 50}\n" + stage, "rate 50 is outside 0 to 1"},
		{"a cooldown that shrinks", "name: p\nversion: '1'\nbreaker: {cooldown: 30s, max_cooldown: 10s}\n" + stage, "max_cooldown 10s is shorter than cooldown 30s"},
		{"a window of nothing", "name: p\nversion: '1'\nbreaker: {window: 10ns}\n" + stage, "window 10ns is too short"},
		{"fewer calls than none", "name: p\nversion: '1'\nbreaker: {calls: -1}\n" + stage, "calls cannot be negative"},
		{"a duration without a unit", "name: p\nversion: '1'\ndeadline: 5x\n" + stage, "5x"},
		{"two stages of one name", "name: p\nversion: '1'\nstages: [{name: a, views: [text], models: [{model: local}]}, {name: a, views: [text], models: [{model: local}]}]", "name of its own"},
		{"a view that there is not", "name: p\nversion: '1'\nstages: [{name: a, views: [video], models: [{model: local}]}]", "video"},
		{"no view", "name: p\nversion: '1'\nstages: [{name: a, models: [{model: local}]}]", "views"},
		{"no models", "name: p\nversion: '1'\nstages: [{name: a, views: [text]}]", "no models"},
		{"one model twice in a stage", "name: p\nversion: '1'\nstages: [{name: a, views: [text], models: [{model: local}, {model: local}]}]", "twice"},
		{"backups for unknowns that there are not", "name: p\nversion: '1'\nstages: [{name: a, views: [text], models: [{model: local}], unknown_to_backups: true}]", "backups"},
		{"a secret", "name: p\nversion: ${OPENAI_API_KEY}\n" + stage, "secret"},
		{"a setting that would be YAML", "name: p\nversion: '1'\ndescription: ${EVIL}\n" + stage, "cannot stand"},
		{"a negative number of retries", "name: p\nversion: '1'\nretries: -1\n" + stage, "retries"},
		{"an effort that there is not", "name: p\nversion: '1'\nstages: [{name: a, views: [text], models: [{model: local, effort: hihg}]}]", "hihg"},
		{"a time-out of nothing", "name: p\nversion: '1'\nstages: [{name: a, views: [text], models: [{model: local, timeout: 5ns}]}]", "timeout"},
		{"a limit of nothing", "name: p\nversion: '1'\nstages: [{name: a, views: [text], models: [{model: openai/m, limits: {rpm: 0}}]}]", "model openai/m: limits: rpm: give a whole number above 0"},
		{"a negative limit", "name: p\nversion: '1'\nstages: [{name: a, views: [text], models: [{model: openai/m, limits: {tpd: -5}}]}]", "model openai/m: limits: tpd: give"},
		{"a limit in words", "name: p\nversion: '1'\nstages: [{name: a, views: [text], models: [{model: openai/m, limits: {itpm: many}}]}]", "model openai/m: limits: itpm: give"},
		{"half a call at once", "name: p\nversion: '1'\nstages: [{name: a, views: [text], models: [{model: openai/m, limits: {concurrency: 0.5}}]}]", "model openai/m: limits: concurrency: give"},
		{"a wait without a unit", "name: p\nversion: '1'\nstages: [{name: a, views: [text], models: [{model: openai/m, limits: {wait: 10}}]}]", "Duration"},
		{"a wait of nothing", "name: p\nversion: '1'\nstages: [{name: a, views: [text], models: [{model: openai/m, limits: {wait: 5ns}}]}]", "model openai/m: limits: wait 5ns is too short"},
		{"a negative wait", "name: p\nversion: '1'\nstages: [{name: a, views: [text], models: [{model: openai/m, limits: {wait: -5s}}]}]", "model openai/m: limits: wait -5s is too short"},
		{"a limit that there is not", "name: p\nversion: '1'\nstages: [{name: a, views: [text], models: [{model: openai/m, limits: {rph: 5}}]}]", "field rph not found"},
		{"an API that there is not", one("{model: vllm/m, api: completions}"), `model vllm/m: api "completions": use chat, decisions or systemone`},
		{"two APIs for one model", one("{model: vllm/m@systemone, api: chat}"), "ends in @systemone, and its api is chat"},
		{"an address without a scheme", one("{model: vllm/m, base_url: '10.0.0.5:8000/v1'}"), "model vllm/m: base_url is not a web address: it begins with http:// or https://"},
		{"an address of another scheme", one("{model: vllm/m, base_url: 'file:///etc'}"), "base_url is not a web address"},
		{"a provider that is said to be free", one("{model: openai/gpt-6-luna, free: true}"), "give its base_url, openai takes money"},
		{"an address for the local model", one("{model: local, base_url: 'http://127.0.0.1'}"), "part of docsift"},
		{"one server twice in a stage", one("{model: vllm/m, base_url: 'http://a/v1'}, {model: vllm/m, base_url: 'http://a/v1'}"), "stands in it twice"},
		{"one model by its two names", one("{model: openai/gpt-6-luna@decisions}, {model: openai/gpt-6-luna, api: decisions}"), "stands in it twice"},
		{"a question of one choice", one("{model: systemone/m, choices: 1}"), "two at least"},
		{"an unknown way to go on", "name: p\nversion: '1'\non_failure: panic\n" + stage, "on_failure"},
	}
	env := map[string]string{"CONFIDENCE_THRESHOLD": "high", "EVIL": "a\nstages: []", "MINUTES": "5m"}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := cascade.ParsePolicy("mine.yaml", []byte(tt.yaml), func(name string) string { return env[name] })
			if fault.KindOf(err) != fault.Config || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "mine.yaml: ") {
				t.Errorf("error %v, want one of mine.yaml with %q", err, tt.want)
			}
		})
	}
}

// one returns a policy of one stage with the models given.
func one(models string) string {
	return "name: p\nversion: '1'\nstages: [{name: a, views: [text], models: [" + models + "]}]"
}

func TestModelsAndTheirAPIs(t *testing.T) {
	tests := []struct{ name, spec, model, api, server string }{
		{"a model that chats", "{model: openai/gpt-6-luna}", "openai/gpt-6-luna", "chat", "gpt-6-luna"},
		{"one asked for decisions by its name", "{model: openai/gpt-6-luna@decisions}", "openai/gpt-6-luna@decisions", "decisions", "gpt-6-luna"},
		{"one asked for decisions by its api", "{model: openai/gpt-6-luna, api: decisions}", "openai/gpt-6-luna@decisions", "decisions", "gpt-6-luna"},
		{"one made for decisions", "{model: google/gemini-decision-1}", "google/gemini-decision-1", "decisions", "gemini-decision-1"},
		{"one made for decisions that says so", "{model: google/gemini-decision-1@decisions}", "google/gemini-decision-1", "decisions", "gemini-decision-1"},
		{"a System One server", "{model: systemone/Kev-4B}", "systemone/Kev-4B", "systemone", "Kev-4B"},
		{"System One beside chat", "{model: vllm/Qwen/Qwen3-0.6B, api: systemone}", "vllm/Qwen/Qwen3-0.6B@systemone", "systemone", "Qwen/Qwen3-0.6B"},
		{"a name with slashes", "{model: openrouter/meta-llama/llama-3.1-8b}", "openrouter/meta-llama/llama-3.1-8b", "chat", "meta-llama/llama-3.1-8b"},
		{"a name with an @ of its own", "{model: 'compatible/claude@20261001'}", "compatible/claude@20261001", "chat", "claude@20261001"},
		{"the local model", "{model: local}", "local", "", "local"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := cascade.ParsePolicy("f.yaml", []byte(one(tt.spec)), noEnv)
			if err != nil {
				t.Fatal(err)
			}
			s := p.Stages[0].Models[0]
			if s.Model != tt.model || s.API != tt.api || s.ServerName() != tt.server {
				t.Errorf("model %q by %q, there %q; want %q by %q, there %q", s.Model, s.API, s.ServerName(), tt.model, tt.api, tt.server)
			}
		})
	}
}

func FuzzParsePolicy(f *testing.F) {
	for _, name := range cascade.Builtin() {
		data, err := cascade.Source(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := cascade.ParsePolicy("f.yaml", data, noEnv)
		if err == nil && len(p.Stages) == 0 {
			t.Error("a policy without stages passed")
		}
	})
}

func TestLimits(t *testing.T) {
	const text = `name: p
version: "1"
stages:
  - name: a
    views: [text]
    models:
      - {model: openai/m, limits: {rpm: 500, tpm: 200000, itpm: 150000, otpm: 50000, rpd: 10000, tpd: 9000000, concurrency: 8, wait: 30s}}
`
	p, err := cascade.ParsePolicy("mine.yaml", []byte(text), func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	want := cascade.Limits{RPM: 500, TPM: 200_000, ITPM: 150_000, OTPM: 50_000, RPD: 10_000, TPD: 9_000_000, Concurrency: 8, Wait: 30 * time.Second}
	if got := p.Stages[0].Models[0].Limits; got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}
