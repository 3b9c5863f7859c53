package telemetry

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// collector takes traces over HTTP, as OTLP has it. The one of OpenTelemetry brings gRPC along.
type collector struct {
	url    string
	header http.Header
	log    *slog.Logger
	client http.Client
	down   atomic.Bool
}

// target returns the collector of the settings; nil where there is none.
func target(o Options) (*collector, error) {
	at, named := o.Getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"), "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
	if base := o.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT"); at == "" && base != "" {
		at, named = strings.TrimRight(base, "/")+"/v1/traces", "OTEL_EXPORTER_OTLP_ENDPOINT"
	}
	if at == "" || strings.EqualFold(o.Getenv("OTEL_SDK_DISABLED"), "true") {
		return nil, nil
	}
	u, err := url.Parse(at)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("%s is not a web address: it begins with http:// or https://", named)
	}
	if p := cmp.Or(o.Getenv("OTEL_EXPORTER_OTLP_PROTOCOL"), "http/protobuf"); p != "http/protobuf" {
		return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_PROTOCOL=%s: traces are told over http/protobuf, to port 4318 as a rule", p)
	}
	c := &collector{url: at, log: o.Log, header: http.Header{"Content-Type": {"application/x-protobuf"}, "Content-Encoding": {"gzip"}}}
	for _, kv := range pairs(o.Getenv("OTEL_EXPORTER_OTLP_HEADERS")) {
		c.header.Set(kv[0], kv[1])
	}
	c.client.Timeout = 10 * time.Second
	if ms := o.Getenv("OTEL_EXPORTER_OTLP_TIMEOUT"); ms != "" {
		n, err := strconv.Atoi(ms)
		if err != nil || n <= 0 {
			return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_TIMEOUT=%s: give milliseconds above 0", ms)
		}
		c.client.Timeout = time.Duration(n) * time.Millisecond
	}
	return c, nil
}

// pairs reads name=value, parted by commas, as OpenTelemetry's settings have it.
func pairs(s string) (all [][2]string) {
	for part := range strings.SplitSeq(s, ",") {
		name, value, ok := strings.Cut(part, "=")
		if name = strings.TrimSpace(name); !ok || name == "" {
			continue
		}
		if plain, err := url.PathUnescape(value); err == nil {
			value = plain
		}
		all = append(all, [2]string{name, strings.TrimSpace(value)})
	}
	return all
}

// Start does nothing.
func (c *collector) Start(context.Context) error { return nil }

// Stop lets go of connections.
func (c *collector) Stop(context.Context) error {
	c.client.CloseIdleConnections()
	return nil
}

// tries is how often spans are sent that the collector cannot take just now.
const tries = 4

// UploadTraces sends spans. The log hears of the first that are lost, and when that is over.
func (c *collector) UploadTraces(ctx context.Context, spans []*tracepb.ResourceSpans) error {
	body, err := packed(spans)
	if err != nil {
		return err
	}
	for try := 1; ; try++ {
		again, err := c.send(ctx, body)
		if err == nil {
			if c.down.Swap(false) {
				c.log.Info("the collector takes traces again")
			}
			return nil
		}
		if !again || try == tries || !pause(ctx, time.Duration(try)*500*time.Millisecond) {
			if !c.down.Swap(true) {
				c.log.Warn("the collector does not take traces: they are lost until it does", "error", err)
			}
			return nil // the log has heard of it
		}
	}
}

// packed returns spans as an ExportTraceServiceRequest, which TracesData is on the wire.
func packed(spans []*tracepb.ResourceSpans) ([]byte, error) {
	plain, err := proto.Marshal(&tracepb.TracesData{ResourceSpans: spans})
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err = w.Write(plain)
	err = errors.Join(err, w.Close())
	return b.Bytes(), err
}

// send sends once, and says whether it may go well another time.
func (c *collector) send(ctx context.Context, body []byte) (again bool, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return false, err
	}
	r.Header = c.header.Clone()
	resp, err := c.client.Do(r)
	if err != nil {
		if e, ok := errors.AsType[*url.Error](err); ok { // which would tell the address, and a password in it
			err = e.Err
		}
		return true, err
	}
	defer resp.Body.Close()
	io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
	switch resp.StatusCode {
	case http.StatusOK, http.StatusAccepted, http.StatusNoContent:
		return false, nil
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		again = true
	}
	return again, fmt.Errorf("it answered %d", resp.StatusCode)
}

func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
