package main

import (
	"fmt"
	"slices"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
)

// note says in words why a person should look.
func note(res docsift.Result) string {
	switch res.Review.Reason {
	case cascade.LowConfidence:
		if len(res.Alternatives) > 0 {
			return "look: or " + res.Alternatives[0].Classification + "?"
		}
		return "look: not sure"
	case cascade.UnknownKind:
		if res.Confidence != nil && *res.Confidence >= 0.8 {
			return "look: surely none of these categories"
		}
		return "look: none of the categories fits"
	case cascade.NothingToRead:
		return "look: " + nothing(res)
	case cascade.HiddenText:
		return "look: " + hiding(res)
	case cascade.Degraded:
		return "look: models that should have answered are down"
	}
	return ""
}

// hiding says where a document hides text: two pages are enough to begin with.
func hiding(res docsift.Result) string {
	var pages []int
	for _, h := range res.Document.HiddenText {
		if !slices.Contains(pages, h.Page) {
			pages = append(pages, h.Page)
		}
	}
	switch {
	case len(pages) == 0 || res.Document.Pages == 1:
		return "it hides text"
	case len(pages) == 1:
		return fmt.Sprintf("it hides text on page %d", pages[0])
	}
	return fmt.Sprintf("it hides text on pages %d and %d", pages[0], pages[1])
}

// nothing says why no model made anything of a document.
func nothing(res docsift.Result) string {
	why, noText := "no model could make anything of it", false
	for _, a := range res.Attempts {
		if a.Outcome != cascade.Skipped {
			noText = false
			break
		}
		noText = noText || slices.Contains(a.Notes, "no text could be read")
	}
	if noText {
		why = "too little text to judge by"
	}
	if len(res.Policy.Dropped) > 0 {
		why += ", and no key for a model that sees the page"
	}
	return why
}
