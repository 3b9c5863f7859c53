package sim

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// anthropic is the Messages wire format.
type anthropic struct{}

func (anthropic) provider() string { return Anthropic }
func (anthropic) maxBody() int64   { return 32 << 20 }

// anthropicVersion is the only version of the wire format.
const anthropicVersion = "2023-06-01"

// The fields of type json.RawMessage below exist at the provider and are refused here unless noted.
type anthropicRequest struct {
	Model         *string             `json:"model"`
	Messages      []anthropicMessage  `json:"messages"`
	MaxTokens     *int                `json:"max_tokens"`
	System        json.RawMessage     `json:"system"` // a string or text blocks
	Temperature   *float64            `json:"temperature"`
	TopP          *float64            `json:"top_p"`
	TopK          *int                `json:"top_k"`
	StopSequences []string            `json:"stop_sequences"`
	Stream        *bool               `json:"stream"`
	Thinking      *anthropicThinking  `json:"thinking"`
	OutputConfig  *anthropicOutput    `json:"output_config"`
	Metadata      *anthropicMetadata  `json:"metadata"`
	ServiceTier   *string             `json:"service_tier"`
	CacheControl  *anthropicCacheMark `json:"cache_control"`

	InferenceGeo json.RawMessage `json:"inference_geo"` // ignored
	Diagnostics  json.RawMessage `json:"diagnostics"`   // ignored

	Container  json.RawMessage `json:"container"`
	Speed      json.RawMessage `json:"speed"`
	ToolChoice json.RawMessage `json:"tool_choice"`
	Tools      json.RawMessage `json:"tools"`
}

type anthropicMessage struct {
	Role    *string         `json:"role"`
	Content json.RawMessage `json:"content"` // a string or blocks
}

type anthropicBlock struct {
	Type         *string             `json:"type"`
	Text         *string             `json:"text"`
	Source       *anthropicSource    `json:"source"`
	CacheControl *anthropicCacheMark `json:"cache_control"`

	Citations       json.RawMessage `json:"citations"`       // ignored
	Transformations json.RawMessage `json:"transformations"` // ignored

	Title     json.RawMessage `json:"title"`
	Context   json.RawMessage `json:"context"`
	ID        json.RawMessage `json:"id"`
	Name      json.RawMessage `json:"name"`
	Input     json.RawMessage `json:"input"`
	ToolUseID json.RawMessage `json:"tool_use_id"`
	Content   json.RawMessage `json:"content"`
	IsError   json.RawMessage `json:"is_error"`
	Thinking  json.RawMessage `json:"thinking"`
	Signature json.RawMessage `json:"signature"`
}

type anthropicSource struct {
	Type      *string `json:"type"`
	MediaType *string `json:"media_type"`
	Data      *string `json:"data"`
	URL       *string `json:"url"`
	FileID    *string `json:"file_id"`
}

type anthropicCacheMark struct {
	Type *string `json:"type"`
	TTL  *string `json:"ttl"`
}

type anthropicThinking struct {
	Type         *string `json:"type"`
	BudgetTokens *int    `json:"budget_tokens"`
	Display      *string `json:"display"`
}

type anthropicOutput struct {
	Effort *string          `json:"effort"`
	Format *anthropicFormat `json:"format"`
}

type anthropicFormat struct {
	Type   *string         `json:"type"`
	Schema json.RawMessage `json:"schema"`
}

type anthropicMetadata struct {
	UserID *string `json:"user_id"`
}

func (anthropic) key(r *http.Request) (string, *problem) {
	key := strings.TrimSpace(r.Header.Get("X-Api-Key"))
	version := r.Header.Get("Anthropic-Version")
	switch {
	case key == "":
		return "", &problem{status: http.StatusUnauthorized, kind: "authentication_error", message: "x-api-key header is required"}
	case version == "":
		return key, anthropicBad("anthropic-version: header is required")
	case version != anthropicVersion:
		return key, anthropicBad("anthropic-version: %q is not a valid version", version)
	}
	return key, nil
}

func (anthropic) read(body []byte, q *query, find func(string) (spec, bool)) *problem {
	var req anthropicRequest
	if d := decodeShape(body, &req, nil); d != nil {
		return anthropicShape(d, nil)
	}
	if req.Model == nil || *req.Model == "" {
		return anthropicBad("model: Field required")
	}
	q.model = *req.Model
	var ok bool
	if q.spec, ok = find(q.model); !ok {
		return &problem{status: http.StatusNotFound, kind: "not_found_error", message: "model: " + q.model}
	}
	for _, check := range []func(*query) *problem{
		req.unplayed, req.readLimit, req.readSystem, req.readMessages, req.readThinking, req.checkSampling, req.readOutput,
	} {
		if p := check(q); p != nil {
			return p
		}
	}
	if n := q.promptTokens(); n > q.spec.context {
		return anthropicBad("prompt is too long: %d tokens > %d maximum", n, q.spec.context)
	}
	return nil
}

