package sim

import (
	"fmt"
	"slices"
	"strings"
)

// geminiJSONKeywords are those of responseJsonSchema, geminiKeywords those of responseSchema.
const (
	geminiJSONKeywords = "$id $defs $ref $anchor type format title description enum items prefixItems minItems maxItems " +
		"minimum maximum anyOf oneOf properties additionalProperties required propertyOrdering"
	geminiKeywords = "type format title description nullable enum items minItems maxItems minimum maximum anyOf " +
		"properties required propertyOrdering minProperties maxProperties minLength maxLength pattern example default"
)

func (r *geminiRequest) readConfig(q *query) *problem {
	c := r.GenerationConfig
	if c == nil {
		c = &geminiConfig{}
	}
	for _, check := range []func(*query) *problem{c.checkSampling, c.readLogprobs, c.readLimit, c.readThinking, c.readMedia, c.readFormat} {
		if p := check(q); p != nil {
			return p
		}
	}
	return nil
}

// readLogprobs refuses them where the developer API did so for years, saying the same of all models.
func (c *geminiConfig) readLogprobs(q *query) *problem {
	q.logprobs = c.ResponseLogprobs != nil && *c.ResponseLogprobs
	switch {
	case (q.logprobs || c.Logprobs != nil) && !q.spec.logprobs:
		return geminiBad("Logprobs is not supported for the current model.")
	case c.Logprobs == nil:
		return nil
	case !q.logprobs:
		return geminiBad("* GenerateContentRequest.generation_config.logprobs: response_logprobs must be true to use it.")
	case *c.Logprobs < 1 || *c.Logprobs > 20:
		return geminiBad("* GenerateContentRequest.generation_config.logprobs: must be in the range [1, 20].")
	}
	q.topLogprobs = *c.Logprobs
	return nil
}

func (c *geminiConfig) checkSampling(*query) *problem {
	switch {
	case c.Temperature != nil && (*c.Temperature < 0 || *c.Temperature > 2):
		return geminiBad("* GenerateContentRequest.generation_config.temperature: temperature must be in the range [0.0, 2.0].")
	case c.TopP != nil && (*c.TopP < 0 || *c.TopP > 1):
		return geminiBad("* GenerateContentRequest.generation_config.top_p: top_p must be in the range [0.0, 1.0].")
	case c.TopK != nil && *c.TopK < 1:
		return geminiBad("* GenerateContentRequest.generation_config.top_k: top_k must be positive.")
	case c.CandidateCount != nil && *c.CandidateCount != 1:
		return unplayed("INVALID_ARGUMENT", "a candidateCount other than 1")
	case len(c.StopSequences) > 5:
		return geminiBad("* GenerateContentRequest.generation_config.stop_sequences: at most 5 stop sequences are allowed.")
	}
	return nil
}

func (c *geminiConfig) readLimit(q *query) *problem {
	if c.MaxOutputTokens == nil {
		return nil
	}
	if *c.MaxOutputTokens < 1 || *c.MaxOutputTokens > q.spec.output {
		return geminiBad("Unable to submit request because it has a maxOutputTokens value of %d but the supported range is from 1 (inclusive) to %d (exclusive). Update the value and try again.", *c.MaxOutputTokens, q.spec.output+1)
	}
	q.maxTokens = *c.MaxOutputTokens
	return nil
}

func (c *geminiConfig) readThinking(q *query) *problem {
	t := c.ThinkingConfig
	if t == nil {
		t = &geminiThinking{}
	}
	switch {
	case t.ThinkingBudget != nil && t.ThinkingLevel != nil:
		return geminiBad("You can only set only one of thinking budget and thinking level.")
	case t.ThinkingLevel != nil && q.spec.thinking != thinkingLevel:
		return geminiBad("Thinking level is not supported for this model.")
	case t.ThinkingBudget != nil && q.spec.thinking != thinkingBudget:
		return geminiBad("Thinking budget is not supported for this model. Use thinking_level instead.")
	}
	if q.spec.thinking == thinkingLevel {
		return t.readLevel(q)
	}
	return t.readBudget(q)
}

