package sim

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// gemini is the generateContent wire format; the model stands in the path.
type gemini struct{ model string }

func (gemini) provider() string { return Gemini }
func (gemini) maxBody() int64   { return 20 << 20 }

// The fields of type json.RawMessage below exist at the provider and are refused here unless noted.
type geminiRequest struct {
	Contents          []geminiContent `json:"contents"`
	SystemInstruction *geminiContent  `json:"systemInstruction"`
	GenerationConfig  *geminiConfig   `json:"generationConfig"`
	SafetySettings    []geminiSafety  `json:"safetySettings"`
	ServiceTier       *string         `json:"serviceTier"`
	Model             *string         `json:"model"`

	Labels json.RawMessage `json:"labels"` // ignored

	Tools         json.RawMessage `json:"tools"`
	ToolConfig    json.RawMessage `json:"toolConfig"`
	CachedContent json.RawMessage `json:"cachedContent"`
}

type geminiContent struct {
	Role  *string      `json:"role"`
	Parts []geminiPart `json:"parts"`
}

type geminiPart struct {
	Text       *string     `json:"text"`
	InlineData *geminiBlob `json:"inlineData"`

	MediaResolution json.RawMessage `json:"mediaResolution"` // ignored

	FileData            json.RawMessage `json:"fileData"`
	FunctionCall        json.RawMessage `json:"functionCall"`
	FunctionResponse    json.RawMessage `json:"functionResponse"`
	ExecutableCode      json.RawMessage `json:"executableCode"`
	CodeExecutionResult json.RawMessage `json:"codeExecutionResult"`
	Thought             json.RawMessage `json:"thought"`
	ThoughtSignature    json.RawMessage `json:"thoughtSignature"`
	VideoMetadata       json.RawMessage `json:"videoMetadata"`
}

type geminiBlob struct {
	MIMEType    *string `json:"mimeType"`
	Data        *string `json:"data"`
	DisplayName *string `json:"displayName"`
}

type geminiSafety struct {
	Category  *string `json:"category"`
	Threshold *string `json:"threshold"`
	Method    *string `json:"method"`
}

type geminiConfig struct {
	Temperature        *float64        `json:"temperature"`
	TopP               *float64        `json:"topP"`
	TopK               *float64        `json:"topK"`
	CandidateCount     *int            `json:"candidateCount"`
	MaxOutputTokens    *int            `json:"maxOutputTokens"`
	StopSequences      []string        `json:"stopSequences"`
	Seed               *int            `json:"seed"`
	FrequencyPenalty   *float64        `json:"frequencyPenalty"`
	PresencePenalty    *float64        `json:"presencePenalty"`
	ResponseMIMEType   *string         `json:"responseMimeType"`
	ResponseSchema     json.RawMessage `json:"responseSchema"`     // read
	ResponseJSONSchema json.RawMessage `json:"responseJsonSchema"` // read
	ResponseLogprobs   *bool           `json:"responseLogprobs"`
	Logprobs           *int            `json:"logprobs"`
	MediaResolution    *string         `json:"mediaResolution"`
	ThinkingConfig     *geminiThinking `json:"thinkingConfig"`

	ResponseModalities json.RawMessage `json:"responseModalities"`
	SpeechConfig       json.RawMessage `json:"speechConfig"`
	ImageConfig        json.RawMessage `json:"imageConfig"`
	ResponseFormat     json.RawMessage `json:"responseFormat"`
}

type geminiThinking struct {
	IncludeThoughts *bool   `json:"includeThoughts"`
	ThinkingBudget  *int    `json:"thinkingBudget"`
	ThinkingLevel   *string `json:"thinkingLevel"`
}

func (gemini) key(r *http.Request) (string, *problem) {
	key := r.Header.Get("X-Goog-Api-Key")
	switch {
	case r.URL.Query().Has("key"):
		return "", geminiBad("docsift simulator: the API key stands in the URL, where logs keep it; send it in the header x-goog-api-key")
	case strings.TrimSpace(key) == "":
		return "", &problem{status: http.StatusForbidden, kind: "PERMISSION_DENIED",
			message: "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API."}
	}
	return key, nil
}

