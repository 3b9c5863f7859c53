package chat_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model/chat"
)

func TestExchangeSendsNothingWhenItIsOver(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a request came") }))
	defer s.Close()
	given, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancel := context.WithTimeout(t.Context(), -time.Second)
	defer cancel()
	for want, ctx := range map[fault.Kind]context.Context{fault.Canceled: given, fault.Timeout: late} {
		if _, err := chat.Exchange(ctx, nil, call(s.URL)); fault.KindOf(err) != want || fault.MaybeBilled(err) {
			t.Errorf("error %v (%s), maybe billed %v; want %s, false", err, fault.KindOf(err), fault.MaybeBilled(err), want)
		}
	}
}

// What leaves before the time is over may have been taken, whoever stops waiting.
func TestExchangeMaybeBilledOnceWritten(t *testing.T) {
	tests := []struct {
		name   string
		cancel bool // the caller gives up
		kind   fault.Kind
	}{
		{"a request that is not answered in time", false, fault.Timeout},
		{"a request that the caller gave up", true, fault.Canceled},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				near, far := net.Pipe()
				defer far.Close()
				go func() { _, _ = io.Copy(io.Discard, far) }()
				transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return near, nil }}
				defer transport.CloseIdleConnections()
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if tt.cancel {
					time.AfterFunc(time.Second, cancel)
				}
				c := call("http://api.invalid")
				c.Timeout = 5 * time.Second
				_, err := chat.Exchange(ctx, &http.Client{Transport: transport}, c)
				if fault.KindOf(err) != tt.kind || !fault.MaybeBilled(err) {
					t.Errorf("error %v (%s), maybe billed %v; want %s, true", err, fault.KindOf(err), fault.MaybeBilled(err), tt.kind)
				}
			})
		})
	}
}

func TestFaultMaybeBilled(t *testing.T) {
	tests := []struct {
		status int
		want   bool
	}{
		{400, false}, {401, false}, {402, false}, {403, false}, {404, false}, {408, true}, {413, false}, {429, false},
		{500, true}, {502, true}, {503, false}, {504, true}, {529, false},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.status), func(t *testing.T) {
			err := fmt.Errorf("x: %w", chat.Reply{Status: tt.status}.Fault(chat.StatusKind(tt.status), "", ""))
			if got := fault.MaybeBilled(err); got != tt.want {
				t.Errorf("maybe billed %v, want %v", got, tt.want)
			}
		})
	}
}

func TestAnswersThatAreNoneAreMaybeBilled(t *testing.T) {
	_, unreadable := chat.ParseAnswer(names(t, "invoice"), "I cannot tell.")
	for name, err := range map[string]error{
		"an answer without a category":     unreadable,
		"a reply that is not JSON":         chat.Reply{Body: []byte("<html>")}.Decode(&struct{}{}),
		"a document that a filter refuses": chat.Reply{Status: 400}.Fault(fault.Refused, "content_filter", ""),
	} {
		if !fault.MaybeBilled(fmt.Errorf("x: %w", err)) {
			t.Errorf("%s: %v (%s) is never billed", name, err, fault.KindOf(err))
		}
	}
}
