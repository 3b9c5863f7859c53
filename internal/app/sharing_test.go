package app_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/app"
	"github.com/docsift/docsift/internal/config"
	"github.com/docsift/docsift/internal/redistest"
)

// providers is what a server says of its models and of what it shares.
type providers struct {
	Models []struct {
		Model  string `json:"model"`
		Forced *struct {
			By string `json:"by"`
		} `json:"forced"`
	} `json:"models"`
	Sharing *struct {
		Redis string     `json:"redis"`
		Up    bool       `json:"up"`
		Since *time.Time `json:"since"`
		Error string     `json:"error"`
	} `json:"sharing"`
}

// ask asks a server for its providers until they are as wanted.
func ask(t *testing.T, url string, as func(providers) bool) {
	t.Helper()
	tick, end := time.NewTicker(10*time.Millisecond), time.After(time.Minute)
	defer tick.Stop()
	for {
		resp, err := http.Get(url + "/v1/providers")
		if err != nil {
			t.Fatal(err)
		}
		var p providers
		err = json.NewDecoder(resp.Body).Decode(&p)
		resp.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if as(p) {
			return
		}
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("providers stay %+v", p)
		}
	}
}

// Two servers start without their Redis, and are of one mind as soon as it is there.
func TestServersShareBreakers(t *testing.T) {
	r := redistest.New(t)
	c := config.Config{
		Getenv: func(string) string { return "" }, Addr: "127.0.0.1:0", Policy: "local", Taxonomy: "finance",
		Redis: strings.Replace(r.URL, "//", "//ann:s3cret@", 1),
	}
	a, _, _ := run(t, app.Options{Config: c})
	ask(t, a, func(p providers) bool {
		s := p.Sharing
		return s != nil && !s.Up && s.Since != nil && s.Error != "" && s.Redis == r.URL
	})
	if got := post(a).status; got != 200 {
		t.Errorf("status %d without redis, want 200", got)
	}
	req, err := http.NewRequest(http.MethodPut, a+"/v1/providers/breaker", strings.NewReader(`{"model":"local","state":"open","by":"bob"}`))
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := http.DefaultClient.Do(req); err != nil || resp.StatusCode != 200 {
		t.Fatalf("set by hand: %v, %v", resp, err)
	}
	r.Run()
	r.Do("ACL", "SETUSER", "ann", "on", ">s3cret", "~docsift:breaker:*", "&docsift:breaker:*", "+@all")
	b, _, _ := run(t, app.Options{Config: c})
	ask(t, b, func(p providers) bool { f := p.Models[0].Forced; return f != nil && f.By == "bob" && p.Sharing.Up })
}

func TestNewRefusesOtherURLs(t *testing.T) {
	var log bytes.Buffer
	c := config.Config{Getenv: func(string) string { return "" }, Addr: "127.0.0.1:0", Policy: "local", Taxonomy: "finance", Redis: "http://:s3cret@127.0.0.1"}
	a, err := app.New(app.Options{Config: c, Log: slog.New(slog.NewTextHandler(&log, nil))})
	if a != nil || fault.KindOf(err) != fault.Config || !strings.Contains(err.Error(), "REDIS_URL is no address") || strings.Contains(err.Error()+log.String(), "s3cret") {
		t.Errorf("%v, %v; want kind %q without the password", a, err, fault.Config)
	}
}
