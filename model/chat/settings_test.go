package chat_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/docsift/docsift/model/chat"
)

func TestSettingsCheck(t *testing.T) {
	warmth := func(v float64) *float64 { return &v }
	tests := []struct {
		name string
		set  chat.Settings
		want string // in the error; "" for none
	}{
		{"nothing set", chat.Settings{}, ""},
		{"all set", chat.Settings{MaxTokens: 400, Temperature: warmth(0.05), Effort: "low", Detail: "auto", Timeout: 30 * time.Second}, ""},
		{"all at their highest", chat.Settings{Temperature: warmth(2), Effort: "max", Detail: "original", Timeout: time.Hour}, ""},
		{"all at their lowest", chat.Settings{Temperature: warmth(0), Effort: "none", Detail: "low", Timeout: 100 * time.Millisecond}, ""},
		{"fewer than no tokens", chat.Settings{MaxTokens: -1}, "max_tokens cannot be negative"},
		{"a temperature below 0", chat.Settings{Temperature: warmth(-0.01)}, "temperature -0.01 is outside 0 to 2"},
		{"a temperature above 2", chat.Settings{Temperature: warmth(2.01)}, "temperature 2.01 is outside 0 to 2"},
		{"a temperature that is no number", chat.Settings{Temperature: warmth(math.NaN())}, "temperature NaN"},
		{"an endless temperature", chat.Settings{Temperature: warmth(math.Inf(1))}, "temperature +Inf"},
		{"an unknown effort", chat.Settings{Effort: "hard"}, `effort "hard": use none, minimal`},
		{"an effort in capitals", chat.Settings{Effort: "LOW"}, `effort "LOW"`},
		{"an unknown detail", chat.Settings{Detail: "medium"}, `detail "medium": use low, high`},
		{"log-probabilities that are not asked for", chat.Settings{Logprobs: "off"}, ""},
		{"log-probabilities that are switched on", chat.Settings{Logprobs: "on"}, `logprobs "on": use auto or off`},
		{"a timeout below 0", chat.Settings{Timeout: -time.Second}, "timeout cannot be negative"},
		{"seconds without their unit", chat.Settings{Timeout: 30}, "timeout 30ns is too short: give a unit, such as 30s"},
		{"less than a tenth of a second", chat.Settings{Timeout: 99 * time.Millisecond}, "timeout 99ms is too short"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.set.Check()
			if (err != nil) != (tt.want != "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}
