package cascade

import (
	"fmt"
	"time"

	"go.yaml.in/yaml/v3"
)

// Limits is what one key may take of one model. 0 is a limit that is not known.
type Limits struct {
	RPM  Limit `yaml:"rpm"`  // requests a minute
	TPM  Limit `yaml:"tpm"`  // tokens a minute, input and output
	ITPM Limit `yaml:"itpm"` // input tokens a minute
	OTPM Limit `yaml:"otpm"` // output tokens a minute
	RPD  Limit `yaml:"rpd"`  // requests a day
	TPD  Limit `yaml:"tpd"`  // tokens a day, input and output

	// Concurrency is how many calls may be under way at once. Default 256, or fewer while more
	// would only make each slower.
	Concurrency Limit `yaml:"concurrency"`

	// Wait is the longest that a call waits for its turn. Default 10s.
	Wait time.Duration `yaml:"wait"`
}

// Limit is a number of requests, tokens or calls.
type Limit int

// noLimit is what a limit becomes in a file that gives no whole number above 0.
const noLimit Limit = -1

// UnmarshalYAML keeps what is no such number for the check, which knows whose it is.
func (l *Limit) UnmarshalYAML(n *yaml.Node) error {
	var v int
	if err := n.Decode(&v); err != nil || v <= 0 {
		v = int(noLimit)
	}
	*l = Limit(v)
	return nil
}

func (l Limits) check() error {
	all := []struct {
		name  string
		limit Limit
	}{
		{"rpm", l.RPM}, {"tpm", l.TPM}, {"itpm", l.ITPM}, {"otpm", l.OTPM}, {"rpd", l.RPD}, {"tpd", l.TPD}, {"concurrency", l.Concurrency},
	}
	for _, one := range all {
		if one.limit < 0 {
			return fmt.Errorf("limits: %s: give a whole number above 0, or leave out one that there is not", one.name)
		}
	}
	if l.Wait != 0 && l.Wait < minDuration {
		return fmt.Errorf("limits: wait %v is too short: give a unit, such as 10s", l.Wait)
	}
	return nil
}
