package sim

import "math"

// textTokens is the simulator's count for text: a token for every four bytes begun.
func textTokens(s string) int { return (len(s) + 3) / 4 }

// imageRule counts the tokens a model bills for an image of w by h pixels.
// detail is OpenAI's detail or Gemini's media resolution; empty is the default.
type imageRule func(w, h int, detail string) int

// tileRule is OpenAI's rule of 512-pixel tiles: fit into 2048², then the short side to 768.
func tileRule(base, perTile int) imageRule {
	return func(w, h int, detail string) int {
		if detail == "low" {
			return base
		}
		w, h = shrink(w, h, 2048/float64(max(w, h)))
		w, h = shrink(w, h, 768/float64(min(w, h)))
		return base + perTile*ceilDiv(w, 512)*ceilDiv(h, 512)
	}
}

// patchRule is OpenAI's rule of 32-pixel patches times a factor of the model.
func patchRule(factor float64, limits patchLimits) imageRule {
	return func(w, h int, detail string) int {
		limit := limits.full
		switch detail {
		case "low":
			limit = limits.low
		case "high":
			limit = limits.high
		}
		patches := min(ceilDiv(w, 32)*ceilDiv(h, 32), limit)
		return int(math.Ceil(float64(patches) * factor))
	}
}

// patchLimits are the most patches billed at a detail; full is for auto, original and none.
// The limit for low is an assumption: 512 by 512 pixels.
type patchLimits struct{ low, high, full int }

// geminiTiles is the rule up to Gemini 2.5: small images 258, else 258 for each 768-pixel tile.
func geminiTiles(w, h int, _ string) int {
	if w <= 384 && h <= 384 {
		return 258
	}
	return 258 * ceilDiv(w, 768) * ceilDiv(h, 768)
}

// geminiFixed is the rule of Gemini 3: a budget that depends on the media resolution alone.
func geminiFixed(_, _ int, resolution string) int {
	switch resolution {
	case "MEDIA_RESOLUTION_LOW":
		return 280
	case "MEDIA_RESOLUTION_MEDIUM":
		return 560
	case "MEDIA_RESOLUTION_HIGH":
		return 1120
	case "MEDIA_RESOLUTION_ULTRA_HIGH":
		return 2240
	}
	return 1090
}

// claudeRule counts 28-pixel patches after shrinking to the longest edge, up to a limit.
func claudeRule(edge, limit int) imageRule {
	return func(w, h int, _ string) int {
		w, h = shrink(w, h, float64(edge)/float64(max(w, h)))
		return min(ceilDiv(w, 28)*ceilDiv(h, 28), limit)
	}
}

// shrink scales w and h by factor, never up and never below a pixel.
func shrink(w, h int, factor float64) (int, int) {
	if factor >= 1 {
		return w, h
	}
	return max(1, int(math.Round(float64(w)*factor))), max(1, int(math.Round(float64(h)*factor)))
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }

// effortTokens is how many reasoning tokens the simulator spends at an effort or thinking level.
func effortTokens(effort string) int {
	switch effort {
	case "minimal":
		return 32
	case "low":
		return 128
	case "medium":
		return 512
	case "high":
		return 1024
	case "xhigh":
		return 2048
	case "max":
		return 4096
	}
	return 0
}
