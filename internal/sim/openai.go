package sim

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// openai is the Chat Completions wire format.
type openai struct{}

func (openai) provider() string { return OpenAI }
func (openai) maxBody() int64   { return 50 << 20 }

// The fields of type json.RawMessage below exist at the provider and are refused here unless noted.
type openaiRequest struct {
	Model               *string           `json:"model"`
	Messages            []openaiMessage   `json:"messages"`
	MaxTokens           *int              `json:"max_tokens"`
	MaxCompletionTokens *int              `json:"max_completion_tokens"`
	Temperature         *float64          `json:"temperature"`
	TopP                *float64          `json:"top_p"`
	FrequencyPenalty    *float64          `json:"frequency_penalty"`
	PresencePenalty     *float64          `json:"presence_penalty"`
	N                   *int              `json:"n"`
	Seed                *int              `json:"seed"`
	Logprobs            *bool             `json:"logprobs"`
	TopLogprobs         *int              `json:"top_logprobs"`
	ReasoningEffort     *string           `json:"reasoning_effort"`
	Verbosity           *string           `json:"verbosity"`
	ServiceTier         *string           `json:"service_tier"`
	ResponseFormat      *openaiFormat     `json:"response_format"`
	Store               *bool             `json:"store"`
	Stream              *bool             `json:"stream"`
	Metadata            map[string]string `json:"metadata"`
	User                *string           `json:"user"`
	SafetyIdentifier    *string           `json:"safety_identifier"`
	PromptCacheKey      *string           `json:"prompt_cache_key"`

	Stop                 json.RawMessage `json:"stop"`                   // ignored
	PromptCacheOptions   json.RawMessage `json:"prompt_cache_options"`   // ignored
	PromptCacheRetention json.RawMessage `json:"prompt_cache_retention"` // ignored

	Audio             json.RawMessage `json:"audio"`
	FunctionCall      json.RawMessage `json:"function_call"`
	Functions         json.RawMessage `json:"functions"`
	LogitBias         json.RawMessage `json:"logit_bias"`
	Modalities        json.RawMessage `json:"modalities"`
	Moderation        json.RawMessage `json:"moderation"`
	ParallelToolCalls json.RawMessage `json:"parallel_tool_calls"`
	Prediction        json.RawMessage `json:"prediction"`
	StreamOptions     json.RawMessage `json:"stream_options"`
	ToolChoice        json.RawMessage `json:"tool_choice"`
	Tools             json.RawMessage `json:"tools"`
	WebSearchOptions  json.RawMessage `json:"web_search_options"`
}

type openaiMessage struct {
	Role    *string         `json:"role"`
	Content json.RawMessage `json:"content"` // a string or parts
	Name    *string         `json:"name"`
	Refusal *string         `json:"refusal"`
}

type openaiPart struct {
	Type     *string      `json:"type"`
	Text     *string      `json:"text"`
	ImageURL *openaiImage `json:"image_url"`

	File       json.RawMessage `json:"file"`
	InputAudio json.RawMessage `json:"input_audio"`

	CacheBreakpoint json.RawMessage `json:"prompt_cache_breakpoint"` // ignored
}

type openaiImage struct {
	URL    *string `json:"url"`
	Detail *string `json:"detail"`
}

type openaiFormat struct {
	Type       *string       `json:"type"`
	JSONSchema *openaiSchema `json:"json_schema"`
}

type openaiSchema struct {
	Name        *string         `json:"name"`
	Description *string         `json:"description"`
	Strict      *bool           `json:"strict"`
	Schema      json.RawMessage `json:"schema"`
}

func (openai) key(r *http.Request) (string, *problem) {
	key, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || strings.TrimSpace(key) == "" {
		return "", &problem{status: http.StatusUnauthorized, kind: "invalid_request_error",
			message: "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY)."}
	}
	return key, nil
}

