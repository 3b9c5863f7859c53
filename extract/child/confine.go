package child

import "fmt"

// Confinement says in words what holds children, and what is missing to it on this platform.
type Confinement struct {
	Holds   []string `json:"holds"`
	Missing []string `json:"missing"`
}

// note files a measure under what holds, or, when it could not be taken, under what is missing.
func (c *Confinement) note(measure string, err error) {
	if err != nil {
		c.Missing = append(c.Missing, fmt.Sprintf("%s (%v)", measure, err))
		return
	}
	c.Holds = append(c.Holds, measure)
}
