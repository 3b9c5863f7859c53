package systemone

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/model/chat"
)

// questionName is what the one question of a request is called.
const questionName = "category"

type request struct {
	Model     string              `json:"model"`
	State     string              `json:"state"`
	Images    []string            `json:"images,omitempty"` // data URLs, as llama.cpp, SGLang and Clef take them
	Questions map[string]question `json:"questions"`
}

type question struct {
	Type         string          `json:"type"`
	Instructions string          `json:"instructions"`
	Criteria     json.RawMessage `json:"criteria"`
}

func body(a chat.Ask) ([]byte, error) {
	asked, err := a.Question()
	if err != nil {
		return nil, err
	}
	criteria, err := asked.Criteria()
	if err != nil {
		return nil, err
	}
	r := request{
		Model:     a.Model,
		State:     strings.Join(a.Data, ""),
		Questions: map[string]question{questionName: {"choice", asked.Instructions, criteria}},
	}
	for _, img := range a.Images {
		r.Images = append(r.Images, dataURL(img))
	}
	return chat.Encode(r)
}

func dataURL(img document.Image) string {
	return "data:" + img.MIME + ";base64," + base64.StdEncoding.EncodeToString(img.Bytes)
}
