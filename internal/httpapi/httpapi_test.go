package httpapi_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"strings"
	"testing"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract/all"
	"github.com/docsift/docsift/internal/httpapi"
	"github.com/docsift/docsift/internal/sim"
)

// server starts the API over the simulator. Policy "" means the default one.
func server(t testing.TB, policy string, steps []sim.Step) (*httptest.Server, *sim.Server, *bytes.Buffer) {
	t.Helper()
	s, err := sim.New(sim.Options{Script: sim.Script{Steps: steps}})
	if err != nil {
		t.Fatal(err)
	}
	provider := httptest.NewServer(s)
	t.Cleanup(provider.Close)
	env := map[string]string{
		"OPENAI_API_KEY": "sk-canary-1", "OPENAI_BASE_URL": provider.URL + "/v1", "MAX_RETRIES": "0",
	}
	extractor := all.New(all.Options{})
	t.Cleanup(func() { extractor.Close() })
	c, err := docsift.New(docsift.Options{
		Extractor: extractor, Policy: policy, Getenv: func(name string) string { return env[name] },
	})
	if err != nil {
		t.Fatal(err)
	}
	log := new(bytes.Buffer)
	srv := httptest.NewServer(httpapi.NewWatched(t, httpapi.Options{
		Classifier: c, Log: slog.New(slog.NewTextHandler(log, nil)), Document: document.Options{MaxBytes: 1 << 20},
	}))
	t.Cleanup(srv.Close)
	return srv, s, log
}

// part is one part of a form; a part with a file name is a file.
type part struct {
	name, filename, value string
	file                  bool
}

func file(filename, content string) part { return part{"file", filename, content, true} }
func field(name, value string) part      { return part{name: name, value: value} }

func form(t testing.TB, parts ...part) (io.Reader, string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, p := range parts {
		disposition := `form-data; name="` + p.name + `"`
		if p.file {
			disposition += `; filename="` + strings.NewReplacer("\\", "\\\\", `"`, "\\\"", "\n", "%0A").Replace(p.filename) + `"`
		}
		f, err := w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {disposition}})
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(f, p.value)
	}
	w.Close()
	return &b, w.FormDataContentType()
}

// send posts a form and returns the status and the body as JSON.
func send(t testing.TB, url string, parts ...part) (int, map[string]any, http.Header) {
	t.Helper()
	body, kind := form(t, parts...)
	resp, err := http.Post(url, kind, body)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode, decode(t, resp.Body), resp.Header
}

func get(t testing.TB, url string) (int, map[string]any) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode, decode(t, resp.Body)
}

func decode(t testing.TB, r io.Reader) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.NewDecoder(r).Decode(&v); err != nil {
		t.Fatalf("the answer is not JSON: %v", err)
	}
	return v
}

const invoice = "TAX INVOICE\nInvoice number: 2041\nInvoice date: 3 May 2026\nBill to: Example Traders Ltd\n" +
	"Quantity  Description  Unit price  Amount\n4  Oak shelves  120.00  480.00\nSubtotal 480.00\nVAT 96.00\n" +
	"Amount due 576.00\nPayment terms: net 30 days. Please remit payment to the bank account below."

// A PDF of one page with that text, as small as a PDF can be.
const invoicePDF = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n" +
	"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>endobj\n" +
	"4 0 obj<</Length 76>>stream\nBT /F 12 Tf 20 150 Td (Invoice number 2041 Amount due 480.00 Bill to) Tj ET \nendstream endobj\n" +
	"5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\ntrailer<</Root 1 0 R>>\n"

