package sim

import (
	"fmt"
	"net/http"
)

// problem is an error a provider answers, before it is written in that provider's form.
type problem struct {
	status  int
	kind    string // error.type at OpenAI and Anthropic, error.status at Gemini
	code    string // error.code at OpenAI, error.details.error_code at Anthropic
	param   string // OpenAI only
	message string
	retry   string      // Retry-After, or the delay of Gemini's RetryInfo; empty: none
	details []rpcDetail // Gemini only
	page    bool        // answered as HTML by a proxy in front of the provider
}

// rpcDetail is one entry of a Gemini error's details: the union of the google.rpc types it uses.
type rpcDetail struct {
	Type            string            `json:"@type"`
	Reason          string            `json:"reason,omitempty"`
	Domain          string            `json:"domain,omitempty"`
	Metadata        map[string]string `json:"metadata,omitempty"`
	RetryDelay      string            `json:"retryDelay,omitempty"`
	Violations      []quotaViolation  `json:"violations,omitempty"`
	FieldViolations []fieldViolation  `json:"fieldViolations,omitempty"`
}

type quotaViolation struct {
	QuotaMetric string `json:"quotaMetric"`
	QuotaID     string `json:"quotaId"`
	QuotaValue  string `json:"quotaValue,omitempty"`
}

type fieldViolation struct {
	Field       string `json:"field,omitempty"`
	Description string `json:"description"`
}

// unplayed answers a request that the provider would serve and this simulator does not.
func unplayed(kind, what string) *problem {
	return &problem{
		status:  http.StatusBadRequest,
		kind:    kind,
		message: fmt.Sprintf("docsift simulator: %s exists at the provider but is not simulated", what),
	}
}

// htmlPage is what a proxy answers in front of a provider.
func htmlPage(status int) []byte {
	title := fmt.Sprintf("%d %s", status, http.StatusText(status))
	return fmt.Appendf(nil, "<html>\r\n<head><title>%s</title></head>\r\n<body>\r\n<center><h1>%s</h1></center>\r\n<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n", title, title)
}
