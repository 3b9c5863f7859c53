package plan

import "math"

// maximize returns the largest x₀ with a·x ≤ b and x ≥ 0, for b ≥ 0, and how much of it each row
// carries: the rows that bind carry all of it together. It is +Inf when nothing bounds x₀.
func maximize(a [][]float64, b []float64) (most float64, carries []float64) {
	t := newTableau(a, b)
	for {
		col := t.entering()
		if col < 0 {
			return t.result(b)
		}
		row := t.leaving(col)
		if row < 0 {
			return math.Inf(1), make([]float64, len(b))
		}
		t.pivot(row, col)
	}
}

// tableau is that of the simplex method: the rows, with a slack each, and the objective last.
type tableau struct {
	rows  [][]float64
	basis []int
	width int       // of a
	scale []float64 // what each row was divided by
}

const tiny = 1e-11

func newTableau(a [][]float64, b []float64) *tableau {
	t := &tableau{width: len(a[0])}
	for i, row := range a {
		largest := 0.0
		for _, v := range row {
			largest = max(largest, math.Abs(v))
		}
		if largest == 0 {
			largest = 1
		}
		r := make([]float64, t.width+len(a)+1)
		for j, v := range row {
			r[j] = v / largest
		}
		r[t.width+i], r[len(r)-1] = 1, b[i]/largest
		t.rows, t.basis, t.scale = append(t.rows, r), append(t.basis, t.width+i), append(t.scale, largest)
	}
	objective := make([]float64, t.width+len(a)+1)
	objective[0] = -1
	t.rows = append(t.rows, objective)
	return t
}

// entering returns the first column that would make the objective larger (Bland's rule, under
// which no sequence of pivots comes round again), or -1.
func (t *tableau) entering() int {
	objective := t.rows[len(t.rows)-1]
	for j, v := range objective[:len(objective)-1] {
		if v < -tiny {
			return j
		}
	}
	return -1
}

// leaving returns the row that bounds a column most, or -1.
func (t *tableau) leaving(col int) int {
	best, least := -1, math.Inf(1)
	for i := range t.basis {
		r := t.rows[i]
		if r[col] <= tiny {
			continue
		}
		ratio := r[len(r)-1] / r[col]
		if ratio < least || ratio == least && t.basis[i] < t.basis[best] {
			best, least = i, ratio
		}
	}
	return best
}

func (t *tableau) pivot(row, col int) {
	p := t.rows[row]
	by := p[col]
	for j := range p {
		p[j] /= by
	}
	for i, r := range t.rows {
		if i == row || r[col] == 0 {
			continue
		}
		by := r[col]
		for j := range r {
			r[j] -= by * p[j]
		}
	}
	t.basis[row] = col
}

func (t *tableau) result(b []float64) (float64, []float64) {
	objective := t.rows[len(t.rows)-1]
	carries := make([]float64, len(b))
	for i := range b {
		carries[i] = objective[t.width+i] * b[i] / t.scale[i]
	}
	return objective[len(objective)-1], carries
}
