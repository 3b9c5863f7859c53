package app_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/docsift/docsift/internal/app"
	"github.com/docsift/docsift/internal/config"
	"github.com/docsift/docsift/internal/sim"
)

// What was answered before a restart is known after it.
func TestAnswersOutliveAServer(t *testing.T) {
	s, err := sim.New(sim.Options{Script: sim.Script{Steps: []sim.Step{{Effect: sim.Effect{Label: "invoice", Confidence: "0.95"}}}}})
	if err != nil {
		t.Fatal(err)
	}
	provider := httptest.NewServer(s)
	defer provider.Close()
	env := map[string]string{"OPENAI_API_KEY": "sk-canary", "OPENAI_BASE_URL": provider.URL + "/v1", "MAX_RETRIES": "0"}
	c := config.Config{
		Getenv: func(name string) string { return env[name] }, Addr: "127.0.0.1:0", Policy: "default", Taxonomy: "finance",
		Data: t.TempDir(), Keeping: config.Keeping{Cache: time.Hour, Idempotency: time.Hour},
	}
	for i := range 3 {
		url, stop, ended := run(t, app.Options{Config: c})
		if a := post(url); a.status != 200 {
			t.Errorf("server %d: %v", i, a)
		}
		if n := len(s.Requests()); n != 1 {
			t.Errorf("server %d: %d paid calls, want 1", i, n)
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

// A call that is cut off at the end does not hold it up, though its answer would have been kept.
func TestCutsOffWhatIsKept(t *testing.T) {
	h, c := hold(t)
	c.Data, c.Keeping = t.TempDir(), config.Keeping{Cache: time.Hour, Idempotency: time.Hour}
	url, stop, ended := run(t, app.Options{Config: c, Drain: time.Millisecond})
	go func() {
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		if part, err := form.CreateFormFile("file", "letter.txt"); err == nil {
			io.WriteString(part, "Letter number 7, which says next to nothing of what it is meant to be.")
		}
		form.Close()
		if r, err := http.NewRequest(http.MethodPost, url+"/v1/classifications", &body); err == nil {
			r.Header.Set("Content-Type", form.FormDataContentType())
			r.Header.Set("Idempotency-Key", "k")
			http.DefaultClient.Do(r) // which is cut off
		}
	}()
	<-h.arrived
	stop()
	if err := <-ended; err == nil {
		t.Error("nothing was cut off")
	}
	<-h.left
}