func TestOriginalContract(t *testing.T) {
	answers := []sim.Step{{Effect: sim.Effect{Label: "invoice", Confidence: "0.95"}}}
	tests := []struct {
		name  string
		steps []sim.Step
		parts []part

		status int
		want   map[string]any // fields of the answer
	}{
		{"a document is classified", answers, []part{file("a.pdf", invoicePDF), field("industry", "finance")}, 200,
			map[string]any{"classification": "invoice", "confidence": 0.95, "industry": "finance", "provider_used": "openai_gpt4o_mini", "model": "gpt-4o-mini", "upgraded": false}},
		{"the industry is finance unless said otherwise", answers, []part{file("a.pdf", invoicePDF)}, 200, map[string]any{"industry": "finance"}},
		{"the industry is lower-cased", answers, []part{file("a.pdf", invoicePDF), field("industry", "Finance")}, 200, map[string]any{"industry": "finance"}},
		{"the industry may stand before the file", answers, []part{field("industry", "default"), file("a.pdf", invoicePDF)}, 200, map[string]any{"industry": "default"}},
		{"the extension may be upper case", answers, []part{file("A.PDF", invoicePDF)}, 200, map[string]any{"classification": "invoice"}},
		{"an upgrade is told", []sim.Step{
			{Match: sim.Match{Model: "gpt-4o-mini"}, Effect: sim.Effect{Label: "receipt", Confidence: "0.4"}},
			{Effect: sim.Effect{Label: "invoice", Confidence: "0.9"}},
		}, []part{file("a.pdf", invoicePDF)}, 200,
			map[string]any{"classification": "invoice", "upgraded": true, "upgrade_reason": "low confidence (0.40)", "original_classification": "receipt", "original_confidence": 0.4}},
		{"no file part", nil, []part{field("industry", "finance")}, 400, map[string]any{"error": "No file part in the request"}},
		{"an empty file name", nil, []part{file("", invoicePDF)}, 400, map[string]any{"error": "No selected file"}},
		{"an extension that is not allowed", nil, []part{file("a.exe", invoicePDF)}, 400, map[string]any{"error": "File type not allowed"}},
		{"no extension", nil, []part{file("invoice", invoicePDF)}, 400, map[string]any{"error": "File type not allowed"}},
		{"a program under an allowed name", nil, []part{file("a.pdf", "MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00")}, 400, map[string]any{"error": "File type not allowed"}},
		{"an industry that there is not", nil, []part{file("a.pdf", invoicePDF), field("industry", "space")}, 400,
			map[string]any{"error": "Invalid industry. Available: ['finance', 'legal', 'healthcare', 'real_estate', 'insurance', 'hr']"}},
		{"an empty file", nil, []part{file("a.pdf", "")}, 400, map[string]any{"error": "Classification failed: the document is empty"}},
		{"a file over the limit", nil, []part{file("a.pdf", "%PDF-1.4"+strings.Repeat(" ", 1<<20))}, 413, map[string]any{"error": "Classification failed: larger than the limit of 1 MiB"}},
		{"a broken PDF costs nothing", nil, []part{file("a.pdf", "%PDF-1.4 and nothing else")}, 422, nil},
		{"every provider down", []sim.Step{{Effect: sim.Effect{Fault: "server_is_overloaded"}}}, []part{file("a.pdf", invoicePDF)}, 500, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			srv, s, _ := server(t, "guide", tt.steps)
			status, body, _ := send(t, srv.URL+"/classify_file", tt.parts...)
			if status != tt.status {
				t.Errorf("status %d, want %d: %v", status, tt.status, body)
			}
			for name, want := range tt.want {
				if body[name] != want {
					t.Errorf("%s = %v, want %v", name, body[name], want)
				}
			}
			if status >= 400 {
				if message, _ := body["error"].(string); len(body) != 1 || message == "" {
					t.Errorf("an error is {\"error\": message} alone, not %v", body)
				}
			}
			if n := len(s.Requests()); tt.steps == nil && n != 0 {
				t.Errorf("%d requests were sent for a document that was refused", n)
			}
		})
	}
}

