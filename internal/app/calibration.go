package app

import (
	"context"
	"slices"
	"strings"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/internal/eval"
)

const (
	judgedAnswers = 2000
	fewAnswers    = 50 // say nothing of a model
)

// calibration is how far a model's confidence can be believed.
type calibration struct {
	model   string
	answers int
	error   float64
}

// calibrated compares the confidence of models with what people said of their answers.
func (s *service) calibrated(ctx context.Context) (all []calibration) {
	judged, err := s.store.Judged(ctx, judgedAnswers)
	if err != nil {
		return nil
	}
	by := make(map[string][]eval.Judged)
	for _, j := range judged {
		by[j.Model] = append(by[j.Model], eval.Judged{Confidence: j.Confidence, Right: j.Right})
	}
	for model, of := range by {
		if len(of) >= fewAnswers {
			all = append(all, calibration{s.fullName(model), len(of), eval.CalibrationError(of)})
		}
	}
	return all
}

// fullName returns what a model is called elsewhere in the metrics, by its name without the provider.
func (s *service) fullName(short string) string {
	all := s.classifier.Models()
	i := slices.IndexFunc(all, func(m docsift.ModelStatus) bool { return strings.HasSuffix(m.Model, "/"+short) })
	if i < 0 {
		return short
	}
	return all[i].Model
}
