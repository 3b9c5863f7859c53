package sim_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/docsift/docsift/internal/sim"
)

// provider is how a test speaks to one of the simulated providers.
type provider struct {
	name   string
	path   string
	header map[string]string
	body   string // a request that is accepted
}

const labels = `["invoice","bank_statement","unknown"]`

const wantedSchema = `{"type":"object","properties":{"category":{"type":"string","enum":` + labels + `},` +
	`"confidence":{"type":"number"}},"required":["category","confidence"],"additionalProperties":false}`

var (
	openaiWire = provider{
		name: sim.OpenAI, path: "/v1/chat/completions",
		header: map[string]string{"Authorization": "Bearer sk-test"},
		body: `{"model":"gpt-4o-mini","max_tokens":300,"temperature":0.05,"messages":[{"role":"system","content":"Sort it."},
			{"role":"user","content":[{"type":"text","text":"The bank statement of May."}]}],
			"response_format":{"type":"json_schema","json_schema":{"name":"classification","strict":true,"schema":` + wantedSchema + `}}}`,
	}
	geminiWire = provider{
		name: sim.Gemini, path: "/v1beta/models/gemini-2.5-flash-lite:generateContent",
		header: map[string]string{"x-goog-api-key": "g-test"},
		body: `{"systemInstruction":{"parts":[{"text":"Sort it."}]},"contents":[{"role":"user","parts":[{"text":"The bank statement of May."}]}],
			"generationConfig":{"temperature":0,"maxOutputTokens":300,"responseMimeType":"application/json","responseJsonSchema":` + wantedSchema + `}}`,
	}
	anthropicWire = provider{
		name: sim.Anthropic, path: "/v1/messages",
		header: map[string]string{"x-api-key": "a-test", "anthropic-version": "2023-06-01"},
		body: `{"model":"claude-haiku-4-5","max_tokens":300,"system":"Sort it.",
			"messages":[{"role":"user","content":[{"type":"text","text":"The bank statement of May."}]}],
			"output_config":{"format":{"type":"json_schema","schema":` + wantedSchema + `}}}`,
	}
)

func wires() []provider { return []provider{openaiWire, geminiWire, anthropicWire} }

func start(t testing.TB, o sim.Options) (*sim.Server, string) {
	t.Helper()
	s, err := sim.New(o)
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	return s, web.URL
}

type reply struct {
	status int
	header http.Header
	body   string
}

// post sends a body with the provider's headers.
func (p provider) post(t testing.TB, url, body string) (reply, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+p.path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	for k, v := range p.header {
		req.Header.Set(k, v)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	return reply{resp.StatusCode, resp.Header, string(got)}, err
}

func (p provider) mustPost(t testing.TB, url, body string) reply {
	t.Helper()
	r, err := p.post(t, url, body)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// text returns what the model said in a reply.
func (p provider) text(t testing.TB, r reply) string {
	t.Helper()
	paths := map[string]string{
		sim.OpenAI:    "choices.0.message.content",
		sim.Gemini:    "candidates.0.content.parts.0.text",
		sim.Anthropic: "content.-1.text",
	}
	s, _ := at(t, r.body, paths[p.name]).(string)
	return s
}

// at returns the value a dotted path leads to in JSON, or nil; -1 is the last of a list.
func at(t testing.TB, body, path string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	for step := range strings.SplitSeq(path, ".") {
		switch node := v.(type) {
		case map[string]any:
			v = node[step]
		case []any:
			i, _ := strconv.Atoi(step)
			if i < 0 {
				i += len(node)
			}
			if i < 0 || i >= len(node) {
				return nil
			}
			v = node[i]
		default:
			return nil
		}
	}
	return v
}

// with returns body with the value at path replaced by raw JSON; an empty value removes it.
func with(t testing.TB, body, path, value string) string {
	t.Helper()
	if path == "" {
		return value
	}
	var root any
	if err := json.Unmarshal([]byte(body), &root); err != nil {
		t.Fatal(err)
	}
	root = replace(t, root, strings.Split(path, "."), value)
	out, err := json.Marshal(root)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func replace(t testing.TB, node any, path []string, value string) any {
	t.Helper()
	if len(path) == 0 {
		return json.RawMessage(value)
	}
	switch node := node.(type) {
	case []any:
		i, err := strconv.Atoi(path[0])
		if err != nil {
			t.Fatal(err)
		}
		if i == len(node) {
			node = append(node, nil)
		}
		node[i] = replace(t, node[i], path[1:], value)
		return node
	case map[string]any:
		if len(path) == 1 && value == "" {
			delete(node, path[0])
			return node
		}
		node[path[0]] = replace(t, node[path[0]], path[1:], value)
		return node
	}
	return replace(t, map[string]any{}, path, value)
}

func pngOf(t testing.TB, w, h int) string {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, w, h))); err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

// pngHead is the head of a PNG, which is all that tells its size.
func pngHead(w, h int) string {
	chunk := binary.BigEndian.AppendUint32([]byte("IHDR"), uint32(w))
	chunk = binary.BigEndian.AppendUint32(chunk, uint32(h))
	chunk = append(chunk, 8, 0, 0, 0, 0) // 8-bit grey
	head := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), chunk...)
	head = binary.BigEndian.AppendUint32(head, crc32.ChecksumIEEE(chunk))
	return base64.StdEncoding.EncodeToString(head)
}

func jpegOf(t testing.TB, w, h int) string {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, w, h)), nil); err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

func gifOf(t testing.TB) string {
	t.Helper()
	var b bytes.Buffer
	if err := gif.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8)), nil); err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

// webp is the head of an extended WebP file of 1000 by 500 pixels.
func webp() string {
	b := make([]byte, 30)
	copy(b, "RIFF\x16\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00")
	b[24], b[25] = 999&0xff, 999>>8
	b[27], b[28] = 499&0xff, 499>>8
	return base64.StdEncoding.EncodeToString(b)
}

func TestAllProvidersAnswerAlike(t *testing.T) {
	for _, p := range wires() {
		t.Run(p.name, func(t *testing.T) {
			s, url := start(t, sim.Options{})
			r := p.mustPost(t, url, p.body)
			if r.status != http.StatusOK || r.header.Get("X-Docsift-Sim") != "1" {
				t.Fatalf("status %d, headers %v, body %s", r.status, r.header, r.body)
			}
			if got, want := p.text(t, r), `{"category":"bank_statement","confidence":0.9}`; got != want {
				t.Errorf("said %s, want %s", got, want)
			}
			row := s.Requests()[0]
			if row.Outcome != "answered" || !row.Billed || row.PromptTokens != 9 || row.CompletionTokens != 12 {
				t.Errorf("ledger row %+v", row)
			}
		})
	}
}

// refusal is a request one step away from the provider's accepted one, and what comes of it.
type refusal struct {
	name   string
	path   string // in the body
	value  string // raw JSON; empty removes
	status int
	want   string // in the body
}

func (c refusal) run(t *testing.T, p provider, url string) {
	t.Run(c.name, func(t *testing.T) {
		r := p.mustPost(t, url, with(t, p.body, c.path, c.value))
		if r.status != c.status || !strings.Contains(r.body, c.want) {
			t.Errorf("status %d, want %d; body %s, want %q in it", r.status, c.status, r.body, c.want)
		}
	})
}
