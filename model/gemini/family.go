package gemini

import (
	"strings"

	"github.com/docsift/docsift/model/chat"
)

// family is what is known of models whose names begin alike.
type family struct {
	prefix string
	budget int    // least thinkingBudget, where that is what it takes
	level  string // least thinkingLevel, where that is what it takes
	how    control
}

// control is the parameter that a model's thinking is steered by.
type control int

const (
	none control = iota
	byBudget
	byLevel
)

// families lists the longer prefixes first. The first that fits counts. Of the third
// generation only the smallest all take the least level.
func families() []family {
	return []family{
		{prefix: "gemini-2.5-pro", how: byBudget, budget: 128},
		{prefix: "gemini-2.5", how: byBudget},
		{prefix: "gemini-3.1-flash-lite", how: byLevel, level: "MINIMAL"},
		{prefix: "gemini-3.5-flash-lite", how: byLevel, level: "MINIMAL"},
		{prefix: "gemini-3", how: byLevel, level: "LOW"},
	}
}

// familyOf returns the family of a model. One that is not in the table has no thinking steered.
func familyOf(name string) family {
	for _, f := range families() {
		if strings.HasPrefix(name, f.prefix) {
			return f
		}
	}
	return family{}
}

// think returns how to ask for effort, or nil to leave it to the provider, and whether
// thoughts are to be expected in the output.
func (f family) think(effort string) (*thinking, bool) {
	if effort == "xhigh" || effort == "max" {
		effort = "high" // there is nothing above
	}
	least := effort == "" || effort == "none" || effort == "minimal"
	switch {
	case f.how == byLevel && least:
		return &thinking{Level: f.level}, true
	case f.how == byLevel:
		return &thinking{Level: strings.ToUpper(effort)}, true
	case f.how == byBudget && least:
		return &thinking{Budget: &f.budget}, f.budget > 0
	case f.how == byBudget:
		return &thinking{Budget: budgetOf(effort)}, true
	}
	return nil, true
}

// budgetOf returns what Google's OpenAI layer takes an effort for, in tokens.
func budgetOf(effort string) *int {
	n := 24_576
	switch effort {
	case "low":
		n = 1_024
	case "medium":
		n = 8_192
	}
	return &n
}

// features tells what is known of a model. Log-probabilities were refused for years, and come
// with some models: nobody says which.
func features(o chat.Options) chat.Features {
	f := chat.Features{Caching: chat.No, Decisions: chat.No} // what is kept, Google decides alone
	if strings.HasPrefix(o.Model, "gemini-decision-") {
		f.Decisions = chat.Yes
	}
	if !strings.HasPrefix(o.Model, "gemini-") {
		return f
	}
	if familyOf(o.Model).how == none {
		f.Effort = chat.No
	}
	return f.Or(chat.Features{
		Schema: chat.Yes, Temperature: chat.Yes, Effort: chat.Yes, Images: chat.Yes, PDF: chat.Yes,
	})
}
