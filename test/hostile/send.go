//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"os"
	"regexp"
	"strings"
	"time"
)

// result is what became of a trial.
type result struct {
	trial
	status int
	code   string // of a refusal
	class  string // of an answer
	took   time.Duration
	err    error // no answer came
}

func (r result) String() string {
	return fmt.Sprintf("%s\t%s\t%d\t%s%s\t%d ms\t%v", r.name, r.expect, r.status, r.code, r.class, r.took.Milliseconds(), r.err)
}

func (s *server) send(ctx context.Context, t trial) result {
	r := result{trial: t}
	req, err := s.request(ctx, t)
	if err != nil {
		r.err = err
		return r
	}
	start := time.Now()
	resp, err := s.client.Do(req)
	if err != nil {
		r.err, r.took = err, time.Since(start)
		return r
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	r.took, r.status, r.err = time.Since(start), resp.StatusCode, err
	if err == nil {
		r.err = r.read(body)
	}
	return r
}

// read takes what matters from an answer, which must be one.
func (r *result) read(body []byte) error {
	var answer struct {
		Code           string
		Status         json.RawMessage
		Classification string
		Detail         string
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return fmt.Errorf("the answer is no JSON: %.80q", body)
	}
	r.code, r.class = answer.Code, answer.Classification
	switch {
	case r.status == http.StatusOK && !category().MatchString(r.class):
		return fmt.Errorf("the answer has no category: %.80q", body)
	case r.status != http.StatusOK && (r.code == "" || answer.Detail == ""):
		return fmt.Errorf("the refusal does not say why: %.80q", body)
	}
	return nil
}

func category() *regexp.Regexp { return regexp.MustCompile(`^[a-z][a-z0-9_]*$`) }

func (s *server) request(ctx context.Context, t trial) (*http.Request, error) {
	content := []byte(t.text)
	if t.path != "" {
		var err error
		if content, err = os.ReadFile(t.path); err != nil {
			return nil, err
		}
	}
	media, body := t.raw, content
	switch {
	case strings.HasPrefix(media, "multipart/"):
		media = "multipart/form-data; boundary=" + boundary(content)
	case media == "":
		var err error
		if media, body, err = form(t.filename, content); err != nil {
			return nil, err
		}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/v1/classifications", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", media)
	return req, nil
}

// form is a form with one file, whose name is sent as browsers do: only quotes and line ends
// are escaped.
func form(filename string, content []byte) (media string, body []byte, err error) {
	var buf bytes.Buffer
	w := multipart.NewWriter(&buf)
	escape := strings.NewReplacer(`"`, "%22", "\r", "%0D", "\n", "%0A")
	part, err := w.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {`form-data; name="file"; filename="` + escape.Replace(filename) + `"`},
		"Content-Type":        {"application/octet-stream"},
	})
	if err != nil {
		return "", nil, err
	}
	if _, err := part.Write(content); err != nil {
		return "", nil, err
	}
	if err := w.Close(); err != nil {
		return "", nil, err
	}
	return w.FormDataContentType(), buf.Bytes(), nil
}

// boundary returns the one that a broken form seems to use.
func boundary(body []byte) string {
	if m := regexp.MustCompile(`^\s*--([0-9A-Za-z'()+_,./:=? -]{1,70})`).FindSubmatch(body); m != nil {
		return `"` + strings.TrimSpace(string(m[1])) + `"`
	}
	return "xxx"
}
