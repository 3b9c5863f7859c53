package httpapi_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/internal/httpapi"
)

// dial opens a connection to an API that takes documents of 1 MiB.
func dial(t *testing.T, o httpapi.Options) net.Conn {
	t.Helper()
	c, err := docsift.New(docsift.Options{Policy: "local"})
	if err != nil {
		t.Fatal(err)
	}
	o.Classifier, o.Log, o.Document = c, slog.New(slog.DiscardHandler), document.Options{MaxBytes: 1 << 20}
	srv := httptest.NewServer(httpapi.NewWatched(t, o))
	t.Cleanup(srv.Close)
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

const head = "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\n"

// Many clients send all that they have before they listen. They hear why it was too much.
func TestAnswerReachesOneWhoSendsEverythingFirst(t *testing.T) {
	const size = 16 << 20
	const partHead = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n"
	first := []byte(partHead + strings.Repeat("x", 64<<10-len(partHead)))
	rest := bytes.Repeat([]byte("x"), len(first))
	tests := []struct{ name, path, length string }{
		{"a size that was announced", "/v1/classifications", fmt.Sprintf("Content-Length: %d\r\n", size)},
		{"the same on the original's route", "/classify_file", fmt.Sprintf("Content-Length: %d\r\n", size)},
		{"a size that was not", "/v1/classifications", "Transfer-Encoding: chunked\r\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			conn := dial(t, httpapi.Options{})
			fmt.Fprintf(conn, head+"%s\r\n", tt.path, tt.length)
			chunked := strings.Contains(tt.length, "chunked")
			for i := range size / len(first) {
				piece := rest
				if i == 0 {
					piece = first
				}
				if chunked {
					piece = fmt.Appendf(nil, "%x\r\n%s\r\n", len(piece), piece)
				}
				if _, err := conn.Write(piece); err != nil {
					t.Fatalf("the server hung up: %v", err)
				}
			}
			if chunked {
				io.WriteString(conn, "0\r\n\r\n")
			}
			resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatalf("no answer: %v", err)
			}
			defer resp.Body.Close()
			if body := decode(t, resp.Body); resp.StatusCode != 413 {
				t.Errorf("status %d %v, want 413", resp.StatusCode, body)
			}
		})
	}
}

// Whoever asks first is spared the sending.
func TestTooLargeIsToldBeforeItIsSent(t *testing.T) {
	conn := dial(t, httpapi.Options{})
	fmt.Fprintf(conn, head+"Content-Length: %d\r\nExpect: 100-continue\r\n\r\n", "/v1/classifications", 16<<20)
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body := decode(t, resp.Body); resp.StatusCode != 413 || body["code"] != "document_too_large" || !resp.Close {
		t.Errorf("status %d %v, close %v; want 413 and the connection closed", resp.StatusCode, body, resp.Close)
	}
	if rest, err := io.ReadAll(conn); err != nil || len(rest) > 0 {
		t.Errorf("then came %q, %v", rest, err)
	}
}

// A server with no place left says so, and keeps the connection for the next try.
func TestBusyReachesOneWhoSendsEverythingFirst(t *testing.T) {
	srv, up := begin(t, httpapi.Options{Uploads: 1}, "/v1/classifications")
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	body := formStart + formRest + strings.Repeat("x", 8<<20)
	in := bufio.NewReader(conn)
	for _, want := range []int{429, 200} {
		fmt.Fprintf(conn, head+"Content-Length: %d\r\n\r\n%s", "/v1/classifications", len(body), body)
		resp, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatalf("no answer: %v", err)
		}
		if got := decode(t, resp.Body); resp.StatusCode != want {
			t.Errorf("status %d %v, want %d", resp.StatusCode, got, want)
		}
		io.Copy(io.Discard, resp.Body)
		up.Close()
		<-up.done
	}
}
