package sim

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// checkEffort settles how much the model reasons.
func (r *openaiRequest) checkEffort(q *query) *problem {
	effort := q.spec.defaultEffort()
	if r.ReasoningEffort != nil {
		effort = *r.ReasoningEffort
		switch {
		case len(q.spec.efforts) == 0:
			return openaiBad("reasoning_effort", "", "Unrecognized request argument supplied: reasoning_effort")
		case !slices.Contains(q.spec.efforts, effort):
			return openaiBad("reasoning_effort", "unsupported_value", "Unsupported value: 'reasoning_effort' does not support '%s' with this model. Supported values are: '%s'.", effort, strings.Join(q.spec.efforts, "', '"))
		}
	}
	q.reasoning = effortTokens(effort)
	return nil
}

// reasons tells whether the sampling parameters are shut off: a reasoning model that does reason.
func (r *openaiRequest) reasons(q *query) bool { return q.reasoning > 0 }

func (r *openaiRequest) checkSampling(q *query) *problem {
	if r.reasons(q) && r.Temperature != nil && *r.Temperature != 1 {
		return openaiBad("temperature", "unsupported_value", "Unsupported value: 'temperature' does not support %v with this model. Only the default (1) value is supported.", *r.Temperature)
	}
	ranges := []struct {
		name     string
		value    *float64
		low, top float64
	}{
		{"temperature", r.Temperature, 0, 2},
		{"top_p", r.TopP, 0, 1},
		{"frequency_penalty", r.FrequencyPenalty, -2, 2},
		{"presence_penalty", r.PresencePenalty, -2, 2},
	}
	for _, x := range ranges {
		switch {
		case x.value == nil:
		case r.reasons(q) && x.name != "temperature":
			return openaiBad(x.name, "unsupported_parameter", "Unsupported parameter: '%s' is not supported with this model.", x.name)
		case *x.value < x.low:
			return openaiBad(x.name, "decimal_below_min_value", "Invalid '%s': decimal below minimum value. Expected a value >= %v, but got %v instead.", x.name, x.low, *x.value)
		case *x.value > x.top:
			return openaiBad(x.name, "decimal_above_max_value", "Invalid '%s': decimal above maximum value. Expected a value <= %v, but got %v instead.", x.name, x.top, *x.value)
		}
	}
	return r.checkChoices()
}

func (r *openaiRequest) checkChoices() *problem {
	if v := r.Verbosity; v != nil && !slices.Contains([]string{"low", "medium", "high"}, *v) {
		return openaiValue("verbosity", *v, "low", "medium", "high")
	}
	tiers := []string{"auto", "default", "flex", "scale", "priority", "fast"}
	if v := r.ServiceTier; v != nil && !slices.Contains(tiers, *v) {
		return openaiValue("service_tier", *v, tiers...)
	}
	return nil
}

func (r *openaiRequest) readLogprobs(q *query) *problem {
	q.logprobs = r.Logprobs != nil && *r.Logprobs
	switch {
	case q.logprobs && (!q.spec.logprobs || r.reasons(q)):
		return openaiBad("logprobs", "unsupported_parameter", "Unsupported parameter: 'logprobs' is not supported with this model.")
	case r.TopLogprobs == nil:
		return nil
	case !q.logprobs:
		return openaiBad("top_logprobs", "invalid_value", "Invalid value for 'top_logprobs': 'logprobs' must be true to use it.")
	case *r.TopLogprobs < 0 || *r.TopLogprobs > 20:
		return openaiBad("top_logprobs", "invalid_value", "Invalid value for 'top_logprobs': must be between 0 and 20.")
	}
	q.topLogprobs = *r.TopLogprobs
	return nil
}

func (r *openaiRequest) readLimit(q *query) *problem {
	name, limit := "max_completion_tokens", r.MaxCompletionTokens
	switch {
	case r.MaxTokens != nil && len(q.spec.efforts) > 0:
		return openaiBad("max_tokens", "unsupported_parameter", "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.")
	case r.MaxTokens != nil && limit != nil:
		return openaiBad("max_tokens", "invalid_parameter_combination", "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.")
	case r.MaxTokens != nil:
		name, limit = "max_tokens", r.MaxTokens
	case limit == nil:
		return nil
	}
	switch {
	case *limit < 1:
		return openaiBad(name, "integer_below_min_value", "Invalid '%s': integer below minimum value. Expected a value >= 1, but got %d instead.", name, *limit)
	case *limit > q.spec.output:
		return openaiBad(name, "invalid_value", "%s is too large: %d. This model supports at most %d completion tokens, whereas you provided %d.", name, *limit, q.spec.output, *limit)
	}
	q.maxTokens = *limit
	return nil
}