func (openai) read(body []byte, q *query, find func(string) (spec, bool)) *problem {
	var req openaiRequest
	if d := decodeShape(body, &req, nil); d != nil {
		return openaiShape(d, nil)
	}
	if req.Model == nil || *req.Model == "" {
		return openaiBad("", "", "you must provide a model parameter")
	}
	q.model = *req.Model
	var ok bool
	if q.spec, ok = find(q.model); !ok {
		return &problem{status: http.StatusNotFound, kind: "invalid_request_error", code: "model_not_found",
			message: fmt.Sprintf("The model `%s` does not exist or you do not have access to it.", q.model)}
	}
	for _, check := range []func(*query) *problem{
		req.unplayed, req.readMessages, req.checkEffort, req.checkSampling, req.readLogprobs, req.readLimit, req.readFormat,
	} {
		if p := check(q); p != nil {
			return p
		}
	}
	if n := q.promptTokens() + q.maxTokens; n > q.spec.context {
		return openaiBad("messages", "context_length_exceeded", "This model's maximum context length is %d tokens. However, your messages resulted in %d tokens. Please reduce the length of the messages.", q.spec.context, n)
	}
	return nil
}

// unplayed refuses what the provider has and the simulator has not.
func (r *openaiRequest) unplayed(*query) *problem {
	fields := map[string]json.RawMessage{
		"audio": r.Audio, "function_call": r.FunctionCall, "functions": r.Functions, "logit_bias": r.LogitBias,
		"modalities": r.Modalities, "moderation": r.Moderation, "parallel_tool_calls": r.ParallelToolCalls,
		"prediction": r.Prediction, "stream_options": r.StreamOptions, "tool_choice": r.ToolChoice,
		"tools": r.Tools, "web_search_options": r.WebSearchOptions,
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if fields[name] != nil {
			return unplayed("invalid_request_error", "'"+name+"'")
		}
	}
	switch {
	case r.Stream != nil && *r.Stream:
		return unplayed("invalid_request_error", "a stream")
	case r.N != nil && *r.N != 1:
		return unplayed("invalid_request_error", "n other than 1")
	case len(r.Metadata) > 0 && (r.Store == nil || !*r.Store):
		return openaiBad("metadata", "", "The 'metadata' parameter is only allowed when 'store' is enabled.")
	}
	return nil
}

func (r *openaiRequest) readMessages(q *query) *problem {
	if len(r.Messages) == 0 {
		return openaiBad("messages", "empty_array", "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.")
	}
	for i, m := range r.Messages {
		if p := m.read(q, []string{"messages", fmt.Sprint(i)}); p != nil {
			return p
		}
	}
	return nil
}

func (m openaiMessage) read(q *query, at []string) *problem {
	param := bracketed(at)
	if m.Role == nil {
		return openaiMissing(param + ".role")
	}
	switch *m.Role {
	case "system", "developer", "user", "assistant":
	case "tool", "function":
		return unplayed("invalid_request_error", "the role '"+*m.Role+"'")
	default:
		return openaiValue(param+".role", *m.Role, "system", "assistant", "user", "function", "tool", "developer")
	}
	if m.Content == nil {
		return openaiBad(param+".content", "invalid_type", "Invalid value for 'content': expected a string, got null.")
	}
	var text string
	if json.Unmarshal(m.Content, &text) == nil {
		q.say(*m.Role, text)
		return nil
	}
	var parts []openaiPart
	here := append(slices.Clip(at), "content")
	if d := decodeShape(m.Content, &parts, nil); d != nil {
		return openaiShape(d, here)
	}
	if len(parts) == 0 {
		return openaiBad(param+".content", "empty_array", "Invalid '%s.content': empty array. Expected an array with minimum length 1, but got an empty array instead.", param)
	}
	for i, part := range parts {
		if p := part.read(q, *m.Role, append(slices.Clip(here), fmt.Sprint(i))); p != nil {
			return p
		}
	}
	return nil
}

// say keeps a text under the role that said it; what an assistant said is the user's.
func (q *query) say(role, text string) {
	if role == "system" || role == "developer" {
		q.system = append(q.system, text)
		return
	}
	q.texts = append(q.texts, text)
}