func TestOriginalLists(t *testing.T) {
	srv, _, _ := server(t, "guide", nil)
	if _, body := get(t, srv.URL+"/industries"); toJSON(t, body) != `{"industries":["finance","legal","healthcare","real_estate","insurance","hr"]}` {
		t.Errorf("industries %v", body)
	}
	const defaults = `["invoice","contract","report","statement","receipt","form","certificate","correspondence","application","unknown"]`
	for industry, want := range map[string]string{
		"hr":      `["employment_contract","resume","job_application","performance_review","employee_handbook","benefits_document","training_certificate","disciplinary_action","termination_letter","unknown"]`,
		"default": defaults,
		"space":   defaults,
	} {
		status, body := get(t, srv.URL+"/categories/"+industry)
		if got := toJSON(t, body); status != 200 || got != `{"categories":`+want+`,"industry":"`+industry+`"}` {
			t.Errorf("categories of %s: %d %s", industry, status, got)
		}
	}
}

func toJSON(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestClassifications(t *testing.T) {
	answers := []sim.Step{{Effect: sim.Effect{Label: "invoice", Confidence: "0.95"}}}
	tests := []struct {
		name   string
		steps  []sim.Step
		parts  []part
		status int
		code   string // of a problem
		check  func(body map[string]any) bool
	}{
		{"the local model answers for nothing", nil, []part{file("a.txt", invoice), field("taxonomy", "finance")}, 200, "",
			func(b map[string]any) bool {
				return b["status"] == "completed" && b["classification"] == "invoice" && b["provider_used"] == "local" && b["cost"].(map[string]any)["usd"] == "0"
			}},
		{"industry is another name for taxonomy", nil, []part{file("a.txt", invoice), field("industry", "Finance")}, 200, "",
			func(b map[string]any) bool { return b["taxonomy"].(map[string]any)["id"] == "finance" }},
		{"a policy can be chosen", answers, []part{file("a.pdf", invoicePDF), field("policy", "guide"), field("taxonomy", "finance")}, 200, "",
			func(b map[string]any) bool {
				return b["provider_used"] == "openai_gpt4o_mini" && b["policy"].(map[string]any)["name"] == "guide"
			}},
		{"a bare list of categories", answers, []part{file("a.txt", invoice), field("categories", "invoice, love_letter"), field("policy", "guide")}, 200, "",
			func(b map[string]any) bool {
				return b["classification"] == "invoice" && b["taxonomy"].(map[string]any)["id"] == "custom"
			}},
		{"a list as JSON", answers, []part{file("a.txt", invoice), field("categories", `["invoice","love letter"]`), field("policy", "guide")}, 200, "", nil},
		{"a list in several fields", answers, []part{file("a.txt", invoice), field("categories", "invoice"), field("categories", "love_letter"), field("policy", "guide")}, 200, "", nil},
		{"a file name stays data", nil, []part{file("../../<b>\n.txt", invoice)}, 200, "",
			func(b map[string]any) bool { return b["document"].(map[string]any)["filename"] != "" }},
		{"a long file name is cut", nil, []part{file(strings.Repeat("n", 10_000), invoice)}, 200, "",
			func(b map[string]any) bool { return len(b["document"].(map[string]any)["filename"].(string)) < 300 }},

		{"no file", nil, []part{field("taxonomy", "finance")}, 400, "invalid_request", nil},
		{"two files", nil, []part{file("a.txt", invoice), file("b.txt", invoice)}, 400, "invalid_request", nil},
		{"an empty file", nil, []part{file("a.txt", "")}, 400, "empty_file", nil},
		{"a type that is not read", nil, []part{file("a.pdf", "PK\x03\x04 not really an archive")}, 415, "unsupported_type",
			func(b map[string]any) bool { return !has(b, "id") && !has(b, "cost") && !has(b, "attempts") }},
		{"a broken document", nil, []part{file("a.pdf", "%PDF-1.7 broken")}, 422, "corrupt_file", nil},
		{"a document over the limit", nil, []part{file("a.txt", strings.Repeat("word ", 1<<18))}, 413, "document_too_large", nil},
		{"a taxonomy that there is not", nil, []part{file("a.txt", invoice), field("taxonomy", "space")}, 404, "not_found", nil},
		{"a policy that there is not", nil, []part{file("a.txt", invoice), field("policy", "magic")}, 404, "not_found", nil},
		{"a taxonomy and a list", nil, []part{file("a.txt", invoice), field("taxonomy", "hr"), field("categories", "a,b")}, 400, "invalid_request", nil},
		{"a category twice", nil, []part{file("a.txt", invoice), field("categories", "invoice,invoice")}, 400, "invalid_request", nil},
		{"the reserved category", nil, []part{file("a.txt", invoice), field("categories", "invoice,unknown")}, 400, "invalid_request", nil},
		{"a list that is not JSON", nil, []part{file("a.txt", invoice), field("categories", "[invoice")}, 400, "invalid_request", nil},
		{"a list of none", nil, []part{file("a.txt", invoice), field("categories", "[]")}, 400, "invalid_request", nil},
		{"a list of nothing", nil, []part{file("a.txt", invoice), field("categories", "")}, 400, "invalid_request", nil},
		{"a field that there is not", nil, []part{file("a.txt", invoice), field("taxnomy", "finance")}, 400, "invalid_request",
			func(b map[string]any) bool {
				return b["detail"] == `no field "taxnomy"; there are file, upload, taxonomy, industry, policy, priority, deadline, batch, cache, categories`
			}},
		{"a taxonomy twice", nil, []part{file("a.txt", invoice), field("taxonomy", "hr"), field("taxonomy", "hr")}, 400, "invalid_request",
			func(b map[string]any) bool { return b["detail"] == "the field taxonomy is there twice" }},
		{"an industry twice", nil, []part{file("a.txt", invoice), field("industry", "hr"), field("industry", "")}, 400, "invalid_request", nil},
		{"a policy twice", nil, []part{file("a.txt", invoice), field("policy", "local"), field("policy", "guide")}, 400, "invalid_request", nil},
		{"fields without end", nil, []part{file("a.txt", invoice), field("note", strings.Repeat("x", 1<<17))}, 400, "invalid_request", nil},
		{"every provider down", []sim.Step{{Effect: sim.Effect{Fault: "server_is_overloaded"}}},
			[]part{file("a.pdf", invoicePDF), field("policy", "guide")}, 503, "no_model_available",
			func(b map[string]any) bool {
				return len(b["attempts"].([]any)) == 2 && len(b["id"].(string)) == 36 && has(b, "cost.known") && has(b, "usage.known")
			}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			srv, s, _ := server(t, "", tt.steps)
			status, body, header := send(t, srv.URL+"/v1/classifications", tt.parts...)
			if status != tt.status {
				t.Fatalf("status %d, want %d: %v", status, tt.status, body)
			}
			if tt.code != "" {
				if body["code"] != tt.code || body["detail"] == "" || body["title"] == "" || body["status"] != float64(status) ||
					header.Get("Content-Type") != "application/problem+json" {
					t.Errorf("problem %v (%s), want code %q", body, header.Get("Content-Type"), tt.code)
				}
			}
			if tt.check != nil && !tt.check(body) {
				t.Errorf("answer %s", toJSON(t, body))
			}
			if status == 503 && header.Get("Retry-After") == "" {
				t.Error("503 without Retry-After")
			}
			if n := len(s.Requests()); tt.steps == nil && n != 0 {
				t.Errorf("%d requests were sent", n)
			}
		})
	}
}

