package docsift

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model/anthropic"
	"github.com/docsift/docsift/model/chat"
	"github.com/docsift/docsift/model/gemini"
	"github.com/docsift/docsift/model/openai"
	"github.com/docsift/docsift/model/systemone"
)

// provider is how a provider's models are opened, and the settings that lead to them.
type provider struct {
	apis   map[string]func(chat.Options) *chat.Model // how its models can be asked
	url    string                                    // of the setting that holds its base URL
	base   string                                    // where it is when that is not set; "" leaves it to the adapter
	keys   []string                                  // of the settings that may hold its key
	header string                                    // of the bare key; "" leaves it to the adapter
	own    bool                                      // it is the user's: it has no address but that of the setting
	open   bool                                      // it may need no key
}

func providers() map[string]provider {
	type apis = map[string]func(chat.Options) *chat.Model
	return map[string]provider{
		"openai":     {apis: apis{"chat": openai.New, "decisions": openai.NewDecisions}, url: "OPENAI_BASE_URL", keys: []string{"OPENAI_API_KEY"}},
		"google":     {apis: apis{"chat": gemini.New, "decisions": gemini.NewDecisions}, url: "GOOGLE_GEMINI_BASE_URL", keys: []string{"GOOGLE_API_KEY", "GEMINI_API_KEY"}},
		"anthropic":  {apis: apis{"chat": anthropic.New}, url: "ANTHROPIC_BASE_URL", keys: []string{"ANTHROPIC_API_KEY"}},
		"openrouter": {apis: apis{"chat": openai.New}, url: "OPENROUTER_BASE_URL", base: "https://openrouter.ai/api/v1", keys: []string{"OPENROUTER_API_KEY"}},
		"azure":      {apis: apis{"chat": openai.New}, url: "AZURE_OPENAI_BASE_URL", own: true, keys: []string{"AZURE_OPENAI_API_KEY"}, header: "Api-Key"},
		"ollama":     {apis: apis{"chat": openai.New}, url: "OLLAMA_BASE_URL", base: "http://127.0.0.1:11434/v1", open: true},
		"vllm":       {apis: apis{"chat": openai.New, "systemone": systemone.New}, url: "VLLM_BASE_URL", own: true, open: true, keys: []string{"VLLM_API_KEY"}},
		"systemone":  {apis: apis{"systemone": systemone.New}, url: "SYSTEMONE_BASE_URL", own: true, open: true, keys: []string{"SYSTEMONE_API_KEY"}},
		"compatible": {apis: apis{"chat": openai.New, "decisions": openai.NewDecisions, "systemone": systemone.New}, url: "COMPATIBLE_BASE_URL", own: true, open: true, keys: []string{"COMPATIBLE_API_KEY"}},
	}
}

func providerOf(s cascade.Spec) (provider, error) {
	all := providers()
	p, ok := all[s.Provider()]
	switch {
	case !ok:
		return provider{}, fault.New(fault.Config, nil, "no provider %q; there are %s/… and local", s.Provider(), strings.Join(slices.Sorted(maps.Keys(all)), "/…, "))
	case !strings.Contains(s.Model, "/") || s.ServerName() == "":
		return provider{}, fault.New(fault.Config, nil, "%q names no model: write it behind the provider, such as %s/NAME", s.Model, s.Provider())
	case p.apis[s.API] == nil:
		return provider{}, fault.New(fault.Config, nil, "%s has no api %s: its models are asked by %s",
			s.Provider(), s.API, strings.Join(slices.Sorted(maps.Keys(p.apis)), " or "))
	}
	return p, nil
}

// baseURL returns the address of a model's server; "" means the provider's own. That there is
// none is fault.NoKey, like everything without which a model cannot be asked.
func (c *Classifier) baseURL(p provider, s cascade.Spec) (string, error) {
	if s.BaseURL != "" {
		return s.BaseURL, nil
	}
	base := strings.TrimSpace(c.opts.Getenv(p.url))
	if u, err := url.Parse(base); base != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		return "", fault.New(fault.Config, nil, "%s is not a web address: it begins with http:// or https://", p.url)
	}
	base = cmp.Or(base, p.base)
	if base == "" && p.own {
		return "", fault.New(fault.NoKey, nil, "set %s, or give the model a base_url", p.url)
	}
	return base, nil
}

// keysOf returns the API keys for a model's server and what to call each; one without a name
// where none is needed. A provider's usual keys go to the address of its own setting alone: another
// server gets the keys that the policy names, or none.
func (c *Classifier) keysOf(p provider, s cascade.Spec) (keys, names []string, err error) {
	none := []string{""}
	switch {
	case len(s.Keys) > 0:
		return c.keys(s.Keys)
	case s.BaseURL != "":
		return none, none, nil
	}
	keys, names, err = c.keys(p.keys)
	if fault.KindOf(err) == fault.NoKey && p.open {
		return none, none, nil
	}
	return keys, names, err
}

// keys returns the API keys in the first of the settings that is set, and what to call each: the
// setting's name, with a number where it holds several, parted by commas.
func (c *Classifier) keys(settings []string) (keys, names []string, err error) {
	for _, name := range settings {
		value := strings.TrimSpace(c.opts.Getenv(name))
		if value == "" {
			continue
		}
		for i, key := range strings.Split(value, ",") {
			key = strings.TrimSpace(key)
			switch {
			case strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }):
				return nil, nil, fault.New(fault.Config, nil, "%s is not a key: there is a space or a line break in it; several keys are parted by commas", name)
			case key == "":
				return nil, nil, fault.New(fault.Config, nil, "%s: key %d is empty: several keys are parted by one comma each", name, i+1)
			case slices.Contains(keys, key):
				return nil, nil, fault.New(fault.Config, nil, "%s: key %d stands in it twice", name, i+1)
			}
			keys = append(keys, key)
			names = append(names, fmt.Sprintf("%s[%d]", name, i+1))
		}
		if len(keys) == 1 {
			names[0] = name
		}
		return keys, names, nil
	}
	return nil, nil, fault.New(fault.NoKey, nil, "set %s", strings.Join(settings, " or "))
}

// host returns the host of a base URL, which may hold a password beside it.
func host(base string) string {
	u, err := url.Parse(base)
	if err != nil {
		return ""
	}
	return u.Host
}