func (t *geminiThinking) readLevel(q *query) *problem {
	level := q.spec.defaultEffort()
	if t.ThinkingLevel != nil {
		level = strings.ToLower(*t.ThinkingLevel)
		if !slices.Contains(q.spec.efforts, level) {
			p := geminiBad("Invalid value at 'generation_config.thinking_config.thinking_level' (type.googleapis.com/google.ai.generativelanguage.v1beta.ThinkingConfig.ThinkingLevel), %q", *t.ThinkingLevel)
			p.details = badRequest("generation_config.thinking_config.thinking_level", p.message)
			return p
		}
	}
	q.reasoning = effortTokens(level)
	return nil
}

// readBudget takes -1 for as much as the model likes, 0 for none, or a number of tokens; none is the default.
func (t *geminiThinking) readBudget(q *query) *problem {
	if t.ThinkingBudget == nil {
		return nil
	}
	budget := *t.ThinkingBudget
	if budget < -1 || budget > 24_576 || (budget > 0 && budget < 512) {
		return geminiBad("The thinking budget %d is invalid. Please choose a value between 512 and 24576.", budget)
	}
	q.reasoning = min(budget, effortTokens("medium"))
	if budget == -1 {
		q.reasoning = effortTokens("medium")
	}
	return nil
}

func (c *geminiConfig) readMedia(q *query) *problem {
	if c.MediaResolution == nil {
		return nil
	}
	known := []string{"MEDIA_RESOLUTION_UNSPECIFIED", "MEDIA_RESOLUTION_LOW", "MEDIA_RESOLUTION_MEDIUM", "MEDIA_RESOLUTION_HIGH"}
	if !slices.Contains(known, *c.MediaResolution) {
		p := geminiBad("Invalid value at 'generation_config.media_resolution' (type.googleapis.com/google.ai.generativelanguage.v1beta.GenerationConfig.MediaResolution), %q", *c.MediaResolution)
		p.details = badRequest("generation_config.media_resolution", p.message)
		return p
	}
	for i := range q.images {
		q.images[i].detail = *c.MediaResolution
	}
	return nil
}

func (c *geminiConfig) readFormat(q *query) *problem {
	mime := "text/plain"
	if c.ResponseMIMEType != nil {
		mime = *c.ResponseMIMEType
	}
	raw, name, rules := c.ResponseSchema, "response_schema", schemaRules{keywords: strings.Fields(geminiKeywords)}
	if c.ResponseJSONSchema != nil {
		raw, name, rules = c.ResponseJSONSchema, "response_json_schema", schemaRules{keywords: strings.Fields(geminiJSONKeywords)}
	}
	switch {
	case c.ResponseSchema != nil && c.ResponseJSONSchema != nil:
		return geminiBad("* GenerateContentRequest.generation_config: only one of response_schema and response_json_schema may be set")
	case !slices.Contains([]string{"text/plain", "application/json", "text/x.enum"}, mime):
		return geminiBad("* GenerateContentRequest.generation_config.response_mime_type: allowed mimetypes are `text/plain`, `application/json`, `application/xml`, `application/yaml` and `text/x.enum`.")
	case raw != nil && mime == "text/plain":
		return geminiBad("Function calling or response schema with response mime type 'text/plain' is unsupported: a response schema needs response_mime_type 'application/json' or 'text/x.enum'.")
	case raw == nil && mime == "text/x.enum":
		return geminiBad("Response schema is required for response mime type 'text/x.enum'.")
	case raw == nil:
		q.wantsJSON = mime == "application/json"
		return nil
	}
	parsed, v := parseSchema(raw, nil)
	if v == nil {
		v = parsed.check(rules, nil)
	}
	if v != nil {
		return v.gemini("generation_config." + name)
	}
	if mime == "text/x.enum" {
		if len(parsed.stringEnum()) == 0 {
			return geminiBad("Response schema for mime type 'text/x.enum' must be an enum of strings.")
		}
		q.bareLabel = true
	}
	q.schema = parsed
	return nil
}

// gemini describes a violation as Gemini does.
func (v *violation) gemini(at string) *problem {
	for _, p := range v.path {
		at += "." + p
	}
	var p *problem
	if v.kind == notPermitted {
		p = geminiBad("Invalid JSON payload received. Unknown name %q at '%s': Cannot find field.", v.keyword, at)
	} else {
		p = geminiBad("* GenerateContentRequest.%s: %s", at, v.message)
	}
	p.details = badRequest(at, fmt.Sprint(p.message))
	return p
}