// Every field that the documentation names is always there.
// What stands in the address by mistake must not silently mean the default.
func TestFieldsInTheAddress(t *testing.T) {
	srv, _, _ := server(t, "local", nil)
	for _, name := range []string{"taxonomy", "industry", "policy", "categories"} {
		status, body, _ := send(t, srv.URL+"/v1/classifications?"+name+"=hr", file("a.txt", invoice))
		if want := name + " is a field of the form, not a parameter of the address"; status != 400 || body["detail"] != want {
			t.Errorf("%s: status %d %v, want 400 with %q", name, status, body, want)
		}
	}
	if status, body, _ := send(t, srv.URL+"/v1/classifications?trace=7", file("a.txt", invoice)); status != 200 {
		t.Errorf("a parameter of somebody else's: status %d %v, want 200", status, body)
	}
	if status, body, _ := send(t, srv.URL+"/classify_file", file("a.pdf", invoicePDF), field("taxnomy", "x")); status != 200 {
		t.Errorf("the original's route: status %d %v, want 200", status, body)
	}
}

func TestAnswerHasEveryField(t *testing.T) {
	srv, _, _ := server(t, "", nil)
	_, body, _ := send(t, srv.URL+"/v1/classifications", file("a.txt", invoice))
	for _, path := range strings.Fields(`id status classification confidence alternatives provider_used model upgraded upgrade_reason
		original_classification original_confidence upgrade_failed is_backup review.needed review.reason usage cost.usd cost.known attempts
		document.sha256 document.filename document.mime document.bytes document.pages document.hidden_text taxonomy.id taxonomy.version policy.name policy.version timings_ms`) {
		if !has(body, path) {
			t.Errorf("no field %s", path)
		}
	}
	attempt := body["attempts"].([]any)[0].(map[string]any)
	for _, name := range strings.Fields("stage model role view category confidence outcome error latency_ms usage cost") {
		if !has(attempt, name) {
			t.Errorf("an attempt has no field %s", name)
		}
	}
}

