package chat

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/docsift/docsift/model"
)

// probability returns the confidence that is stated, and a note where it had to be put right.
// A number in [0,1] is taken as it is, as text too. A per cent sign divides by 100, and so does
// a whole number from 2 to 100: read on any other scale it would only be higher, and doubt
// costs less than trust. All else is no confidence at all.
func (s statement) probability() (float64, model.ScoreKind, string) {
	switch {
	case len(s.confidences) == 0:
		return none("no confidence was given")
	case !same(s.confidences):
		return none("two confidences were given")
	}
	raw := s.confidences[0]
	text, isText := string(raw), raw[0] == '"'
	if isText {
		var said string
		if err := json.Unmarshal(raw, &said); err != nil {
			return none("confidence was broken text")
		}
		text = strings.TrimSpace(said)
	}
	quoted := cut(text, maxQuote)
	number, percent := strings.CutSuffix(text, "%")
	v, ok := number64(strings.TrimSpace(number))
	if !percent && v > 1 && v == math.Trunc(v) {
		percent = true
	}
	if percent {
		v /= 100
	}
	switch {
	case !ok || math.Signbit(v) || v > 1:
		return none(fmt.Sprintf("confidence %q is not a probability", quoted))
	case percent:
		return v, model.ScoreStated, fmt.Sprintf("confidence %q was read as a percentage", quoted)
	case isText:
		return v, model.ScoreStated, "confidence was text"
	}
	return v, model.ScoreStated, ""
}

func none(note string) (float64, model.ScoreKind, string) { return 0, model.ScoreNone, note }

// number64 parses a plain decimal number; NaN, infinities and hexadecimals are none.
func number64(s string) (float64, bool) {
	if strings.Trim(s, "0123456789.+-eE") != "" {
		return 0, false
	}
	v, err := strconv.ParseFloat(s, 64)
	return v, err == nil
}
