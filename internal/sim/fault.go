package sim

import (
	"net/http"
	"slices"
	"strings"
)

// statusOverloaded is Anthropic's status for overload; net/http has no name for it.
const statusOverloaded = 529

// namedFault is one failure in the form of each provider.
type namedFault struct {
	name                      string
	openai, gemini, anthropic problem
}

func (f namedFault) of(provider string) problem {
	switch provider {
	case OpenAI, SystemOne:
		return f.openai
	case Gemini:
		return f.gemini
	}
	return f.anthropic
}

func faultExists(name string) bool {
	return slices.Contains(faultNames(), strings.ToLower(name))
}

func faultNames() []string {
	var names []string
	for _, f := range faults() {
		names = append(names, f.name)
	}
	return names
}

// faultNamed returns a named fault in a provider's form; the name is known to exist.
func faultNamed(provider, name string) problem {
	all := faults()
	i := slices.IndexFunc(all, func(f namedFault) bool { return f.name == strings.ToLower(name) })
	return all[i].of(provider)
}

const (
	quotaMessage  = "You exceeded your current quota, please check your plan and billing details. For more information on this error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors."
	geminiQuota   = "You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits."
	claudeCredits = "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits."
	claudeSpend   = "You have reached your specified API usage limits. You will regain access once the limit is raised."
	geminiKey     = "API key not valid. Please pass a valid API key."
	serverError   = "The server had an error while processing your request. Sorry about that!"
	geminiSick    = "An internal error has occurred. Please retry or report in https://developers.generativeai.google/guide/troubleshooting"
)

// faults lists every named fault. Where a provider has no such error, its nearest one stands in.
func faults() []namedFault {
	return slices.Concat(rateFaults(), moneyFaults(), healthFaults(), requestFaults())
}

func rateFaults() []namedFault {
	exhausted := problem{status: 429, kind: "RESOURCE_EXHAUSTED", message: geminiQuota, retry: "39", details: quotaDetails("GenerateRequestsPerMinutePerProjectPerModel")}
	perDay := problem{status: 429, kind: "RESOURCE_EXHAUSTED", message: geminiQuota, details: quotaDetails("GenerateRequestsPerDayPerProjectPerModel")}
	rate := problem{status: 429, kind: "requests", code: "rate_limit_exceeded", retry: "1", message: "Rate limit reached for requests per min (RPM). Please try again in 1s."}
	slow := problem{status: 429, kind: "rate_limit_error", code: "slow_down", retry: "5", message: "Your request rate increased too quickly. Please slow down and raise it gradually."}
	claude := problem{status: 429, kind: "rate_limit_error", retry: "1", message: "This request would exceed your organization's rate limit. Please reduce the rate of requests."}
	spike := problem{status: 429, kind: "rate_limit_error", retry: "5", message: "This request would exceed your organization's acceleration limit. Please scale up usage gradually."}
	return []namedFault{
		{"rate_limit_exceeded", rate, exhausted, claude},
		{"rate_limit_error", rate, exhausted, claude},
		{"resource_exhausted", rate, exhausted, claude},
		{"slow_down", slow, exhausted, spike},
		{"quota_per_day", rate, perDay, claude},
	}
}

func moneyFaults() []namedFault {
	quota := problem{status: 429, kind: "insufficient_quota", code: "insufficient_quota", message: quotaMessage}
	spent := problem{status: 429, kind: "insufficient_quota", code: "organization_spend_limit_exceeded", message: quotaMessage}
	bill := problem{status: 402, kind: "FAILED_PRECONDITION", message: "Billing is not active for this project. Enable billing and retry."}
	credits := problem{status: 400, kind: "invalid_request_error", message: claudeCredits}
	enforced := problem{status: 429, kind: "rate_limit_error", code: "enforced_spend_limit_reached", message: claudeSpend}
	claudeBill := problem{status: 402, kind: "billing_error", message: "There is an issue with your billing or payment information."}
	openaiBill := problem{status: 402, kind: "insufficient_quota", code: "billing_not_active", message: "Your account is not active, please check your billing details on our website."}
	return []namedFault{
		{"insufficient_quota", quota, bill, credits},
		{"spend_limit_reached", spent, bill, enforced},
		{"billing_error", openaiBill, bill, claudeBill},
	}
}

func healthFaults() []namedFault {
	openai := func(status int, code string) problem {
		return problem{status: status, kind: "server_error", code: code, message: serverError}
	}
	overloaded := problem{status: 503, kind: "service_unavailable_error", code: "server_is_overloaded", message: "Our servers are currently overloaded. Please try again later."}
	gemini := func(status int, kind, message string) problem {
		return problem{status: status, kind: kind, message: message}
	}
	unavailable := gemini(503, "UNAVAILABLE", "The model is overloaded. Please try again later.")
	busy := problem{status: statusOverloaded, kind: "overloaded_error", message: "Overloaded"}
	claude := func(status int, kind, message string) problem {
		return problem{status: status, kind: kind, message: message}
	}
	page := problem{status: http.StatusBadGateway, page: true}
	return []namedFault{
		{"server_error", openai(500, ""), gemini(500, "INTERNAL", geminiSick), claude(500, "api_error", "Internal server error")},
		{"bad_gateway", page, page, page},
		{"server_is_overloaded", overloaded, unavailable, busy},
		{"overloaded_error", overloaded, unavailable, busy},
		{"unavailable", overloaded, unavailable, busy},
		{"timeout", openai(504, "timeout"), gemini(504, "DEADLINE_EXCEEDED", "Deadline expired before operation could complete."), claude(504, "timeout_error", "Request timed out")},
	}
}

