package picture

import (
	"image"
	"math"
)

// Print stays legible when a picture shrinks if no stroke is skipped and edges stay steep.
// So whole blocks of pixels are averaged first, which is fast and skips nothing, down to
// between one and a half and three times the size, and a Catmull-Rom filter as wide as the
// remaining step does the rest.

// grid is a picture in memory, channels bytes a pixel, its rows without gaps.
type grid struct {
	pix      []uint8
	size     image.Point
	channels int
}

func newGrid(size image.Point, channels int) grid {
	return grid{make([]uint8, size.X*size.Y*channels), size, channels}
}

func (g grid) row(y int) []uint8 {
	n := g.size.X * g.channels
	return g.pix[y*n:][:n]
}

// shownSize returns the size of a picture whose longer side is to be side pixels at most.
func shownSize(size image.Point, side int) image.Point {
	longer := max(size.X, size.Y)
	if longer <= side {
		return size
	}
	return image.Pt(shrunk(size.X, side, longer), shrunk(size.Y, side, longer))
}

func shrunk(length, side, longer int) int {
	return max(1, (length*side+longer/2)/longer)
}

// shrink returns src in a size that is no larger on either side.
func shrink(src rows, want image.Point) grid {
	if n := min(2*src.size.X/(3*want.X), 2*src.size.Y/(3*want.Y)); n >= 2 {
		src = blocks(src, n)
	}
	if src.size == want {
		return paint(src)
	}
	return resample(src, want)
}

func paint(src rows) grid {
	out := newGrid(src.size, src.channels)
	for y := range src.size.Y {
		src.read(y, out.row(y))
	}
	return out
}

// blocks averages n by n pixels into one; those at the right and the bottom may be smaller.
func blocks(src rows, n int) rows {
	size, c := src.size, src.channels
	small := image.Pt((size.X+n-1)/n, (size.Y+n-1)/n)
	line := make([]uint8, c*size.X)
	sums := make([]uint32, c*small.X)
	add := addBlocks
	if c == 4 {
		add = addBlocks4
	}
	return rows{small, c, func(y int, row []uint8) {
		clear(sums)
		high := min(n, size.Y-y*n)
		for i := range high {
			src.read(y*n+i, line)
			add(sums, line, n)
		}
		area := uint32(high * n)
		for i, s := range sums[:len(sums)-c] {
			row[i] = uint8((s + area/2) / area)
		}
		area = uint32(high * (size.X - (small.X-1)*n))
		for i := len(sums) - c; i < len(sums); i++ {
			row[i] = uint8((sums[i] + area/2) / area)
		}
	}}
}

// addBlocks adds every n pixels of line to one of sums.
func addBlocks(sums []uint32, line []uint8, n int) {
	x := 0
	for ; x < len(sums) && len(line) >= 4 && n <= 4; x++ { // the usual sizes, of which the compiler makes no loop
		p := line[:4]
		s := uint32(p[0]) + uint32(p[1])
		if n > 2 {
			s += uint32(p[2])
		}
		if n > 3 {
			s += uint32(p[3])
		}
		sums[x] += s
		line = line[n:]
	}
	for ; x < len(sums); x++ {
		part := line[:min(n, len(line))]
		for _, v := range part {
			sums[x] += uint32(v)
		}
		line = line[len(part):]
	}
}

// addBlocks4 is addBlocks for four channels.
func addBlocks4(sums []uint32, line []uint8, n int) {
	for x := 0; len(line) > 0; x += 4 {
		part := line[:min(4*n, len(line))]
		line = line[len(part):]
		var r, g, b, a uint32
		for ; len(part) >= 4; part = part[4:] {
			r += uint32(part[0])
			g += uint32(part[1])
			b += uint32(part[2])
			a += uint32(part[3])
		}
		s := sums[x : x+4 : x+4]
		s[0] += r
		s[1] += g
		s[2] += b
		s[3] += a
	}
}