func (r *anthropicRequest) unplayed(*query) *problem {
	fields := map[string]json.RawMessage{"container": r.Container, "speed": r.Speed, "tool_choice": r.ToolChoice, "tools": r.Tools}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if fields[name] != nil {
			return unplayed("invalid_request_error", name)
		}
	}
	if r.Stream != nil && *r.Stream {
		return unplayed("invalid_request_error", "a stream")
	}
	if t := r.ServiceTier; t != nil && *t != "auto" && *t != "standard_only" {
		return anthropicBad("service_tier: Input should be 'auto' or 'standard_only'")
	}
	return r.CacheControl.check("cache_control")
}

func (r *anthropicRequest) readLimit(q *query) *problem {
	switch {
	case r.MaxTokens == nil:
		return anthropicBad("max_tokens: Field required")
	case *r.MaxTokens < 1:
		return anthropicBad("max_tokens: Input should be greater than or equal to 1")
	case *r.MaxTokens > q.spec.output:
		return anthropicBad("max_tokens: %d > %d, which is the maximum allowed number of output tokens for %s", *r.MaxTokens, q.spec.output, q.model)
	}
	q.maxTokens = *r.MaxTokens
	return nil
}

func (r *anthropicRequest) readSystem(q *query) *problem {
	if r.System == nil {
		return nil
	}
	return readBlocks(q, r.System, "system", []string{"system"})
}

func (r *anthropicRequest) readMessages(q *query) *problem {
	if len(r.Messages) == 0 {
		return anthropicBad("messages: at least one message is required")
	}
	for i, m := range r.Messages {
		at := []string{"messages", fmt.Sprint(i)}
		switch {
		case m.Role == nil:
			return anthropicBad("%s.role: Field required", dotted(at))
		case *m.Role == "system":
			return anthropicBad("messages: Unexpected role \"system\". The Messages API accepts a top-level `system` parameter, not \"system\" as an input message role.")
		case *m.Role != "user" && *m.Role != "assistant":
			return anthropicBad("%s.role: Input should be 'user' or 'assistant'", dotted(at))
		case i == 0 && *m.Role != "user":
			return anthropicBad("messages: first message must use the \"user\" role")
		case i > 0 && *m.Role == *r.Messages[i-1].Role:
			return anthropicBad("messages: roles must alternate between \"user\" and \"assistant\", but found multiple %q roles in a row", *m.Role)
		case m.Content == nil:
			return anthropicBad("%s.content: Field required", dotted(at))
		}
		if p := readBlocks(q, m.Content, *m.Role, append(at, "content")); p != nil {
			return p
		}
	}
	if *r.Messages[len(r.Messages)-1].Role == "assistant" && q.spec.fixed {
		return anthropicBad("This model does not support assistant message prefill. The conversation must end with a user message.")
	}
	return nil
}

// readBlocks reads content: a string, or blocks.
func readBlocks(q *query, raw json.RawMessage, role string, at []string) *problem {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		if text == "" && role != "system" {
			return anthropicBad("%s: all messages must have non-empty content except for the optional final assistant message", dotted(at[:2]))
		}
		q.say(role, text)
		return nil
	}
	var blocks []anthropicBlock
	if d := decodeShape(raw, &blocks, nil); d != nil {
		return anthropicShape(d, at)
	}
	if len(blocks) == 0 && role != "system" {
		return anthropicBad("%s: all messages must have non-empty content except for the optional final assistant message", dotted(at[:2]))
	}
	for i, b := range blocks {
		if p := b.read(q, role, append(slices.Clip(at), fmt.Sprint(i))); p != nil {
			return p
		}
	}
	if n := len(q.images); n > 100 {
		return anthropicBad("messages: too many images: %d > 100", n)
	}
	return nil
}