func (g gemini) read(body []byte, q *query, find func(string) (spec, bool)) *problem {
	q.model = g.model
	var ok bool
	if q.spec, ok = find(g.model); !ok || q.spec.decides {
		return &problem{status: http.StatusNotFound, kind: "NOT_FOUND",
			message: fmt.Sprintf("models/%s is not found for API version v1beta, or is not supported for generateContent. Call ListModels to see the list of available models and their supported methods.", g.model)}
	}
	var req geminiRequest
	if d := decodeShape(body, &req, camel); d != nil {
		return geminiShape(d)
	}
	for _, check := range []func(*query) *problem{req.unplayed, req.readContents, req.readConfig} {
		if p := check(q); p != nil {
			return p
		}
	}
	if n := q.promptTokens(); n > q.spec.context {
		return geminiBad("The input token count (%d) exceeds the maximum number of tokens allowed (%d).", n, q.spec.context)
	}
	return nil
}

// camel turns proto field names into JSON ones; the API takes both.
func camel(name string) string {
	first, rest, found := strings.Cut(name, "_")
	if !found || first == "" {
		return name
	}
	for word := range strings.SplitSeq(rest, "_") {
		if word != "" {
			first += strings.ToUpper(word[:1]) + word[1:]
		}
	}
	return first
}

