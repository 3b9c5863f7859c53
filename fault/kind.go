package fault

import "net/http"

// Kind is the class of an error. Its string is the stable code of the API and the metric label.
type Kind string

// Kinds that the caller meets whatever they ask for.
const (
	Internal Kind = "internal"             // bug or unknown; details stay in the log
	Invalid  Kind = "invalid_request"      // caller must change the request
	Config   Kind = "configuration"        // a setting, policy or taxonomy is wrong
	NotFound Kind = "not_found"            // no such taxonomy, policy or record
	Canceled Kind = "canceled"             // caller gave up
	NoModel  Kind = "no_model_available"   // no model could answer
	Busy     Kind = "too_many_requests"    // we are at our own limit
	BadPath  Kind = "unreadable_file"      // the file system would not give the file
	Stopping Kind = "server_shutting_down" // the server is draining
)

// Kinds of failures to keep something.
const (
	Storage     Kind = "storage_unavailable" // the database or the documents' storage does not answer
	StorageFull Kind = "storage_full"        // it has no room left
	Conflict    Kind = "conflict"            // what there is already forbids it
)

// Kinds of documents that cannot be read. Nothing is sent to a provider for them.
const (
	Empty       Kind = "empty_file"           // no bytes, or white space alone
	TooLarge    Kind = "document_too_large"   // over the limit on bytes
	Unsupported Kind = "unsupported_type"     // not a type that docsift reads
	Encrypted   Kind = "password_protected"   // needs a password
	Corrupt     Kind = "corrupt_file"         // broken or truncated
	ManyPixels  Kind = "image_too_large"      // over the limit on pixels
	Inflated    Kind = "decompression_limit"  // over a limit on parts, their sizes or their ratio to what was packed
	TooDeep     Kind = "nesting_limit"        // over the limit on depth
	Doctype     Kind = "doctype_refused"      // XML that declares entities, which no document needs
	TooComplex  Kind = "document_too_complex" // over a limit on time or memory
)

// Kinds of failures of a provider. faults in quota, rate, health and output have different cures.
const (
	RateLimited Kind = "rate_limited"     // 429: wait, or go sideways
	Quota       Kind = "quota_exhausted"  // no money left: never retry
	Auth        Kind = "key_refused"      // 401 or 403: the key is wrong or lacks rights
	ModelGone   Kind = "model_gone"       // 404: switched off or never existed
	Rejected    Kind = "request_rejected" // 400: the provider will not take this request
	TooLong     Kind = "context_too_long" // more than the model takes at once
	Adapted     Kind = "request_adapted"  // 400 for a parameter that the next request leaves out
	Unavailable Kind = "unavailable"      // down, overloaded or unreachable
	Timeout     Kind = "timeout"          // no answer in time
	CircuitOpen Kind = "circuit_open"     // our breaker refused to ask
	BadOutput   Kind = "bad_output"       // an answer that is not one
	Refused     Kind = "refused"          // the model declined to answer
	NoKey       Kind = "no_key"           // no key is configured for the provider

	Throttled  Kind = "rate_limit_reached" // our own limiter refused to ask
	Budget     Kind = "budget_exhausted"   // a budget of ours does not allow the request
	Unrecorded Kind = "ledger_unavailable" // it could not be written down, so it was not sent
)

// HTTPStatus returns the status that a server answers with.
func (k Kind) HTTPStatus() int {
	switch k {
	case Invalid, Empty:
		return http.StatusBadRequest
	case NotFound:
		return http.StatusNotFound
	case TooLarge:
		return http.StatusRequestEntityTooLarge
	case Unsupported:
		return http.StatusUnsupportedMediaType
	case BadPath, Encrypted, Corrupt, ManyPixels, Inflated, TooDeep, Doctype, TooComplex:
		return http.StatusUnprocessableEntity
	case Busy, Throttled:
		return http.StatusTooManyRequests
	case Conflict:
		return http.StatusConflict
	case StorageFull:
		return http.StatusInsufficientStorage
	case Canceled:
		return 499 // nginx's "client closed request"; nobody is left to read it
	case Timeout:
		return http.StatusGatewayTimeout
	case NoModel, RateLimited, Quota, Auth, ModelGone, Unavailable, CircuitOpen, NoKey, Stopping, Budget, Unrecorded, Storage:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// ExitStatus returns the status that a command ends with: 1 failed, 2 wrong usage,
// 3 wrong configuration, 4 a budget is spent, 5 no model could answer, 130 interrupted.
func (k Kind) ExitStatus() int {
	switch k {
	case "":
		return 0
	case Invalid, NotFound:
		return 2
	case Config, NoKey:
		return 3
	case Budget:
		return 4
	case NoModel:
		return 5
	case Canceled:
		return 130
	}
	return 1
}

// Unreadable reports whether a document cannot be read, whoever tries.
func (k Kind) Unreadable() bool {
	switch k {
	case Empty, TooLarge, Unsupported, Encrypted, Corrupt, ManyPixels, Inflated, TooDeep, Doctype, TooComplex:
		return true
	}
	return false
}

// MayPass reports whether the same call to the same model may succeed soon.
func (k Kind) MayPass() bool {
	return k == RateLimited || k == Throttled || k == Unavailable || k == Timeout || k == Adapted
}

// Unsent reports whether a failure of this kind means that nothing has left for the provider.
func (k Kind) Unsent() bool {
	switch k {
	case CircuitOpen, Throttled, Budget, Unrecorded, NoKey:
		return true
	}
	return false
}

// Unhealthy reports whether a model that fails like this should be left alone for a while.
// A rate limit, a refusal or a request that it rejects proves that it is up.
func (k Kind) Unhealthy() bool {
	switch k {
	case Unavailable, Timeout, Quota, Auth, ModelGone:
		return true
	}
	return false
}
