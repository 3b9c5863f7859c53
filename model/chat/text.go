package chat

import "encoding/json"

// Text is words in a reply: a JSON text, or a list of parts of which those of type "text"
// count. A null is no words.
type Text string

// UnmarshalJSON reads either form.
func (t *Text) UnmarshalJSON(b []byte) error {
	if b[0] != '[' {
		return json.Unmarshal(b, (*string)(t))
	}
	var parts []struct {
		Type string `json:"type"`
		Text string `json:"text"`
	}
	if err := json.Unmarshal(b, &parts); err != nil {
		return err
	}
	*t = ""
	for _, p := range parts {
		if p.Type == "text" { // and not a thought or a call
			*t += Text(p.Text)
		}
	}
	return nil
}
