package main

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/model"
)

func TestExplainIsPrinted(t *testing.T) {
	var res docsift.Result
	res.Classification, res.Model, res.Document.Filename, res.Cost.Known = "invoice", "m", "a.txt", true
	res.Attempts = []cascade.Attempt{
		{Stage: "page", Outcome: cascade.Skipped, Notes: []string{"no page can be drawn"}},
		{
			Stage: "text", Model: "openai/m", View: cascade.TextView, LatencyMS: 12.4, Cost: cascade.Cost{Known: true, NanoUSD: 52_000},
			Usage: model.Usage{Known: true, Input: 500, Output: 20}, Outcome: cascade.Accepted,
			Explained: &cascade.Explained{
				Exchange:      &model.Exchange{Request: json.RawMessage(`{"model":"m","n":1}`), Reply: "no JSON \x1b[31m"},
				Probabilities: map[string]float64{"invoice": 0.9, "receipt": 0.06, "unknown": 0.04}, Needed: 0.8, Decision: "accepted: 0.90, and 0.80 is needed",
			},
		},
	}
	const want = `FILE                                          CATEGORY                   SURE  BY                          COST  NOTE
a.txt                                         invoice                       -  m                           free

  1. stage page, no model, not asked
     note           no page can be drawn

  2. stage text, openai/m, text, 12 ms, $0.000052, 500 tokens in, 20 out
     decision       accepted: 0.90, and 0.80 is needed
     probabilities  invoice 0.900, receipt 0.060, unknown 0.040
     sent           {
                      "model": "m",
                      "n": 1
                    }
     came back      no JSON �[31m

`
	var out bytes.Buffer
	if err := newPrinter(&out, false).print(res); err != nil || out.String() != want {
		t.Errorf("printed, %v:\n%s\nwant:\n%s", err, &out, want)
	}
}
