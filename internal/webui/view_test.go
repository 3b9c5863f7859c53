package webui

import (
	"testing"

	"github.com/docsift/docsift/cascade"
)

func TestMoney(t *testing.T) {
	tests := []struct {
		name string
		cost cascade.Cost
		want string
	}{
		{"nothing", cascade.Cost{Known: true}, "free"},
		{"dollars", cascade.Cost{Known: true, NanoUSD: 12_345_678_901}, "$12.35"},
		{"cents", cascade.Cost{Known: true, NanoUSD: 458_000_000}, "$0.458"},
		{"less than a cent", cascade.Cost{Known: true, NanoUSD: 177_200}, "$0.000177"},
		{"hardly anything", cascade.Cost{Known: true, NanoUSD: 20}, "$0.0000000200"},
		{"a bill that is not known", cascade.Cost{}, "at least $0.00"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := money(tt.cost); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}
