package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/docsift/docsift/fault"
)

func (p process) healthCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "health [URL]",
		Short: "Ask a server whether it is ready for work",
		Long: `Ask GET /readyz of a server, by default the one of DOCSIFT_ADDR on this machine. Containers use it for their
health checks, as they have no other program in them. Exit status: 0 when it is ready, 1 when not.`,
		Example: `  docsift health
  docsift health http://127.0.0.1:8081`,
		Args: argCount(func(n int) bool { return n <= 1 }, "at most one URL"),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := p.config(cmd)
			if err != nil {
				return err
			}
			server := strings.TrimSuffix(cmp.Or(strings.Join(args, ""), nearby(c.Addr)), "/")
			if err := askReady(cmd.Context(), server); err != nil {
				return err
			}
			_, err = fmt.Fprintln(p.out, "ready")
			return err
		},
	}
}

// nearby returns the URL at which this machine reaches a server that listens on addr.
func nearby(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "http://" + addr // the request says what is wrong with it
	}
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "127.0.0.1"
		if ip.Is6() {
			host = "::1"
		}
	}
	return "http://" + net.JoinHostPort(host, port)
}

func askReady(ctx context.Context, server string) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	u, err := url.Parse(server)
	if err != nil || u.Host == "" {
		return fault.New(fault.Invalid, err, "%s is no web address", server)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.JoinPath("readyz").String(), nil)
	if err != nil {
		return fault.New(fault.Invalid, err, "%s is no web address", server)
	}
	direct := http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // never through a proxy
	resp, err := direct.Do(req)
	if err != nil {
		return fault.New(fault.Unavailable, err, "no server answers at %s", server)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		said, _ := io.ReadAll(io.LimitReader(resp.Body, 1000))
		return fault.New(fault.Unavailable, nil, "%s is not ready: %s", server, short(string(said)))
	}
	return nil
}