func requestFaults() []namedFault {
	invalid := func(status int, code, message string) problem {
		return problem{status: status, kind: "invalid_request_error", code: code, message: message}
	}
	gemini := func(status int, kind, message string) problem {
		return problem{status: status, kind: kind, message: message}
	}
	claude := func(status int, kind, message string) problem {
		return problem{status: status, kind: kind, message: message}
	}
	badKey := problem{status: 400, kind: "INVALID_ARGUMENT", message: geminiKey, details: []rpcDetail{{
		Type: rpcErrorInfo, Reason: "API_KEY_INVALID", Domain: "googleapis.com",
		Metadata: map[string]string{"service": "generativelanguage.googleapis.com"},
	}}}
	tooLarge := problem{status: http.StatusRequestEntityTooLarge, page: true}
	return []namedFault{
		{"invalid_api_key", invalid(401, "invalid_api_key", "Incorrect API key provided. You can find your API key at https://platform.openai.com/account/api-keys."), badKey, claude(401, "authentication_error", "invalid x-api-key")},
		{"permission_denied", invalid(403, "", "You have insufficient permissions for this operation."), gemini(403, "PERMISSION_DENIED", "The caller does not have permission"), claude(403, "permission_error", "Your API key does not have permission to use the specified resource.")},
		{"model_not_found", invalid(404, "model_not_found", "The model does not exist or you do not have access to it."), gemini(404, "NOT_FOUND", "The model is not found for API version v1beta, or is not supported for generateContent."), claude(404, "not_found_error", "model not found")},
		{"context_length_exceeded", invalid(400, "context_length_exceeded", "This model's maximum context length was exceeded. Please reduce the length of the messages."), gemini(400, "INVALID_ARGUMENT", "The input token count exceeds the maximum number of tokens allowed."), claude(400, "invalid_request_error", "prompt is too long")},
		{"request_too_large", tooLarge, tooLarge, tooLarge},
	}
}

const (
	rpcErrorInfo    = "type.googleapis.com/google.rpc.ErrorInfo"
	rpcRetryInfo    = "type.googleapis.com/google.rpc.RetryInfo"
	rpcQuotaFailure = "type.googleapis.com/google.rpc.QuotaFailure"
	rpcBadRequest   = "type.googleapis.com/google.rpc.BadRequest"
)

func quotaDetails(id string) []rpcDetail {
	return []rpcDetail{{
		Type: rpcQuotaFailure,
		Violations: []quotaViolation{{
			QuotaMetric: "generativelanguage.googleapis.com/generate_content_requests",
			QuotaID:     id,
			QuotaValue:  "1000",
		}},
	}}
}

// failure is the problem an effect answers to a provider's call.
func (e Effect) failure(provider string) problem {
	p := byStatus(provider, e.Status)
	if e.Fault != "" {
		p = faultNamed(provider, e.Fault)
	}
	replace := func(field *string, with string) {
		if with != "" {
			*field = with
		}
	}
	replace(&p.code, e.Code)
	replace(&p.kind, e.Type)
	replace(&p.message, e.Message)
	replace(&p.retry, e.RetryAfter)
	if p.retry == "none" {
		p.retry = ""
	}
	return p
}

// byStatus is the usual problem behind a status at a provider.
func byStatus(provider string, status int) problem {
	p := problem{status: status, message: "scripted error"}
	switch provider {
	case OpenAI, SystemOne:
		p.kind, p.code = openaiKind(status)
	case Gemini:
		p.kind = geminiKind(status)
	case Anthropic:
		p.kind = anthropicKind(status)
	}
	return p
}

func openaiKind(status int) (kind, code string) {
	switch {
	case status == http.StatusUnauthorized:
		return "invalid_request_error", "invalid_api_key"
	case status == http.StatusTooManyRequests:
		return "requests", "rate_limit_exceeded"
	case status >= 500:
		return "server_error", ""
	}
	return "invalid_request_error", ""
}

func geminiKind(status int) string {
	switch status {
	case 400:
		return "INVALID_ARGUMENT"
	case 401:
		return "UNAUTHENTICATED"
	case 402:
		return "FAILED_PRECONDITION"
	case 403:
		return "PERMISSION_DENIED"
	case 404:
		return "NOT_FOUND"
	case 429:
		return "RESOURCE_EXHAUSTED"
	case 500:
		return "INTERNAL"
	case 503:
		return "UNAVAILABLE"
	case 504:
		return "DEADLINE_EXCEEDED"
	}
	return "UNKNOWN"
}

func anthropicKind(status int) string {
	switch status {
	case 401:
		return "authentication_error"
	case 402:
		return "billing_error"
	case 403:
		return "permission_error"
	case 404:
		return "not_found_error"
	case 413:
		return "request_too_large"
	case 429:
		return "rate_limit_error"
	case 504:
		return "timeout_error"
	case statusOverloaded:
		return "overloaded_error"
	}
	if status >= 500 {
		return "api_error"
	}
	return "invalid_request_error"
}
