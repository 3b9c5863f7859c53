package sim

import (
	"fmt"
	"slices"
	"strings"
)

// readThinking settles how much the model thinks. Models with adaptive thinking do so unless told not to.
func (r *anthropicRequest) readThinking(q *query) *problem {
	t := r.Thinking
	if t == nil {
		if q.spec.thinking == thinkingAdaptive {
			q.reasoning = effortTokens(q.spec.defaultEffort())
		}
		return nil
	}
	if t.Type == nil {
		return anthropicBad("thinking.type: Field required")
	}
	switch *t.Type {
	case "disabled":
		if q.spec.between {
			return anthropicBad("\"thinking.type.disabled\" is not supported for this model. Use \"thinking.type.between_tools\".")
		}
	case "between_tools":
		if !q.spec.between {
			return anthropicBad("\"thinking.type.between_tools\" is not supported for this model.")
		}
	case "adaptive":
		if q.spec.thinking != thinkingAdaptive {
			return anthropicBad("adaptive thinking is not supported on this model")
		}
		q.reasoning = effortTokens(q.spec.defaultEffort())
	case "enabled":
		return t.readBudget(q)
	default:
		return anthropicBad("thinking: Input tag '%s' found using 'type' does not match any of the expected tags: 'adaptive', 'disabled', 'enabled'", *t.Type)
	}
	if t.BudgetTokens != nil {
		return anthropicBad("thinking.%s.budget_tokens: Extra inputs are not permitted", *t.Type)
	}
	return nil
}

func (t *anthropicThinking) readBudget(q *query) *problem {
	switch {
	case q.spec.thinking == thinkingAdaptive:
		return anthropicBad("\"thinking.type.enabled\" is not supported for this model. Use \"thinking.type.adaptive\" and \"output_config.effort\" to control thinking behavior.")
	case t.BudgetTokens == nil:
		return anthropicBad("thinking.enabled.budget_tokens: Field required")
	case *t.BudgetTokens < 1024:
		return anthropicBad("thinking.enabled.budget_tokens: Input should be greater than or equal to 1024")
	case *t.BudgetTokens >= q.maxTokens:
		return anthropicBad("`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking#max-tokens-and-context-window-size")
	}
	q.reasoning = min(*t.BudgetTokens, effortTokens("medium"))
	return nil
}

func (r *anthropicRequest) checkSampling(q *query) *problem {
	switch {
	case q.spec.fixed && r.Temperature != nil && *r.Temperature != 1:
		return anthropicBad("`temperature` is deprecated for this model.")
	case q.spec.fixed && r.TopP != nil && *r.TopP != 1:
		return anthropicBad("`top_p` is deprecated for this model.")
	case q.spec.fixed && r.TopK != nil:
		return anthropicBad("`top_k` is deprecated for this model.")
	case r.Temperature != nil && (*r.Temperature < 0 || *r.Temperature > 1):
		return anthropicBad("temperature: range: 0..1")
	case r.TopP != nil && (*r.TopP < 0 || *r.TopP > 1):
		return anthropicBad("top_p: range: 0..1")
	case r.TopK != nil && *r.TopK < 1:
		return anthropicBad("top_k: Input should be greater than or equal to 1")
	case r.Temperature != nil && r.TopP != nil:
		return anthropicBad("`temperature` and `top_p` cannot both be specified for this model. Please use only one.")
	case q.reasoning > 0 && r.Temperature != nil && *r.Temperature != 1:
		return anthropicBad("`temperature` may only be set to 1 when thinking is enabled. Please consult our documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking#important-considerations-when-using-extended-thinking")
	}
	return nil
}

// anthropicKeywords are those of a schema in output_config.format.
const anthropicKeywords = "type properties required additionalProperties items enum const anyOf allOf $ref $defs definitions " +
	"$schema $id title description default format pattern minItems"

func (r *anthropicRequest) readOutput(q *query) *problem {
	c := r.OutputConfig
	if c == nil {
		return nil
	}
	if c.Effort != nil {
		switch {
		case len(q.spec.efforts) == 0:
			return anthropicBad("This model does not support the effort parameter.")
		case !slices.Contains(q.spec.efforts, *c.Effort):
			return anthropicBad("output_config.effort: Input should be 'low', 'medium', 'high', 'xhigh' or 'max'")
		case q.reasoning > 0:
			q.reasoning = effortTokens(*c.Effort)
		}
	}
	return c.Format.read(q)
}

func (f *anthropicFormat) read(q *query) *problem {
	switch {
	case f == nil:
		return nil
	case f.Type == nil:
		return anthropicBad("output_config.format.type: Field required")
	case *f.Type != "json_schema":
		return anthropicBad("output_config.format.type: Input should be 'json_schema'")
	case f.Schema == nil:
		return anthropicBad("output_config.format.schema: Field required")
	}
	parsed, v := parseSchema(f.Schema, nil)
	if v == nil {
		v = parsed.check(schemaRules{keywords: strings.Fields(anthropicKeywords), closed: true}, nil)
	}
	if v == nil && parsed.minItems > 1 {
		v = &violation{message: "For 'array' type, 'minItems' values other than 0 or 1 are not supported"}
	}
	if v != nil {
		return anthropicBad("output_config.format.schema: %s", v.anthropic())
	}
	q.schema = parsed
	return nil
}

// anthropic describes a violation as Anthropic does.
func (v *violation) anthropic() string {
	at := ""
	if len(v.path) > 0 {
		at = " (at " + dotted(v.path) + ")"
	}
	switch v.kind {
	case notPermitted:
		return fmt.Sprintf("property '%s' is not supported%s", v.keyword, at)
	case notClosed:
		return "For 'object' type, 'additionalProperties' must be explicitly set to false" + at
	}
	return v.message + at
}
