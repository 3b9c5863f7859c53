package httpapi

import (
	"cmp"
	"encoding/json"
	"net/http"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
)

// openaiError is an error in the shape that OpenAI's clients read.
type openaiError struct {
	Error struct {
		Message string     `json:"message"`
		Type    string     `json:"type"`
		Param   *string    `json:"param"`
		Code    fault.Kind `json:"code"`
	} `json:"error"`

	// Docsift is what was spent all the same, once models were asked.
	Docsift *spent `json:"docsift,omitempty"`
}

type spent struct {
	Cost    cascade.Cost  `json:"cost"`
	Usage   decisionUsage `json:"usage"`
	Answers []answerNote  `json:"answers"`
}

// refuse answers with err in OpenAI's shape.
func (a *API) refuse(w http.ResponseWriter, ds []docsift.Decision, err error) {
	code := status(err)
	var out openaiError
	out.Error.Message, out.Error.Type, out.Error.Code = fault.Message(err), errorType(code), fault.KindOf(err)
	if code == http.StatusTooManyRequests {
		out.Error.Code = "rate_limit_exceeded"
	}
	if param := paramOf(err); param != "" {
		out.Error.Param = &param
	}
	if len(ds) > 0 {
		usage, note := sum(ds)
		out.Docsift = &spent{Cost: note.Cost, Usage: usage}
		for _, d := range ds {
			out.Docsift.Answers = append(out.Docsift.Answers, noteOf(d))
		}
	}
	a.trace(w, code, err)
	advise(w, err)
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(code)
	json.NewEncoder(w).Encode(out) // the caller is gone if this fails
}

// errorType returns OpenAI's word for a class of errors.
func errorType(status int) string {
	words := map[int]string{http.StatusTooManyRequests: "rate_limit_error"}
	if status >= http.StatusInternalServerError {
		words[status] = "server_error"
	}
	return cmp.Or(words[status], "invalid_request_error")
}
