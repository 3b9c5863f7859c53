package cascade

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// The ways to ask a model.
const (
	chatAPI      = "chat"
	decisionsAPI = "decisions"
	systemOneAPI = "systemone"
)

// named returns specs in which the model's name and the API agree, so that openai/gpt-6-luna
// with the API decisions is openai/gpt-6-luna@decisions wherever it turns up.
func named(specs []Spec) []Spec {
	specs = slices.Clone(specs)
	for i := range specs {
		specs[i].settleAPI()
	}
	return specs
}

func (s *Spec) settleAPI() {
	if s.Model == "local" {
		return
	}
	if api := s.suffix(); api != "" && (s.API == "" || s.API == api) {
		s.Model, s.API = strings.TrimSuffix(s.Model, "@"+api), api
	}
	usual := s.usualAPI()
	switch {
	case s.API == "":
		s.API = usual
	case s.API != usual && (s.API == decisionsAPI || s.API == systemOneAPI) && s.suffix() == "":
		s.Model += "@" + s.API
	}
}

// suffix returns the API that the model's name ends in, or "".
func (s Spec) suffix() string {
	for _, api := range []string{decisionsAPI, systemOneAPI} {
		if strings.HasSuffix(s.Model, "@"+api) {
			return api
		}
	}
	return ""
}

// usualAPI is how a model is asked whose spec does not say.
func (s Spec) usualAPI() string {
	switch {
	case s.Provider() == "systemone":
		return systemOneAPI
	case s.Provider() == "google" && strings.HasPrefix(s.ShortName(), "gemini-decision"):
		return decisionsAPI
	}
	return chatAPI
}

// ServerName returns the name by which the model's server knows it: without the API.
func (s Spec) ServerName() string { return strings.TrimSuffix(s.ShortName(), "@"+s.API) }

// checkServer returns what is wrong with where the model is and how it is asked.
func (s Spec) checkServer() error {
	if s.Model == "local" {
		if s.API != "" || s.BaseURL != "" || s.Free {
			return errors.New("it is part of docsift: leave out api, base_url and free")
		}
		return nil
	}
	hosted := []string{"openai", "google", "anthropic", "openrouter", "azure"}
	switch suffix := s.suffix(); {
	case !slices.Contains([]string{"", chatAPI, decisionsAPI, systemOneAPI}, s.API):
		return fmt.Errorf("api %q: use %s, %s or %s", s.API, chatAPI, decisionsAPI, systemOneAPI)
	case suffix != "" && suffix != s.API:
		return fmt.Errorf("its name ends in @%s, and its api is %s: leave one of them out", suffix, s.API)
	case s.BaseURL != "" && !webAddress(s.BaseURL):
		return errors.New("base_url is not a web address: it begins with http:// or https://") // which may hold a password
	case s.Free && s.BaseURL == "" && slices.Contains(hosted, s.Provider()):
		return fmt.Errorf("free is for a server of one's own: give its base_url, %s takes money", s.Provider())
	}
	return nil
}

func webAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}
