package cascade

import (
	"embed"

	"github.com/docsift/docsift/fault"
)

//go:embed builtin/*.yaml
var files embed.FS

// Builtin returns the names of the built-in policies.
func Builtin() []string { return []string{"default", "guide", "local"} }

// Source returns the YAML of a built-in policy. A name that there is not is fault.NotFound.
func Source(name string) ([]byte, error) {
	data, err := files.ReadFile("builtin/" + name + ".yaml")
	if err != nil {
		return nil, fault.New(fault.NotFound, nil, "no policy %q; there are %q", name, Builtin())
	}
	return data, nil
}

// Find returns a built-in policy, with its settings looked up by getenv. A name that there is
// not is fault.NotFound, a setting that does not fit fault.Config.
func Find(name string, getenv func(string) string) (Policy, error) {
	data, err := Source(name)
	if err != nil {
		return Policy{}, err
	}
	return ParsePolicy("policy "+name, data, getenv)
}
