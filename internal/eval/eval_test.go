package eval_test

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/eval"
)

func TestReadLabels(t *testing.T) {
	got, err := eval.ReadLabels(strings.NewReader("\uFEFFfile\tlabel\tpages\talt_labels\tindustry\tgroup\r\n\na/1.pdf\tinvoice\t3\treceipt; bill\tfinance;default\tharbour\r\nb.txt\tunknown\n"))
	if err != nil {
		t.Fatal(err)
	}
	first, second := got[0], got[1]
	if first.Line != 3 || first.File != "a/1.pdf" || first.Category != "invoice" || first.Group != "harbour" ||
		!slices.Equal(first.Alternatives, []string{"receipt", "bill"}) || !slices.Equal(first.Industries, []string{"finance", "default"}) {
		t.Errorf("first %+v", first)
	}
	if second.Category != eval.Unknown || second.Group != "b.txt" || second.Alternatives != nil {
		t.Errorf("second %+v, want a group of its own", second)
	}
}

func TestReadLabelsRefuses(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"nothing", "", "there are no labels"},
		{"no document", "file\tlabel\n", "there are no labels"},
		{"no column of labels", "file\tkind\na\tb\n", `line 1 of the labels names no column "label"`},
		{"a line without a file", "file\tlabel\n\tinvoice\n", "line 2 of the labels names no file"},
		{"a line without a label", "file\tlabel\na\t\n", "line 2 of the labels gives a no label; write unknown"},
		{"a file twice", "file\tlabel\na\tinvoice\nb\tinvoice\na\treceipt\n", "line 4 of the labels: a stands in line 2 already"},
		{"a line without end", "file\tlabel\n" + strings.Repeat("x", 2<<20), "cannot be read"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := eval.ReadLabels(strings.NewReader(tt.in))
			if fault.KindOf(err) != fault.Invalid || !strings.Contains(fault.Message(err), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

// The examples are those of Newcombe (1998), Statistics in Medicine 17, table I, method 3.
func TestRate(t *testing.T) {
	for _, tt := range []struct {
		count, of int
		low, high float64
	}{{81, 263, .2553, .3662}, {15, 148, .0624, .1605}, {0, 20, 0, .1611}, {1, 29, .0061, .1718}} {
		r := eval.NewRate(tt.count, tt.of)
		if math.Abs(r.Low-tt.low) > 5e-5 || math.Abs(r.High-tt.high) > 5e-5 {
			t.Errorf("%d of %d: %.4f to %.4f, want %.4f to %.4f", tt.count, tt.of, r.Low, r.High, tt.low, tt.high)
		}
	}
	if r := eval.NewRate(0, 0); r.Value != 0 || r.Low != 0 || r.High != 1 {
		t.Errorf("nothing of nothing: %+v, want all that could be", r)
	}
}

// one is a case: label, answer and confidence, below 0 for none.
func one(label, answer string, confidence float64, alternatives ...string) eval.Case {
	c := eval.Case{Label: eval.Label{File: label + answer, Category: label, Alternatives: alternatives, Group: label}, Answer: answer}
	if confidence >= 0 {
		c.Confidence, c.Accepted = &confidence, confidence >= 0.9
	}
	return c
}

func sample() []eval.Case {
	failed := one("invoice", "unknown", -1)
	failed.Failed = "corrupt_file: broken"
	return []eval.Case{
		one("invoice", "invoice", .95),
		one("invoice", "receipt", .92),
		one("invoice", "bill", .65, "bill"),
		one("receipt", "receipt", .95),
		one("unknown", "receipt", .35),
		one("unknown", "unknown", .85),
		one("unknown", "unknown", -1),
		failed,
	}
}

func TestReport(t *testing.T) {
	r := eval.NewReport(sample())
	near := func(name string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 1e-9 {
			t.Errorf("%s %v, want %v", name, got, want)
		}
	}
	near("strict", r.Strict.Value, 4./8)
	near("lenient", r.Lenient.Value, 5./8)
	near("accepted", r.Accepted.Value, 3./8)
	near("right among those", r.AcceptedRight.Value, 2./3)
	near("strangers accepted", r.StrangersAccepted.Value, 0)
	// invoice: 2 right of 4 labelled and 2 answered; receipt: 1 of 1 and 3; unknown: 2 of 3 and 3.
	near("macro F1", r.MacroF1, (4./6+2./4+4./6)/3)
	// Bins: .35 wrong, .65 right, .85 right, .94 in the mean and two of three right.
	near("ECE", r.ECE, (.35+.35+.15+3*math.Abs(.94-2./3))/6)
	// Right: .95 .95 .85 .65 0; wrong: .92 .35 0. Pairs won: 2+3+... of 15.
	near("AUROC", *r.AUROC, (3+3+2+2+.5)/15)
	near("share at 97 %", r.At97.Share, 2./8)
	near("threshold at 97 %", r.At97.Threshold, .95)
	near("share at 90 % of nothing better", r.At90.Share, 2./8)
	if r.Groups != 3 || len(r.Bins) != 4 || r.Documents != 8 {
		t.Errorf("%d groups, %d bins, %d documents", r.Groups, len(r.Bins), r.Documents)
	}
	if c := r.Confusion[0]; c != (eval.Confusion{Label: "invoice", Answer: "receipt", Count: 1}) {
		t.Errorf("confusion %+v", r.Confusion)
	}
	if w := r.Wrong[0]; !w.Accepted || w.Answer != "receipt" || r.Wrong[2].Reason != "corrupt_file: broken" {
		t.Errorf("wrong %+v", r.Wrong)
	}
	if s := r.ByCategory[0]; s.Name != "invoice" || s.Lenient.Of != 4 || s.Accepted.Count != 2 {
		t.Errorf("by category %+v", r.ByCategory)
	}
}

func TestReportOfNothing(t *testing.T) {
	r := eval.NewReport(nil)
	if r.AUROC != nil || r.ECE != 0 || r.MacroF1 != 0 || r.At97.Share != 0 {
		t.Errorf("%+v", r)
	}
}

func TestWriteHTML(t *testing.T) {
	r := eval.NewReport(append(sample(), one("<script>", "invoice", .5)))
	var b bytes.Buffer
	if err := eval.WriteHTML(&b, r); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"55.6 %", "Reliability diagram", "confidence<td class=\"n\">0.", "<polyline points=\"66.7,0.0 ", "&lt;script&gt;", "corrupt_file: broken"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(b.String(), "%!") {
		t.Error("something is written in the wrong form")
	}
	if strings.Contains(b.String(), "<script") || strings.Contains(b.String(), "http") {
		t.Error("the page runs or fetches something")
	}
}
