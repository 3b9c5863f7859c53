//go:build ocr

package main

import "math"

// family is a group of models that bill a picture alike.
type family struct {
	name   string
	tokens func(w, h int) int
}

func families() []family {
	return []family{
		{"gpt-4o, 4.1", tiles(85, 170)},
		{"gpt-4o-mini", tiles(2833, 5667)},
		{"gpt-5, 5.1", tiles(70, 140)},
		{"gpt-4.1-mini, 5-mini", patches(32, 0, 1536, 1.62)},
		{"gpt-5.5, 6", patches(32, 0, 2500, 1.2)},
		{"gemini 2.5", geminiTiles},
		{"gemini 3", func(int, int) int { return 1090 }},
		{"claude to 4.6", patches(28, 1568, 1568, 1)},
		{"claude from 4.7", patches(28, 2576, 4784, 1)},
	}
}

// tiles is OpenAI's older rule: into 2048², then the short side to 768, then tiles of 512.
func tiles(base, each int) func(w, h int) int {
	return func(w, h int) int {
		w, h = shrink(w, h, 2048/float64(max(w, h)))
		w, h = shrink(w, h, 768/float64(min(w, h)))
		return base + each*ceil(w, 512)*ceil(h, 512)
	}
}

// patches counts squares of side pixels, after shrinking to the longest edge, if any.
func patches(side, edge, most int, factor float64) func(w, h int) int {
	return func(w, h int) int {
		if edge > 0 {
			w, h = shrink(w, h, float64(edge)/float64(max(w, h)))
		}
		return int(math.Ceil(float64(min(ceil(w, side)*ceil(h, side), most)) * factor))
	}
}

func geminiTiles(w, h int) int {
	if max(w, h) <= 384 {
		return 258
	}
	return 258 * ceil(w, 768) * ceil(h, 768)
}

func shrink(w, h int, factor float64) (int, int) {
	if factor >= 1 {
		return w, h
	}
	return int(math.Round(float64(w) * factor)), int(math.Round(float64(h) * factor))
}

func ceil(a, b int) int { return (a + b - 1) / b }
