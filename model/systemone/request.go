package systemone

import (
	"encoding/base64"
	"encoding/json"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/chat"
)

// questionName is what the one question of a request is called.
const questionName = "category"

type request struct {
	Model     string              `json:"model"`
	State     state               `json:"state"`
	Images    []string            `json:"images,omitempty"` // data URLs, as llama.cpp, SGLang and Clef take them
	Questions map[string]question `json:"questions"`
}

type state struct {
	Facts string `json:"facts"`
	Text  string `json:"text,omitempty"`
}

type question struct {
	Type         string          `json:"type"`
	Instructions string          `json:"instructions"`
	Criteria     json.RawMessage `json:"criteria"`
}

func body(o chat.Options, req model.Request) ([]byte, error) {
	asked, err := chat.Ask(o, req)
	if err != nil {
		return nil, err
	}
	criteria, err := asked.Criteria()
	if err != nil {
		return nil, err
	}
	r := request{
		Model:     o.Model,
		State:     state{Facts: chat.Describe(req)},
		Questions: map[string]question{questionName: {"choice", asked.Instructions, criteria}},
	}
	if chat.HasText(req) {
		r.State.Text = req.Text
	}
	for _, img := range req.Images {
		r.Images = append(r.Images, dataURL(img))
	}
	return chat.Encode(r)
}

func dataURL(img document.Image) string {
	return "data:" + img.MIME + ";base64," + base64.StdEncoding.EncodeToString(img.Bytes)
}
