package main

import (
	"fmt"
	"os"
	"time"

	"github.com/docsift/docsift/internal/store"
)

// How old may be what says that a confidence is worth what it says.
const (
	staleFeedback = 60 * 24 * time.Hour
	staleModel    = 365 * 24 * time.Hour
)

// checkFit says how long ago the local model's confidence and threshold were fitted to documents.
func checkFit(path string, now time.Time) check {
	if path == "" {
		return ok("local model", "the built-in one, as old as this docsift")
	}
	info, err := os.Stat(path)
	if err != nil { // opening it has said so
		return skip("local model", "the age of %s is not known", path)
	}
	age := now.Sub(info.ModTime())
	c := ok("local model", "%s, fitted %s", path, ago(age))
	if age > staleModel {
		return c.but(warned, "see with 'docsift eval' whether it still holds, and 'docsift train' it anew on documents of today")
	}
	return c
}

// checkJudged compares what people said, the last time at last, with how sure the answers were.
func checkJudged(all []store.Judged, last, now time.Time) check {
	const enough = 30
	if len(all) < enough {
		return skip("calibration", "%d answers were checked by people, and %d tell something: decide some on the page's Review", len(all), enough)
	}
	right, sure := 0.0, 0.0
	for _, j := range all {
		if sure += j.Confidence; j.Right {
			right++
		}
	}
	right, sure = right/float64(len(all)), sure/float64(len(all))
	c := ok("calibration", "of the last %d answers that people checked %.0f %% were right, and said to be %.0f %% sure", len(all), 100*right, 100*sure)
	age := now.Sub(last)
	if !last.IsZero() {
		c.Found += ", the latest checked " + ago(age)
	}
	switch {
	case sure-right > 0.1:
		return c.but(warned, "measure with 'docsift eval' and raise the threshold, or 'docsift train' the local model on your documents")
	case !last.IsZero() && age > staleFeedback:
		return c.but(warned, "documents may have changed since: decide some on the page's Review, or measure with 'docsift eval'")
	}
	return c
}

// ago writes an age in days, and what is younger than two days in hours.
func ago(age time.Duration) string {
	switch {
	case age < time.Hour:
		return "within the hour"
	case age < 48*time.Hour:
		return fmt.Sprintf("%d hours ago", int(age.Hours()))
	}
	return fmt.Sprintf("%d days ago", int(age.Hours()/24))
}
