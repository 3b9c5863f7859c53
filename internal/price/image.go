package price

import (
	"fmt"
	"math"
	"time"

	"go.yaml.in/yaml/v3"
)

// Picture is a picture as it is sent: its size in pixels, and OpenAI's detail (low, high, auto,
// original or empty).
type Picture struct {
	Width, Height int
	Detail        string
}

// imageRule is how a family of models counts the tokens of a picture, between two days.
type imageRule struct {
	Models []string  `yaml:"models"`
	From   day       `yaml:"from"`
	Until  day       `yaml:"until"`
	Kind   imageKind `yaml:"kind"`
	Base   int       `yaml:"base"`   // tokens of any picture; of detail low all there are
	Each   int       `yaml:"each"`   // tokens a tile
	Factor float64   `yaml:"factor"` // tokens a patch; default 1
	Most   int       `yaml:"most"`   // patches at most, 0: any number
	Edge   int       `yaml:"edge"`   // the longer side is shrunk to it, in pixels; 0: never
}

type imageKind string

// The ways to count.
const (
	tiles   imageKind = "tiles"   // fit 2048², the shorter side to 768 at most, 512-pixel tiles
	patches imageKind = "patches" // 32-pixel patches
	squares imageKind = "squares" // 768-pixel tiles; one where both sides are 384 at most
	cells   imageKind = "cells"   // 28-pixel patches
	fixed   imageKind = "fixed"   // base, at any size
)

// UnmarshalYAML refuses a way to count that there is not.
func (k *imageKind) UnmarshalYAML(n *yaml.Node) error {
	switch *k = imageKind(n.Value); *k {
	case tiles, patches, squares, cells, fixed:
		return nil
	}
	return fmt.Errorf("line %d: kind %q: use tiles, patches, squares, cells or fixed", n.Line, n.Value)
}

// ImageTokens returns how many input tokens a model bills a picture as, or false when its way to
// count is not known. It foresees a bill; what was billed is what the provider's usage says.
func (b *Book) ImageTokens(model string, at time.Time, p Picture) (int, bool) {
	for _, r := range b.images[model] {
		if inForce(r.From, r.Until, at) {
			return r.tokens(p), true
		}
	}
	return 0, false
}

// TextTokens returns how many tokens a model counts where most models count n.
func (b *Book) TextTokens(model string, n int) int {
	if f, ok := b.text[model]; ok {
		return int(math.Round(float64(n) * f))
	}
	return n
}

func (r imageRule) tokens(p Picture) int {
	w, h := float64(p.Width), float64(p.Height)
	if r.Edge > 0 {
		w, h = shrink(w, h, float64(r.Edge)/max(w, h))
	}
	switch r.Kind {
	case tiles:
		if p.Detail == "low" {
			return r.Base
		}
		w, h = shrink(w, h, 2048/max(w, h))
		w, h = shrink(w, h, 768/min(w, h))
		return r.Base + r.Each*grid(w, h, 512)
	case squares:
		if max(w, h) <= 384 {
			return r.Each
		}
		return r.Each * grid(w, h, 768)
	case patches:
		return r.scaled(grid(w, h, 32))
	case cells:
		return r.scaled(grid(w, h, 28))
	}
	return r.Base
}

// scaled returns the tokens of n patches: as many as count, times the family's factor, rounded.
func (r imageRule) scaled(n int) int {
	if r.Most > 0 {
		n = min(n, r.Most)
	}
	if r.Factor == 0 {
		return n
	}
	return int(math.Round(float64(n) * r.Factor))
}

// shrink scales by f, but never up.
func shrink(w, h, f float64) (float64, float64) {
	f = min(f, 1)
	return w * f, h * f
}

// grid returns how many squares of the given side cover w × h pixels.
func grid(w, h, side float64) int {
	const hair = 1e-9 // scaled sides are not exact
	return int(math.Ceil(w/side-hair) * math.Ceil(h/side-hair))
}
