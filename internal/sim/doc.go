// Package sim simulates the wire formats of OpenAI, Gemini, Anthropic and System One in one http.Handler.
//
// It is strict: what a provider refuses it refuses, with that provider's JSON, status and headers.
// It is an independent check of the adapters, so it shares no code with them.
// Its answers are never a measurement of a real model.
//
// # Answers
//
// The labels are the values of the enum named category or classification in the request's schema, else of the
// first enum of strings. The label comes from the answer key (the hex SHA-256 of a text part, a system text or an
// image's bytes), else from the rules, else it is the label whose words, singular or plural, stand most often in
// the user's text; ties go to the earlier label. No word at all answers "unknown" (or "other", or the first label).
// The default rule states a confidence of 0.9, or 0.3 when no word was found.
//
// A decisions endpoint answers the options of its question in the same way, with a probability for each: the
// confidence for the label, at least the share of chance, and the rest for the others alike. OpenAI's are rounded
// to two decimals, each on its own.
//
// Text counts a token for every four bytes begun; images count by the published rule of the model's family.
//
// # Limits
//
// Options.Limits are enforced for each key at each model: a call that would be too many in the minute that ends with
// it meets the provider's own 429. OpenAI's and Anthropic's replies show what remains.
//
// # Scripts
//
// A script is YAML or JSON. Its steps are tried in order on each call that the provider would have accepted;
// the first step that picks the call takes effect. A money problem on the third call, then a spell of overload:
//
//	steps:
//	  - match: {provider: openai, nth: 3}
//	    effect: {fault: insufficient_quota, code: project_spend_limit_exceeded}
//	  - match: {provider: anthropic, from: 10, count: 5}
//	    effect: {fault: overloaded_error}
//	  - match: {provider: gemini, every: 4}
//	    effect: {fault: RESOURCE_EXHAUSTED, retry_after: 39}
//
// The faults are rate_limit_exceeded, rate_limit_error, resource_exhausted, slow_down, quota_per_day,
// insufficient_quota, spend_limit_reached, billing_error, server_error, bad_gateway, server_is_overloaded,
// overloaded_error, unavailable, timeout, invalid_api_key, permission_denied, model_not_found,
// context_length_exceeded and request_too_large. Each is answered in the form of the provider that is asked.
//
// A bad network, one key revoked, and a third of the calls slow:
//
//	steps:
//	  - match: {key: sk-second}
//	    effect: {fault: invalid_api_key}
//	  - match: {nth: 1}
//	    effect: {hang: true}
//	  - match: {nth: 2}
//	    effect: {cut: middle}
//	  - match: {share: 0.3}
//	    effect: {delay: 60s}
//
// A model whose server does not take a parameter:
//
//	steps:
//	  - match: {sends: responseLogprobs}
//	    effect: {status: 400, message: Logprobs is not supported for the current model.}
//
// Bad answers, and the right ones for two documents:
//
//	answers:
//	  9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08: {label: invoice, confidence: 0.97}
//	rules:
//	  - {contains: "Form 1040", label: tax_document, confidence: 0.99}
//	steps:
//	  - match: {model: gpt-4o-mini, from: 1, count: 2}
//	    effect: {confidence: "95%"}
//	  - match: {model: gpt-4o-mini, nth: 3}
//	    effect: {garbage: fenced, label: Rechnung, usage: missing}
//	  - match: {model: gpt-4o}
//	    effect: {finish: content_filter}
package sim