func (r *openaiRequest) readFormat(q *query) *problem {
	f := r.ResponseFormat
	if f == nil {
		return nil
	}
	if f.Type == nil {
		return openaiMissing("response_format.type")
	}
	switch *f.Type {
	case "text":
	case "json_object":
		q.wantsJSON = true
		asked := slices.ContainsFunc(slices.Concat(q.system, q.texts), func(text string) bool {
			return strings.Contains(strings.ToLower(text), "json")
		})
		if !asked {
			return openaiBad("messages", "", "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.")
		}
	case "json_schema":
		return f.JSONSchema.read(q)
	default:
		return openaiValue("response_format.type", *f.Type, "json_object", "json_schema", "text")
	}
	if f.JSONSchema != nil {
		return openaiBad("response_format.json_schema", "unknown_parameter", "Unknown parameter: 'response_format.json_schema'.")
	}
	return nil
}

var schemaName = regexp.MustCompile(`^[a-zA-Z0-9_-]+$`)

// openaiKeywords are those of a strict schema.
const openaiKeywords = "type properties required additionalProperties items enum const anyOf $ref $defs definitions " +
	"$schema $id title description pattern format multipleOf maximum exclusiveMaximum minimum exclusiveMinimum minItems maxItems"

func (s *openaiSchema) read(q *query) *problem {
	switch {
	case s == nil:
		return openaiMissing("response_format.json_schema")
	case s.Name == nil:
		return openaiMissing("response_format.json_schema.name")
	case !schemaName.MatchString(*s.Name):
		return openaiBad("response_format.json_schema.name", "invalid_value", "Invalid 'response_format.json_schema.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.")
	case len(*s.Name) > 64:
		return openaiBad("response_format.json_schema.name", "string_above_max_length", "Invalid 'response_format.json_schema.name': string too long. Expected a string with maximum length 64, but got a string with length %d instead.", len(*s.Name))
	case s.Schema == nil:
		return openaiMissing("response_format.json_schema.schema")
	}
	parsed, v := parseSchema(s.Schema, nil)
	if v == nil && s.Strict != nil && *s.Strict {
		v = parsed.check(schemaRules{keywords: strings.Fields(openaiKeywords), closed: true, allRequired: true, objectRoot: true}, nil)
	}
	if v != nil {
		return openaiBad("response_format", "", "Invalid schema for response_format '%s': %s", *s.Name, v.openai())
	}
	if n := parsed.enumValues(); n > 1000 {
		return openaiBad("response_format", "", "Invalid schema for response_format '%s': Expected at most 1000 enum values in total within a schema, but got %d.", *s.Name, n)
	}
	q.schema = parsed
	return nil
}

// openai describes a violation as OpenAI does.
func (v *violation) openai() string {
	steps := make([]string, 0, len(v.path))
	for _, p := range v.path {
		steps = append(steps, "'"+p+"'")
	}
	context := "In context=(" + strings.Join(steps, ", ") + "), "
	switch v.kind {
	case notPermitted:
		return fmt.Sprintf("%s'%s' is not permitted.", context, v.keyword)
	case notClosed:
		return context + "'additionalProperties' is required to be supplied and to be false."
	case notRequired:
		return fmt.Sprintf("%s'required' is required to be supplied and to be an array including every key in properties. Missing '%s'.", context, v.keyword)
	}
	return context + v.message + "."
}

func (s *schema) enumValues() int {
	n := len(s.enum)
	for _, c := range s.children() {
		n += c.schema.enumValues()
	}
	return n
}

// openaiError is the body of an error; param and code are null where there is none.
type openaiError struct {
	Error struct {
		Message string  `json:"message"`
		Type    string  `json:"type"`
		Param   *string `json:"param"`
		Code    *string `json:"code"`
	} `json:"error"`
}

func (openai) failure(p problem, _ string) any {
	var e openaiError
	e.Error.Message, e.Error.Type = p.message, p.kind
	e.Error.Param, e.Error.Code = orNull(p.param), orNull(p.code)
	return e
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
