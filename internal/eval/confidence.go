package eval

import (
	"cmp"
	"math"
	"slices"
)

// Bin holds the answers whose confidence lies from From to To.
type Bin struct {
	From       float64 `json:"from"`
	To         float64 `json:"to"`
	Confidence float64 `json:"confidence"` // in the mean
	Right      Rate    `json:"right"`
}

// binCount is how many bins of equal width the confidences are sorted into.
const binCount = 10

// bins returns the bins that hold an answer.
func bins(cases []Case) []Bin {
	all := make([][]Case, binCount)
	for _, c := range cases {
		if c.Confidence != nil {
			i := min(int(*c.Confidence*binCount), binCount-1)
			all[i] = append(all[i], c)
		}
	}
	var out []Bin
	for i, in := range all {
		if len(in) == 0 {
			continue
		}
		sum := 0.0
		for _, c := range in {
			sum += *c.Confidence
		}
		out = append(out, Bin{
			From: float64(i) / binCount, To: float64(i+1) / binCount,
			Confidence: sum / float64(len(in)), Right: rate(in, Case.Right),
		})
	}
	return out
}

// Judged is an answer of which it is known whether it was right.
type Judged struct {
	Confidence float64
	Right      bool
}

// CalibrationError is the expected calibration error of answers.
func CalibrationError(all []Judged) float64 {
	var of [binCount]struct{ sum, right, n float64 }
	for _, j := range all {
		b := &of[min(max(int(j.Confidence*binCount), 0), binCount-1)]
		b.sum, b.n = b.sum+j.Confidence, b.n+1
		if j.Right {
			b.right++
		}
	}
	off := 0.0
	for _, b := range of {
		off += math.Abs(b.sum - b.right)
	}
	return off / max(float64(len(all)), 1)
}

// calibrationError is the expected calibration error: how far the confidence of a bin is from
// its accuracy, in the mean over the answers (Naeini et al., 2015).
func calibrationError(bins []Bin) float64 {
	sum, n := 0.0, 0
	for _, b := range bins {
		sum += float64(b.Right.Of) * math.Abs(b.Confidence-b.Right.Value)
		n += b.Right.Of
	}
	if n == 0 {
		return 0
	}
	return sum / float64(n)
}

// auroc is the probability that a right answer has the higher confidence of a right and a wrong
// one: the area under the curve of receiver operating characteristics. Equal ones count half. It
// is nil when there is no right or no wrong answer. What has no confidence has the lowest.
func auroc(cases []Case) *float64 {
	sorted := slices.SortedFunc(slices.Values(cases), func(a, b Case) int { return cmp.Compare(a.confidence(), b.confidence()) })
	var pairs, right, wrong float64
	for i := 0; i < len(sorted); {
		var r, w float64 // of equal confidence
		for at := sorted[i].confidence(); i < len(sorted) && sorted[i].confidence() == at; i++ {
			if sorted[i].Right() {
				r++
			} else {
				w++
			}
		}
		pairs += r*wrong + r*w/2
		right, wrong = right+r, wrong+w
	}
	if right == 0 || wrong == 0 {
		return nil
	}
	area := pairs / (right * wrong)
	return &area
}

// Point is what accepting from a confidence on would give.
type Point struct {
	Threshold float64 `json:"threshold"`
	Share     float64 `json:"share"`    // of all documents
	Accuracy  float64 `json:"accuracy"` // among those
}

// coverage returns a point for every confidence that occurs, the highest first. An answer of
// Unknown is none that could be accepted.
func coverage(cases []Case) []Point {
	var sure []Case
	for _, c := range cases {
		if c.Confidence != nil && c.Answer != Unknown {
			sure = append(sure, c)
		}
	}
	slices.SortFunc(sure, func(a, b Case) int { return cmp.Compare(*b.Confidence, *a.Confidence) })
	var points []Point
	right := 0
	for i, c := range sure {
		if c.Right() {
			right++
		}
		if i+1 < len(sure) && *sure[i+1].Confidence == *c.Confidence {
			continue
		}
		points = append(points, Point{
			Threshold: *c.Confidence, Share: float64(i+1) / float64(len(cases)), Accuracy: float64(right) / float64(i+1),
		})
	}
	return points
}

// answeredAt returns the point with the largest share whose accuracy is at least that, or the
// point of nothing accepted. It is found on the cases themselves: an optimistic figure.
func answeredAt(points []Point, accuracy float64) Point {
	best := Point{Threshold: 1, Accuracy: 1}
	for _, p := range points {
		if p.Accuracy >= accuracy {
			best = p
		}
	}
	return best
}
