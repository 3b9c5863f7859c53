package sim

import (
	"fmt"
	"regexp"
	"slices"
	"time"
)

// Names of the providers, as they stand in scripts and in the ledger.
const (
	OpenAI    = "openai"
	Gemini    = "gemini"
	Anthropic = "anthropic"
	SystemOne = "systemone"
)

// Model adds a model to the catalogue.
type Model struct {
	// ID is the name under which it is called.
	ID string

	// Like is the catalogue model whose provider, rules and limits it takes.
	Like string

	// Shutdown is the announced last day, as YYYY-MM-DD. Empty: none announced.
	Shutdown string
}

// spec is what the simulator knows of a model. Shutdown dates are only shown:
// a date in the past refuses nothing, so that tests do not rot.
type spec struct {
	id, provider, shutdown string
	context, output        int // tokens
	images                 imageRule
	thinking               thinkingRule

	// efforts are the values of reasoning_effort (OpenAI), thinkingLevel (Gemini) or
	// output_config.effort (Anthropic); the first is the default. Empty: the field is refused.
	efforts []string

	logprobs bool // of gemini-2.5-flash an assumption: some model has to show how they look
	decides  bool // it answers decisions
	options  int  // of a question at System One
	fixed    bool // sampling parameters other than the default are refused
	between  bool // thinking is turned off by "between_tools", and "disabled" is refused
}

type thinkingRule int

const (
	noThinking thinkingRule = iota
	thinkingBudget
	thinkingLevel
	thinkingAdaptive
)

func (s spec) defaultEffort() string {
	if len(s.efforts) == 0 {
		return ""
	}
	return s.efforts[0]
}

// catalogue lists the models known at the start. Context and output sizes of models whose
// pages do not state them are assumptions; only context_length_exceeded depends on them.
func catalogue() []spec {
	var (
		tiles    = tileRule(85, 170)
		miniTile = tileRule(2833, 5667)
		patch41  = patchRule(1.62, patchLimits{256, 1536, 1536})
		patch6   = patchRule(1.2, patchLimits{256, 2500, 10000})
		claude4  = claudeRule(1568, 1568)
		claude5  = claudeRule(2576, 4784)
		effort6  = []string{"medium", "none", "minimal", "low", "high", "xhigh", "max"}
		levels   = []string{"minimal", "low", "medium", "high"}
		effort55 = []string{"medium", "low", "high", "xhigh", "max"}
	)
	return []spec{
		{id: "gpt-4o-mini", provider: OpenAI, shutdown: "2027-01-14", context: 128_000, output: 16_384, images: miniTile, logprobs: true},
		{id: "gpt-4o", provider: OpenAI, shutdown: "2027-01-14", context: 128_000, output: 16_384, images: tiles, logprobs: true},
		{id: "gpt-4.1-mini", provider: OpenAI, shutdown: "2027-01-14", context: 1_047_576, output: 32_768, images: patch41, logprobs: true},
		{id: "o3", provider: OpenAI, shutdown: "2026-12-11", context: 200_000, output: 100_000, images: tiles, efforts: []string{"medium", "low", "high"}},
		{id: "gpt-5-mini", provider: OpenAI, shutdown: "2026-12-11", context: 400_000, output: 128_000, images: patch41, efforts: []string{"medium", "minimal", "low", "high"}},
		{id: "gpt-5.1", provider: OpenAI, shutdown: "2027-04-01", context: 400_000, output: 128_000, images: tileRule(70, 140), efforts: []string{"none", "low", "medium", "high"}, logprobs: true},
		{id: "gpt-6-luna", provider: OpenAI, context: 400_000, output: 128_000, images: patch6, efforts: effort6, decides: true},
		{id: "gpt-6-sol", provider: OpenAI, context: 400_000, output: 128_000, images: patch6, efforts: effort6},
		{id: "gpt-6.1-sol", provider: OpenAI, context: 400_000, output: 128_000, images: patch6, efforts: effort6},

		{id: "gemini-2.5-flash-lite", provider: Gemini, context: 1_048_576, output: 65_536, images: geminiTiles, thinking: thinkingBudget},
		{id: "gemini-2.5-flash", provider: Gemini, shutdown: "2026-12-01", context: 1_048_576, output: 65_536, images: geminiTiles, thinking: thinkingBudget, logprobs: true},
		{id: "gemini-3.5-flash-lite", provider: Gemini, context: 1_048_576, output: 65_536, images: geminiFixed, thinking: thinkingLevel, efforts: levels},
		{id: "gemini-3.8-flash", provider: Gemini, context: 1_048_576, output: 65_536, images: geminiFixed, thinking: thinkingLevel, efforts: []string{"high", "minimal", "low", "medium"}},
		{id: "gemini-decision-1", provider: Gemini, context: 262_144, images: geminiFixed, decides: true},

		{id: "claude-haiku-4-5", provider: Anthropic, context: 200_000, output: 64_000, images: claude4, thinking: thinkingBudget},
		{id: "claude-sonnet-4-5", provider: Anthropic, shutdown: "2026-11-30", context: 200_000, output: 64_000, images: claude4, thinking: thinkingBudget},
		{id: "claude-haiku-5-5", provider: Anthropic, context: 1_000_000, output: 128_000, images: claude5, thinking: thinkingAdaptive, efforts: effort55, fixed: true},
		{id: "claude-sonnet-5-5", provider: Anthropic, context: 1_000_000, output: 128_000, images: claude5, thinking: thinkingAdaptive, efforts: effort55, fixed: true, between: true},

		{id: "Kev-4B", provider: SystemOne, context: 32_768, options: maxOptions, decides: true},               // as llama.cpp serves it
		{id: "Clef", provider: SystemOne, context: 32_768, options: maxOptions, images: patch6, decides: true}, // one that sees
		{id: "Qwen/Qwen3-0.6B", provider: SystemOne, context: 32_768, options: 26, decides: true},              // as vLLM serves it
	}
}

// withModels returns specs with more added, or an error that names the wrong one.
func withModels(specs []spec, more []Model) ([]spec, error) {
	for _, m := range more {
		i := slices.IndexFunc(specs, func(s spec) bool { return s.id == m.Like })
		switch {
		case m.ID == "":
			return nil, fmt.Errorf("add model like %q: it has no id", m.Like)
		case i < 0:
			return nil, fmt.Errorf("add model %q: no model %q to be like", m.ID, m.Like)
		}
		if _, err := time.Parse(time.DateOnly, m.Shutdown); m.Shutdown != "" && err != nil {
			return nil, fmt.Errorf("add model %q: shutdown %q is not a date", m.ID, m.Shutdown)
		}
		s := specs[i]
		s.id, s.shutdown = m.ID, m.Shutdown
		specs = append(specs, s)
	}
	return specs, nil
}

var snapshotDate = regexp.MustCompile(`-(\d{4}-\d{2}-\d{2}|\d{8})$`)

// find returns a provider's model by its name or by the name of a dated snapshot of it.
func (s *Server) find(provider, id string) (spec, bool) {
	for _, name := range []string{id, snapshotDate.ReplaceAllString(id, "")} {
		i := slices.IndexFunc(s.models, func(m spec) bool { return m.provider == provider && m.id == name })
		if i >= 0 {
			m := s.models[i]
			m.id = id
			return m, true
		}
	}
	return spec{}, false
}
