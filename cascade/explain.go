package cascade

import "fmt"

// explain says what was made of an answer.
func (r *run) explain(ans *answer) {
	at := &r.attempts[ans.attempt]
	if at.Explained == nil {
		return
	}
	at.Explained.Needed = ans.need
	at.explain()
	stage := r.cascade.stages[ans.stage]
	switch {
	case at.Outcome == Accepted && ans.role != LastResort && stage.Confidence != nil && *stage.Confidence == 0:
		at.Explained.Decision += ": the stage accepts any confidence"
	case at.Outcome == Abstained && ans.Reason != "":
		at.Explained.Decision += ": " + ans.Reason
	case ans.doubt != "":
		at.Explained.Decision += ": " + ans.doubt
		if at.Confidence != nil && at.Outcome == Unsure {
			at.Explained.Decision += fmt.Sprintf(", and %.2f is needed", ans.need)
		}
	case at.Outcome == Accepted && at.Confidence != nil && ans.need > 0 && *at.Confidence >= ans.need:
		at.Explained.Decision += fmt.Sprintf(": %.2f, and %.2f is needed", *at.Confidence, ans.need)
	case at.Outcome == Accepted && ans.role == Backup:
		at.Explained.Decision += ": a backup's word is the last"
	}
}

// explain says what became of an attempt as far as that can be told by itself.
func (a *Attempt) explain() {
	if a.Explained == nil {
		return
	}
	a.Explained.Decision = string(a.Outcome)
	if a.Error != nil {
		a.Explained.Decision += ": " + string(a.Error.Code) + ", " + a.Error.Message
	}
}