func has(v map[string]any, path string) bool {
	name, rest, deeper := strings.Cut(path, ".")
	inner, ok := v[name]
	if !ok || !deeper {
		return ok
	}
	m, isMap := inner.(map[string]any)
	return isMap && has(m, rest)
}

func TestOtherRoutes(t *testing.T) {
	srv, _, _ := server(t, "", nil)
	if status, body := get(t, srv.URL+"/healthz"); status != 200 || body["status"] != "ok" {
		t.Errorf("healthz %d %v", status, body)
	}
	if status, body := get(t, srv.URL+"/readyz"); status != 200 || body["status"] != "ready" {
		t.Errorf("readyz %d %v", status, body)
	}
	_, body := get(t, srv.URL+"/v1/taxonomies")
	if n := len(body["taxonomies"].([]any)); n != 8 {
		t.Errorf("%d taxonomies, want the seven industries and all", n)
	}
	_, body = get(t, srv.URL+"/v1/providers")
	models := make(map[string]any)
	for _, m := range body["models"].([]any) {
		models[m.(map[string]any)["model"].(string)] = m.(map[string]any)["breaker"]
		for name, want := range map[string]any{"failure_rate": 0.0, "share": 1.0, "parked": false, "limited_until": nil, "forced": nil} {
			if got, ok := m.(map[string]any)[name]; !ok || got != want {
				t.Errorf("%v: %s is %v, want %v", m, name, got, want)
			}
		}
	}
	if want := map[string]any{"local": "closed", "openai/gpt-6-luna": "closed", "openai/gpt-6.1-sol": "closed"}; !maps.Equal(models, want) {
		t.Errorf("models %v, want %v", models, want)
	}
	if sharing, told := body["sharing"]; !told || sharing != nil {
		t.Errorf("sharing %v, want null where no redis is named", sharing)
	}
	if len(body["missing"].([]any)) == 0 {
		t.Error("no word of the models that have no key")
	}
	for path, code := range map[string]string{"/": "not_found", "/v1/nothing": "not_found", "/v1/classifications": "method_not_allowed"} {
		if status, body := get(t, srv.URL+path); status < 404 || status > 405 || body["code"] != code {
			t.Errorf("GET %s: %d %v, want code %s", path, status, body, code)
		}
	}
}