// snake turns JSON field names into proto ones, which errors speak of.
func snake(name string) string {
	var b strings.Builder
	for _, r := range name {
		if r >= 'A' && r <= 'Z' {
			b.WriteByte('_')
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}

func (r *geminiRequest) unplayed(*query) *problem {
	fields := map[string]json.RawMessage{"tools": r.Tools, "toolConfig": r.ToolConfig, "cachedContent": r.CachedContent}
	if c := r.GenerationConfig; c != nil {
		fields["responseModalities"], fields["speechConfig"] = c.ResponseModalities, c.SpeechConfig
		fields["imageConfig"], fields["responseFormat"] = c.ImageConfig, c.ResponseFormat
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if fields[name] != nil {
			return unplayed("INVALID_ARGUMENT", name)
		}
	}
	for i, s := range r.SafetySettings {
		if s.Category == nil || s.Threshold == nil {
			return geminiBad("* GenerateContentRequest.safety_settings[%d]: category and threshold must be specified", i)
		}
	}
	return nil
}

func (r *geminiRequest) readContents(q *query) *problem {
	if len(r.Contents) == 0 {
		return geminiBad("* GenerateContentRequest.contents: contents is not specified")
	}
	if s := r.SystemInstruction; s != nil {
		if p := s.read(q, "system", "system_instruction"); p != nil {
			return p
		}
	}
	for i, c := range r.Contents {
		role := "user"
		if c.Role != nil {
			role = *c.Role
		}
		if role != "user" && role != "model" {
			return geminiBad("Please use a valid role: user, model.")
		}
		if p := c.read(q, role, fmt.Sprintf("contents[%d]", i)); p != nil {
			return p
		}
	}
	if last := r.Contents[len(r.Contents)-1]; last.Role != nil && *last.Role == "model" {
		return geminiBad("Please ensure that single turn requests end with a user role or the role field is empty.")
	}
	return nil
}

func (c geminiContent) read(q *query, role, at string) *problem {
	if len(c.Parts) == 0 {
		return geminiBad("* GenerateContentRequest.%s.parts: contents.parts must not be empty.", at)
	}
	for i, part := range c.Parts {
		if p := part.read(q, role, fmt.Sprintf("%s.parts[%d]", at, i)); p != nil {
			return p
		}
	}
	return nil
}

func (part geminiPart) read(q *query, role, at string) *problem {
	fields := map[string]json.RawMessage{
		"fileData": part.FileData, "functionCall": part.FunctionCall, "functionResponse": part.FunctionResponse,
		"executableCode": part.ExecutableCode, "codeExecutionResult": part.CodeExecutionResult,
		"thought": part.Thought, "thoughtSignature": part.ThoughtSignature, "videoMetadata": part.VideoMetadata,
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if fields[name] != nil {
			return unplayed("INVALID_ARGUMENT", "a part with "+name)
		}
	}
	switch {
	case part.Text != nil && part.InlineData != nil:
		p := geminiBad("Invalid value at '%s' (oneof), oneof field 'data' is already set. Cannot set 'inlineData'", at)
		p.details = badRequest(at, p.message)
		return p
	case part.Text != nil:
		q.say(role, *part.Text)
		return nil
	case part.InlineData == nil:
		return geminiBad("* GenerateContentRequest.%s.data: required oneof field 'data' must have one initialized field", at)
	case role == "system":
		return geminiBad("System instruction only supports text parts.")
	}
	return part.InlineData.read(q, at+".inline_data")
}

func (b *geminiBlob) read(q *query, at string) *problem {
	switch {
	case b.MIMEType == nil || *b.MIMEType == "":
		return geminiBad("* GenerateContentRequest.%s.mime_type: must be specified", at)
	case b.Data == nil || *b.Data == "":
		return geminiBad("* GenerateContentRequest.%s.data: must be specified", at)
	case slices.Contains([]string{"image/heic", "image/heif", "application/pdf"}, *b.MIMEType):
		return unplayed("INVALID_ARGUMENT", "inline data of type "+*b.MIMEType)
	case !slices.Contains([]string{"image/png", "image/jpeg", "image/webp"}, *b.MIMEType):
		return geminiBad("Unsupported MIME type: %s", *b.MIMEType)
	}
	pic, err := readPicture(*b.MIMEType, *b.Data)
	switch {
	case errors.Is(err, errBase64):
		p := geminiBad("Invalid value at '%s.data' (TYPE_BYTES), Base64 decoding failed for %q", at, excerpt([]byte(*b.Data)))
		p.details = badRequest(at+".data", p.message)
		return p
	case errors.Is(err, errOtherMIME):
		return geminiBad("Provided image is not valid: it was declared as %s and its bytes are %s.", *b.MIMEType, pic.mime)
	case err != nil:
		return geminiBad("Unable to process input image. Please retry or report in https://developers.generativeai.google/guide/troubleshooting")
	}
	q.images = append(q.images, pic)
	return nil
}

func geminiBad(format string, args ...any) *problem {
	return &problem{status: http.StatusBadRequest, kind: "INVALID_ARGUMENT", message: fmt.Sprintf(format, args...)}
}

func badRequest(field, description string) []rpcDetail {
	return []rpcDetail{{Type: rpcBadRequest, FieldViolations: []fieldViolation{{field, description}}}}
}

func geminiShape(d *departure) *problem {
	steps := make([]string, len(d.path))
	for i, p := range d.path {
		steps[i] = snake(p)
	}
	field := bracketed(steps)
	var p *problem
	switch d.kind {
	case unknownField:
		last := len(d.path) - 1
		field = bracketed(steps[:last])
		where := ""
		if field != "" {
			where = fmt.Sprintf(" at '%s'", field)
		}
		p = geminiBad("Invalid JSON payload received. Unknown name %q%s: Cannot find field.", d.path[last], where)
	case repeatedField:
		p = geminiBad("Invalid value at '%s' (oneof), oneof field is already set.", field)
	case wrongType:
		p = geminiBad("Invalid value at '%s' (TYPE_%s), got %s", field, strings.ToUpper(d.want), d.got)
	default:
		return geminiBad("Invalid JSON payload received. Unexpected token.")
	}
	p.details = badRequest(field, p.message)
	return p
}

type geminiError struct {
	Error struct {
		Code    int         `json:"code"`
		Message string      `json:"message"`
		Status  string      `json:"status"`
		Details []rpcDetail `json:"details,omitempty"`
	} `json:"error"`
}

func (gemini) failure(p problem, _ string) any {
	var e geminiError
	e.Error.Code, e.Error.Message, e.Error.Status, e.Error.Details = p.status, p.message, p.kind, p.details
	if p.retry != "" {
		e.Error.Details = append(slices.Clip(p.details), rpcDetail{Type: rpcRetryInfo, RetryDelay: seconds(p.retry)})
	}
	return e
}

// seconds writes a number of seconds as a proto duration; anything else stays as a script has it.
func seconds(retry string) string {
	if _, err := strconv.ParseFloat(retry, 64); err != nil {
		return retry
	}
	return retry + "s"
}
