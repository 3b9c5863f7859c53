package price

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Limits is what a provider lets through to one model. A limit of 0 is one that there is not.
type Limits struct {
	RPM   Limit `yaml:"rpm" json:"rpm,omitempty"`     // requests a minute
	RPD   Limit `yaml:"rpd" json:"rpd,omitempty"`     // requests a day
	TPM   Limit `yaml:"tpm" json:"tpm,omitempty"`     // tokens a minute, input and output
	ITPM  Limit `yaml:"itpm" json:"itpm,omitempty"`   // input tokens a minute
	OTPM  Limit `yaml:"otpm" json:"otpm,omitempty"`   // output tokens a minute
	Queue Limit `yaml:"queue" json:"queue,omitempty"` // input tokens that wait in batches at once

	// QueueRequests is how many requests may wait in batches at once.
	QueueRequests Limit `yaml:"queue_requests" json:"queue_requests,omitempty"`
}

// Limit is a number of requests or tokens.
type Limit int64

// UnmarshalYAML refuses what is no such number. To say that there is no limit, leave it out.
func (l *Limit) UnmarshalYAML(n *yaml.Node) error {
	var v int64
	if err := n.Decode(&v); err != nil || v <= 0 {
		return fmt.Errorf("line %d: limit %q: give a whole number above 0, or leave out one that there is not", n.Line, n.Value)
	}
	*l = Limit(v)
	return nil
}

// Limits returns what the provider of a model lets through on the given tier, 1 being a new
// account. Beyond the provider's last tier it is the last. It reports false when the book does
// not know.
func (b *Book) Limits(model string, tier int) (Limits, bool) {
	tiers := slices.Sorted(maps.Keys(b.limits[model]))
	if len(tiers) == 0 {
		return Limits{}, false
	}
	l, ok := b.limits[model][min(tier, tiers[len(tiers)-1])]
	return l, ok
}

// Tier returns every model's limits on a tier, as Limits does.
func (b *Book) Tier(tier int) map[string]Limits {
	all := make(map[string]Limits)
	for m := range b.limits {
		if l, ok := b.Limits(m, tier); ok {
			all[m] = l
		}
	}
	return all
}

// ParseLimits reads limits by model in YAML.
func ParseLimits(data []byte) (map[string]Limits, error) {
	var all map[string]Limits
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	err := dec.Decode(&all)
	if e, ok := errors.AsType[*yaml.TypeError](err); ok {
		err = errors.New(strings.Join(e.Errors, "; "))
	}
	if errors.Is(err, io.EOF) || err == nil && len(all) == 0 {
		err = errors.New("no model in it; write a line such as openai/gpt-6-luna: {rpm: 5000, tpm: 2000000}")
	}
	if err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), "yaml: "))
	}
	return all, nil
}
