package chat_test

import (
	"encoding/json"
	"testing"

	"github.com/docsift/docsift/model/chat"
)

func TestText(t *testing.T) {
	tests := []struct {
		name, json string
		want       chat.Text
		ok         bool
	}{
		{"a text", `"a \"b\""`, `a "b"`, true},
		{"null", `null`, "", true},
		{"parts", `[{"type":"text","text":"a "},{"type":"text","text":"b"}]`, "a b", true},
		{"parts that are no words", `[{"type":"thinking","thinking":"c"},{"type":"text","text":"b"},{"type":"image","text":"d"}]`, "b", true},
		{"no parts", `[]`, "", true},
		{"an object", `{"text":"a"}`, "", false},
		{"a number", `7`, "", false},
		{"texts without a type", `["a"]`, "", false},
		{"a part whose text is none", `[{"type":"text","text":{}}]`, "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got chat.Text
			err := json.Unmarshal([]byte(tt.json), &got)
			if (err == nil) != tt.ok || tt.ok && got != tt.want {
				t.Errorf("text %q, %v; want %q", got, err, tt.want)
			}
		})
	}
}
