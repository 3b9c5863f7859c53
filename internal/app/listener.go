package app

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// tell answers /metrics and /healthz without keys on an address of their own, where the settings name one.
func (s *service) tell() error {
	if s.config.Metrics == "" {
		return nil
	}
	ln, err := net.Listen("tcp", s.config.Metrics)
	if err != nil {
		return fmt.Errorf("DOCSIFT_METRICS_ADDR: listen: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", s.watch.metrics.Handler())
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintln(w, `{"status":"ok"}`)
	})
	srv := &http.Server{Handler: mux, ReadTimeout: 5 * time.Second, ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := srv.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			s.log.Error("metrics are not answered any more", "error", err)
		}
	}()
	s.onClose(func() error {
		err := srv.Close()
		<-done
		return err
	})
	s.log.Info("metrics", "url", "http://"+ln.Addr().String()+"/metrics")
	return nil
}