// Weights are integers of which one whole is 1<<unit. A row that was filtered sideways keeps
// spare bits below the point, so that rounding happens once.
const (
	unit  = 14
	spare = 6
)

// taps are the neighbouring source pixels that make up one target pixel.
type taps struct {
	first   int
	weights []int32
}

// catmullRom returns the taps of every target pixel of a line that shrinks from n to want.
func catmullRom(n, want int) []taps {
	scale := float64(n) / float64(want)
	all := make([]taps, want)
	for i := range all {
		centre := (float64(i) + 0.5) * scale
		lo := max(0, int(math.Floor(centre-2*scale)))
		hi := min(n, int(math.Ceil(centre+2*scale)))
		all[i] = taps{lo, normalized(lo, hi, func(j int) float64 {
			return cubic(math.Abs(float64(j)+0.5-centre) / scale)
		})}
	}
	return all
}

// cubic is the Catmull-Rom kernel at distance t of its middle.
func cubic(t float64) float64 {
	switch {
	case t < 1:
		return (1.5*t-2.5)*t*t + 1
	case t < 2:
		return ((-0.5*t+2.5)*t-4)*t + 2
	}
	return 0
}

// normalized returns the weights from lo to hi, scaled to sum up to one whole exactly.
func normalized(lo, hi int, at func(int) float64) []int32 {
	sum := 0.0
	for j := lo; j < hi; j++ {
		sum += at(j)
	}
	weights := make([]int32, hi-lo)
	rest, heaviest := int32(1<<unit), 0
	for j := range weights {
		weights[j] = int32(math.Round(at(lo+j) / sum * (1 << unit)))
		rest -= weights[j]
		if weights[j] > weights[heaviest] {
			heaviest = j
		}
	}
	weights[heaviest] += rest
	return weights
}

// resample shrinks a picture row by row; it never holds more rows than the filter is high.
func resample(src rows, want image.Point) grid {
	out := newGrid(want, src.channels)
	across, down := catmullRom(src.size.X, want.X), catmullRom(src.size.Y, want.Y)
	high := 0
	for _, t := range down {
		high = max(high, len(t.weights))
	}
	window := make([][]int32, high) // row y is at y modulo high
	for i := range window {
		window[i] = make([]int32, src.channels*want.X)
	}
	filter := filterRow
	if src.channels == 4 {
		filter = filterRow4
	}
	line, sum := make([]uint8, src.channels*src.size.X), make([]int32, src.channels*want.X)
	next := 0
	for y, t := range down {
		for ; next < t.first+len(t.weights); next++ {
			src.read(next, line)
			filter(window[next%high], line, across)
		}
		clear(sum)
		for i, w := range t.weights {
			addRow(sum, window[(t.first+i)%high], w)
		}
		round(out.row(y), sum)
	}
	return out
}

func filterRow(out []int32, line []uint8, across []taps) {
	for x, t := range across {
		p := line[t.first:][:len(t.weights)]
		var v int32
		for i, w := range t.weights {
			v += w * int32(p[i])
		}
		out[x] = v >> (unit - spare)
	}
}

// filterRow4 is filterRow for four channels.
func filterRow4(out []int32, line []uint8, across []taps) {
	for x, t := range across {
		p := line[4*t.first:]
		var r, g, b, a int32
		for i, w := range t.weights {
			q := p[4*i : 4*i+4 : 4*i+4]
			r += w * int32(q[0])
			g += w * int32(q[1])
			b += w * int32(q[2])
			a += w * int32(q[3])
		}
		o := out[4*x : 4*x+4 : 4*x+4]
		o[0], o[1], o[2], o[3] = r>>(unit-spare), g>>(unit-spare), b>>(unit-spare), a>>(unit-spare)
	}
}

func addRow(sum, row []int32, w int32) {
	row = row[:len(sum)]
	for i := range sum {
		sum[i] += w * row[i]
	}
}

func round(out []uint8, sum []int32) {
	for i, s := range sum {
		out[i] = uint8(min(max((s+1<<(unit+spare-1))>>(unit+spare), 0), 255))
	}
}