func (p openaiPart) read(q *query, role string, at []string) *problem {
	param := bracketed(at)
	switch {
	case p.Type == nil:
		return openaiMissing(param + ".type")
	case *p.Type == "text" && p.ImageURL != nil, *p.Type == "image_url" && p.Text != nil:
		return openaiBad(param, "invalid_value", "Invalid content part at '%s': a part of type '%s' holds another part's field.", param, *p.Type)
	case *p.Type == "text" && p.Text == nil:
		return openaiMissing(param + ".text")
	case *p.Type == "text":
		q.say(role, *p.Text)
		return nil
	case *p.Type == "image_url" && p.ImageURL == nil:
		return openaiMissing(param + ".image_url")
	case *p.Type == "image_url" && role != "user":
		return openaiBad(bracketed(at[:2]), "invalid_value", "Invalid '%s'. Image URLs are only allowed for messages with role 'user', but this message with role '%s' contains an image URL.", bracketed(at[:2]), role)
	case *p.Type == "image_url":
		return p.ImageURL.read(q, append(slices.Clip(at), "image_url"))
	case *p.Type == "file", *p.Type == "input_audio", *p.Type == "refusal":
		return unplayed("invalid_request_error", "a part of type '"+*p.Type+"'")
	}
	return openaiValue(param+".type", *p.Type, "text", "image_url", "input_audio", "refusal", "audio", "file")
}

var dataURL = regexp.MustCompile(`^data:([a-z]+/[a-z0-9.+-]+);base64,`)

func (img *openaiImage) read(q *query, at []string) *problem {
	if img.URL == nil {
		return openaiMissing(bracketed(at) + ".url")
	}
	detail := ""
	if img.Detail != nil {
		detail = *img.Detail
		if !slices.Contains([]string{"auto", "low", "high", "original"}, detail) {
			return openaiValue(bracketed(at)+".detail", detail, "auto", "low", "high", "original")
		}
	}
	head := dataURL.FindStringSubmatch(*img.URL)
	if head == nil {
		return openaiBad(bracketed(at)+".url", "invalid_image_url", "Failed to download image from the given URL: the simulator takes base64 data URLs only.")
	}
	mime := head[1]
	if !slices.Contains([]string{"image/png", "image/jpeg", "image/gif", "image/webp"}, mime) {
		return openaiBad("", "invalid_image_format", "Invalid MIME type '%s'. You uploaded an unsupported image. Please make sure your image has of one the following formats: ['png', 'jpeg', 'gif', 'webp'].", mime)
	}
	pic, err := readPicture(mime, (*img.URL)[len(head[0]):])
	switch {
	case errors.Is(err, errBase64):
		return openaiBad(bracketed(at)+".url", "invalid_base64", "Invalid base64 image_url.")
	case errors.Is(err, errOtherMIME):
		return openaiBad("", "invalid_image_format", "The image was declared as %s and its bytes are %s.", mime, pic.mime)
	case err != nil:
		return openaiBad("", "image_parse_error", "You uploaded an unsupported image. Please make sure your image is valid.")
	case len(pic.data) > 20<<20:
		return openaiBad("", "image_too_large", "Image is larger than the limit of 20 MB.")
	}
	pic.detail = detail
	q.images = append(q.images, pic)
	return nil
}

func openaiBad(param, code, format string, args ...any) *problem {
	return &problem{status: http.StatusBadRequest, kind: "invalid_request_error", param: param, code: code, message: fmt.Sprintf(format, args...)}
}

func openaiMissing(param string) *problem {
	return openaiBad(param, "missing_required_parameter", "Missing required parameter: '%s'.", param)
}

func openaiValue(param, got string, want ...string) *problem {
	return openaiBad(param, "invalid_value", "Invalid value: '%s'. Supported values are: '%s'.", got, strings.Join(want, "', '"))
}

func openaiShape(d *departure, under []string) *problem {
	param := bracketed(slices.Concat(under, d.path))
	switch d.kind {
	case unknownField:
		return openaiBad(param, "unknown_parameter", "Unknown parameter: '%s'.", param)
	case repeatedField:
		return openaiBad(param, "duplicate_parameter", "Duplicate parameter: '%s'.", param)
	case wrongType:
		return openaiBad(param, "invalid_type", "Invalid type for '%s': expected %s, but got %s instead.", param, article(d.want), article(d.got))
	}
	return openaiBad("", "", "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON.)")
}

// article names a JSON type as OpenAI's errors do.
func article(jsonType string) string {
	switch jsonType {
	case "integer", "array", "object":
		return "an " + jsonType
	case "number":
		return "a decimal"
	case "null":
		return "null"
	}
	return "a " + jsonType
}