func (b anthropicBlock) read(q *query, role string, at []string) *problem {
	if b.Type == nil {
		return anthropicBad("%s.type: Field required", dotted(at))
	}
	if p := b.CacheControl.check(dotted(at) + ".cache_control"); p != nil {
		return p
	}
	if b.CacheControl != nil {
		if q.cacheMarks++; q.cacheMarks > 4 {
			return anthropicBad("A maximum of 4 blocks with cache_control may be provided. Found %d.", q.cacheMarks)
		}
	}
	here := dotted(at) + "." + *b.Type
	switch *b.Type {
	case "text":
		switch {
		case b.Text == nil:
			return anthropicBad("%s.text: Field required", here)
		case *b.Text == "":
			return anthropicBad("messages: text content blocks must be non-empty")
		case b.Source != nil:
			return anthropicBad("%s.source: Extra inputs are not permitted", here)
		}
		q.say(role, *b.Text)
		return nil
	case "image":
		switch {
		case role != "user":
			return anthropicBad("%s: image blocks are only allowed in messages of the user", dotted(at))
		case b.Text != nil:
			return anthropicBad("%s.text: Extra inputs are not permitted", here)
		case b.Source == nil:
			return anthropicBad("%s.source: Field required", here)
		}
		return b.Source.read(q, here+".source")
	case "document", "tool_use", "tool_result", "thinking", "redacted_thinking", "search_result":
		return unplayed("invalid_request_error", "a block of type "+*b.Type)
	}
	return anthropicBad("%s: Input tag '%s' found using 'type' does not match any of the expected tags: 'document', 'image', 'redacted_thinking', 'search_result', 'text', 'thinking', 'tool_result', 'tool_use'", dotted(at), *b.Type)
}

func (s *anthropicSource) read(q *query, at string) *problem {
	switch {
	case s.Type == nil:
		return anthropicBad("%s.type: Field required", at)
	case *s.Type == "url" || *s.Type == "file":
		return unplayed("invalid_request_error", "an image source of type "+*s.Type)
	case *s.Type != "base64":
		return anthropicBad("%s: Input tag '%s' found using 'type' does not match any of the expected tags: 'base64', 'url', 'file'", at, *s.Type)
	case s.URL != nil || s.FileID != nil:
		return anthropicBad("%s.base64: Extra inputs are not permitted", at)
	case s.MediaType == nil:
		return anthropicBad("%s.base64.media_type: Field required", at)
	case s.Data == nil:
		return anthropicBad("%s.base64.data: Field required", at)
	case !slices.Contains([]string{"image/jpeg", "image/png", "image/gif", "image/webp"}, *s.MediaType):
		return anthropicBad("%s.base64.media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'", at)
	}
	pic, err := readPicture(*s.MediaType, *s.Data)
	switch {
	case errors.Is(err, errBase64):
		return anthropicBad("%s.base64: invalid base64 data", at)
	case errors.Is(err, errOtherMIME):
		return anthropicBad("%s.base64.data: The image was specified using the %s media type, but the image appears to be a %s image", at, *s.MediaType, pic.mime)
	case err != nil:
		return anthropicBad("Could not process image")
	case len(*s.Data) > 10<<20:
		return anthropicBad("%s.base64: image exceeds 10 MB maximum: %d bytes > 10485760 bytes", at, len(*s.Data))
	case pic.w > 8000 || pic.h > 8000:
		return anthropicBad("%s.base64.data: At least one of the image dimensions exceed max allowed size: 8000 pixels", at)
	}
	q.images = append(q.images, pic)
	return nil
}

func (c *anthropicCacheMark) check(at string) *problem {
	switch {
	case c == nil:
	case c.Type == nil || *c.Type != "ephemeral":
		return anthropicBad("%s.type: Input should be 'ephemeral'", at)
	case c.TTL != nil && *c.TTL != "5m" && *c.TTL != "1h":
		return anthropicBad("%s.ephemeral.ttl: Input should be '5m' or '1h'", at)
	}
	return nil
}

func anthropicBad(format string, args ...any) *problem {
	return &problem{status: http.StatusBadRequest, kind: "invalid_request_error", message: fmt.Sprintf(format, args...)}
}

func anthropicShape(d *departure, under []string) *problem {
	at := dotted(slices.Concat(under, d.path))
	switch d.kind {
	case unknownField:
		return anthropicBad("%s: Extra inputs are not permitted", at)
	case repeatedField:
		return anthropicBad("%s: Field given twice", at)
	case wrongType:
		return anthropicBad("%s: Input should be a valid %s", at, d.want)
	}
	return anthropicBad("The request body is not valid JSON: %s", at)
}

func dotted(path []string) string { return strings.Join(path, ".") }

type anthropicError struct {
	Type  string `json:"type"`
	Error struct {
		Type    string                 `json:"type"`
		Message string                 `json:"message"`
		Details *anthropicErrorDetails `json:"details,omitempty"`
	} `json:"error"`
	RequestID string `json:"request_id"`
}

type anthropicErrorDetails struct {
	ErrorCode string `json:"error_code"`
}

func (anthropic) failure(p problem, requestID string) any {
	e := anthropicError{Type: "error", RequestID: requestID}
	e.Error.Type, e.Error.Message = p.kind, p.message
	if p.code != "" {
		e.Error.Details = &anthropicErrorDetails{p.code}
	}
	return e
}
