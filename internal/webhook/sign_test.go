package webhook_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	standard "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/docsift/docsift/internal/webhook"
)

// The vector that the libraries of Standard Webhooks share.
func TestSign(t *testing.T) {
	const (
		secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
		id     = "msg_p5jXN8AQM9LWM0D4loKWxJek"
		body   = `{"test": 2432232314}`
		want   = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
	)
	h := http.Header{}
	if err := webhook.Sign(h, []string{secret}, id, time.Unix(1614265330, 0), body); err != nil {
		t.Fatal(err)
	}
	if got := h.Get("webhook-signature"); got != want || h.Get("webhook-id") != id || h.Get("webhook-timestamp") != "1614265330" {
		t.Errorf("headers %v, want the signature %s", h, want)
	}
	if err := webhook.Sign(h, []string{secret, "whsec_canary!"}, id, time.Now(), body); err == nil || strings.Contains(err.Error(), "canary") {
		t.Errorf("a secret that is none: %v", err)
	}
}

// What is signed with two secrets is taken by who has either, and by nobody else.
func TestSignIsVerified(t *testing.T) {
	d := deliverer(t, world(t), webhook.Options{})
	first, _ := d.NewSecret("a")
	second, _ := d.NewSecret("a")
	other, _ := d.NewSecret("a")
	const body = `{"type":"classification.completed"}`
	now := time.Now()
	tests := []struct {
		name, secret, body string
		at                 time.Time
		taken              bool
	}{
		{"by the new secret", first, body, now, true},
		{"by the one before", second, body, now, true},
		{"not by another", other, body, now, false},
		{"not with another body", first, body + " ", now, false},
		{"not later", first, body, now.Add(-6 * time.Minute), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := http.Header{}
			if err := webhook.Sign(h, []string{first, second}, "id", tt.at, body); err != nil {
				t.Fatal(err)
			}
			if err := verify(t, tt.secret, h, tt.body); (err == nil) != tt.taken {
				t.Errorf("verified: %v, want %v", err, tt.taken)
			}
			h.Set("webhook-timestamp", strconv.FormatInt(tt.at.Unix()+1, 10))
			if verify(t, tt.secret, h, tt.body) == nil {
				t.Error("another timestamp was taken")
			}
		})
	}
}

// verify does what a receiver does.
func verify(t *testing.T, secret string, h http.Header, body string) error {
	t.Helper()
	v, err := standard.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	return v.Verify([]byte(body), h)
}
