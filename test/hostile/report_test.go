//go:build linux

package main

import (
	"errors"
	"testing"
	"time"
)

// A rule that cannot be broken proves nothing.
func TestRules(t *testing.T) {
	refusal := func(expect expectation, code string, codes ...string) result {
		return result{trial: trial{expect: expect, codes: codes}, status: 422, code: code}
	}
	answer := func(expect expectation) result {
		return result{trial: trial{expect: expect}, status: 200, class: "invoice"}
	}
	tests := []struct {
		name   string
		result result
		want   int // rules broken
	}{
		{"an answer to what must be classified", answer(classify), 0},
		{"a refusal of what must be classified", refusal(classify, "corrupt_file"), 1},
		{"a refusal with the code that is asked for", refusal(reject, "corrupt_file", "empty_file", "corrupt_file"), 0},
		{"a refusal with another code", refusal(reject, "corrupt_file", "password_protected"), 1},
		{"a refusal where any code will do", refusal(reject, "corrupt_file"), 0},
		{"an answer to what must be refused", answer(reject), 1},
		{"either way for the others", answer(either), 0},
		{"a failure inside", result{trial: trial{expect: either}, status: 500, code: "internal"}, 1},
		{"a refusal for want of time", result{trial: trial{expect: either}, status: 429, code: "too_many_requests"}, 1},
		{"no answer at all", result{trial: trial{expect: either}, err: errors.New("reset")}, 1},
		{"an answer too late", result{trial: trial{expect: either}, status: 200, took: 11 * time.Second}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v, s := &verdicts{}, &server{ended: make(chan struct{})}
			v.answers([]result{tt.result}, s)
			v.expectations([]result{tt.result})
			if v.broken != tt.want {
				t.Errorf("%d rules broken, want %d", v.broken, tt.want)
			}
		})
	}
	t.Run("a server that died", func(t *testing.T) {
		v, s := &verdicts{}, &server{ended: make(chan struct{})}
		close(s.ended)
		if v.answers(nil, s); v.broken != 1 {
			t.Errorf("%d rules broken, want 1", v.broken)
		}
	})
	t.Run("memory", func(t *testing.T) {
		v, s := &verdicts{}, &server{memory: memory{start: 1 << 20, peak: 66 << 20}, children: map[int]int{1: 513 << 20}}
		if v.judge(s); v.broken != 2 {
			t.Errorf("%d rules broken, want 2", v.broken)
		}
	})
}
