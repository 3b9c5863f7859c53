//go:build !race

package chaos_test

import (
	"testing"

	"github.com/docsift/docsift/internal/chaos"
)

// What is looked for is found where it is wrong. That is no matter of races, which take long to look for.
func TestRunNoticesBrokenPromises(t *testing.T) {
	tests := []struct{ name, without, mode, line string }{
		{"a key in the log", "secrecy", "C3", "G1"},
		{"requests that are not written down", "ledger", "C1", "C1"},
		{"a budget that is not kept", "budget", "C3", "C3"},
		{"a provider that nobody stands in for", "fallback", "500", "A1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if l := run(t, tt.without, tt.mode)[tt.line]; l.Result != chaos.Fail {
				t.Errorf("%s: %s %s", tt.line, l.Result, l.Measured)
			}
		})
	}
}