// A breaker that was set by hand says so, with who and why.
func TestForcedProvider(t *testing.T) {
	c, err := docsift.New(docsift.Options{Policy: "local"})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Force("local", docsift.Forced{State: "open", By: "ops", Why: "a new model comes"}); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(httpapi.NewWatched(t, httpapi.Options{Classifier: c, Log: slog.New(slog.DiscardHandler)}))
	defer srv.Close()
	_, body := get(t, srv.URL+"/v1/providers")
	local := body["models"].([]any)[0].(map[string]any)
	forced, ok := local["forced"].(map[string]any)
	if !ok || local["breaker"] != "open" || local["share"] != 0.0 || forced["by"] != "ops" || forced["why"] != "a new model comes" || forced["until"] != nil {
		t.Errorf("a breaker forced open: %v", local)
	}
}

func TestNotAForm(t *testing.T) {
	srv, _, _ := server(t, "", nil)
	for name, tt := range map[string]struct{ kind, body string }{
		"JSON":          {"application/json", `{"file":"x"}`},
		"no boundary":   {"multipart/form-data", "x"},
		"a cut form":    {"multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nhalf"},
		"no type given": {"", "x"},
	} {
		resp, err := http.Post(srv.URL+"/v1/classifications", tt.kind, strings.NewReader(tt.body))
		if err != nil {
			t.Fatal(err)
		}
		if body := decode(t, resp.Body); resp.StatusCode != 400 || body["code"] != "invalid_request" {
			t.Errorf("%s: %d %v", name, resp.StatusCode, body)
		}
		resp.Body.Close()
	}
}

// The log names what happened, never a key, a file name or a document.
func TestLogHoldsNoSecrets(t *testing.T) {
	srv, _, log := server(t, "guide", []sim.Step{{Effect: sim.Effect{Fault: "invalid_api_key"}}})
	send(t, srv.URL+"/classify_file", file("private-name.pdf", invoicePDF))
	srv.Close() // waits for the request to be logged
	if got := log.String(); !strings.Contains(got, "/classify_file") || !strings.Contains(got, "status=500") {
		t.Errorf("log %q", got)
	}
	for _, secret := range []string{"sk-canary-1", "private-name", "Amount due"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

func TestDraining(t *testing.T) {
	c, err := docsift.New(docsift.Options{Policy: "local"})
	if err != nil {
		t.Fatal(err)
	}
	api := httpapi.NewWatched(t, httpapi.Options{Classifier: c, Log: slog.New(slog.DiscardHandler)})
	srv := httptest.NewServer(api)
	defer srv.Close()
	api.Drain()
	for path, want := range map[string]string{"/v1/classifications": "server_shutting_down", "/classify_file": ""} {
		status, body, header := send(t, srv.URL+path, file("a.pdf", invoicePDF))
		if code, _ := body["code"].(string); status != 503 || code != want || header.Get("Retry-After") == "" {
			t.Errorf("a new document while draining: %d %v", status, body)
		}
	}
	if status, body := get(t, srv.URL+"/readyz"); status != 503 || body["code"] != "server_shutting_down" {
		t.Errorf("readyz while draining: %d %v", status, body)
	}
	if status, _ := get(t, srv.URL+"/healthz"); status != 200 {
		t.Errorf("healthz while draining: %d, want 200", status)
	}
}

func FuzzUpload(f *testing.F) {
	c, err := docsift.New(docsift.Options{Policy: "local"})
	if err != nil {
		f.Fatal(err)
	}
	api := httpapi.New(httpapi.Options{Classifier: c, Log: slog.New(slog.DiscardHandler)})
	body, kind := form(f, file("a.txt", invoice), field("categories", "invoice,receipt"))
	seed, err := io.ReadAll(body)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(kind, seed)
	f.Add("multipart/form-data; boundary=b", []byte("--b\r\n\r\n--b--"))
	f.Fuzz(func(t *testing.T, kind string, data []byte) {
		r := httptest.NewRequest(http.MethodPost, "/v1/classifications", bytes.NewReader(data))
		r.Header.Set("Content-Type", kind)
		w := httptest.NewRecorder()
		api.ServeHTTP(w, r)
		if w.Code >= 500 && w.Code != 503 {
			t.Errorf("status %d: %s", w.Code, w.Body)
		}
	})
}
