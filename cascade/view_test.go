package cascade_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model"
)

// Each view is made once, however many stages look at it.
func TestViewsAreMadeOnce(t *testing.T) {
	f := &fakes{say: map[string]func(int, model.Request) (model.Response, error){luna: always("invoice", 0.5), sol: always("invoice", 0.5)}}
	in, drawn := input(t, words, true), 0
	draw := in.Content.Draw
	in.Content.Draw = func(ctx context.Context, page int, v extract.View) (document.Image, error) {
		drawn++
		return draw(ctx, page, v)
	}
	if _, err := newCascade(t, ladder, f).Run(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	if drawn != 1 || len(f.calls) != 3 {
		t.Errorf("the page was drawn %d times for %d calls, want once for 3", drawn, len(f.calls))
	}
	if len(f.calls[0].req.Images) != 0 || len(f.calls[1].req.Images) != 1 || f.calls[1].req.Images[0].Width != 1024 {
		t.Error("the text stage saw an image, or the page stage saw none of 1024 pixels")
	}
}

// A model that bills another size better is shown that size, and its neighbour the view's. Where
// it cannot be drawn, the view's will do.
func TestModelsAreShownTheirSize(t *testing.T) {
	const policy = "name: sized\nversion: \"1\"\nretries: 0\nstages:\n  - name: page\n    views: [page_image]\n    models: [{model: " + flash + ", side: 1536}, {model: " + luna + "}]\n"
	for _, most := range []int{4096, 1024} {
		f := &fakes{say: map[string]func(int, model.Request) (model.Response, error){flash: failing(fault.Unavailable, 9), luna: always("invoice", 0.9)}}
		in := input(t, words, true)
		draw := in.Content.Draw
		in.Content.Draw = func(ctx context.Context, page int, v extract.View) (document.Image, error) {
			if v.Side > most {
				return document.Image{}, fault.New(fault.TooComplex, nil, "too large")
			}
			return draw(ctx, page, v)
		}
		if _, err := newCascade(t, policy, f).Run(t.Context(), in); err != nil {
			t.Fatal(err)
		}
		if got, want := f.calls[0].req.Images[0].Width, min(most, 1536); got != want || f.calls[1].req.Images[0].Width != 1024 {
			t.Errorf("shown %d pixels and then %d, want %d and 1024", got, f.calls[1].req.Images[0].Width, want)
		}
	}
}

// Letters are read when a stage asks for text and there is none, once, and never for a policy
// that only looks.
func TestLettersAreReadWhenTextIsAskedFor(t *testing.T) {
	const looking = "name: looking\nversion: \"1\"\nstages:\n  - name: page\n    views: [page_image]\n    models: [{model: " + luna + "}]\n"
	tests := []struct {
		name      string
		policy    string
		letters   string // in the picture
		err       error
		wantReads int
		wantTexts []string // that the stages saw
	}{
		{"a scan", ladder, words, nil, 1, []string{words, words, words}},
		{"a picture without letters is looked at", ladder, "", nil, 1, []string{"", ""}},
		{"so is one whose letters nobody could read", ladder, words, errors.New("engine"), 1, []string{"", ""}},
		{"a policy that only looks", looking, words, nil, 0, []string{""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := &fakes{say: map[string]func(int, model.Request) (model.Response, error){luna: always("invoice", 0.5), sol: always("invoice", 0.5)}}
			in, reads := input(t, "", true), 0
			in.Content.OCR = func(context.Context) ([]extract.Page, error) {
				reads++
				return []extract.Page{{Number: 1, Text: tt.letters, OCR: true}}, tt.err
			}
			if _, err := newCascade(t, tt.policy, f).Run(t.Context(), in); err != nil {
				t.Fatal(err)
			}
			var texts []string
			for _, c := range f.calls {
				texts = append(texts, c.req.Text)
			}
			if reads != tt.wantReads || !slices.Equal(texts, tt.wantTexts) {
				t.Errorf("letters were read %d times, the models saw %q; want %d and %q", reads, texts, tt.wantReads, tt.wantTexts)
			}
		})
	}
}

// A text that was handed over as such is judged however short it is; a stamp on a scan is not.
func TestShortTexts(t *testing.T) {
	tests := []struct {
		name  string
		text  string
		given bool
		calls int
	}{
		{"of a document", "Great!", false, 0},
		{"that was given", "Great!", true, 1},
		{"that was given and is empty", "", true, 0},
	}
	const policy = "name: short\nversion: \"1\"\nstages:\n  - name: text\n    views: [text]\n    models: [{model: " + luna + "}]\n"
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := &fakes{say: map[string]func(int, model.Request) (model.Response, error){luna: always("invoice", 0.9)}}
			in := input(t, tt.text, false)
			in.Content.Given = tt.given
			out, err := newCascade(t, policy, f).Run(t.Context(), in)
			if err != nil || len(f.calls) != tt.calls {
				t.Errorf("%d calls, %v, want %d", len(f.calls), err, tt.calls)
			}
			if (out.Scores["invoice"] == 0.9) != (tt.calls > 0) {
				t.Errorf("scores %v after %d calls", out.Scores, tt.calls)
			}
		})
	}
}
