package picture

import (
	"image"
	"image/color"
	"image/draw"
	"math"
)

// Print stays legible when a picture shrinks if no stroke is skipped and edges stay steep.
// So whole blocks of pixels are averaged first, which is fast and skips nothing, down to
// between one and a half and three times the size, and a Catmull-Rom filter as wide as the
// remaining step does the rest.

// reduce averages blocks of pixels so that the longer side is no less than side, and less
// than twice that. A picture that is small enough is returned as it is.
func reduce(m image.Image, side int) image.Image {
	size := m.Bounds().Size()
	n := max(size.X, size.Y) / side
	if n < 2 {
		return m
	}
	return paint(blocks(rowsOf(m), size, n))
}

// fit returns m on white, its bounds at the origin, shrunk so that its longer side is side
// pixels. A smaller picture keeps its size.
func fit(m image.Image, side int) *image.RGBA {
	size := m.Bounds().Size()
	longer := max(size.X, size.Y)
	if longer <= side {
		return paint(rowsOf(m), size)
	}
	want := image.Pt(shrunk(size.X, side, longer), shrunk(size.Y, side, longer))
	src := rowsOf(m)
	if n := 2 * longer / (3 * side); n >= 2 {
		src, size = blocks(src, size, n)
	}
	return resample(src, size, want)
}

func shrunk(length, side, longer int) int {
	return max(1, (length*side+longer/2)/longer)
}

// rows writes row y of a picture as RGBA, opaque.
type rows func(y int, row []uint8)

// rowsOf reads m on white.
func rowsOf(m image.Image) rows {
	b := m.Bounds()
	if p, ok := m.(*image.Paletted); ok {
		return palettedRows(p)
	}
	o, ok := m.(interface{ Opaque() bool })
	opaque, white := ok && o.Opaque(), image.NewUniform(color.White)
	return func(y int, row []uint8) {
		r, from := image.Rect(0, 0, b.Dx(), 1), image.Pt(b.Min.X, b.Min.Y+y)
		line := &image.RGBA{Pix: row, Stride: len(row), Rect: r}
		if opaque {
			draw.Draw(line, r, m, from, draw.Src)
			return
		}
		draw.Draw(line, r, white, image.Point{}, draw.Src)
		draw.Draw(line, r, m, from, draw.Over)
	}
}

// palettedRows looks every colour up once; package draw does so for every pixel.
func palettedRows(p *image.Paletted) rows {
	swatch := image.NewRGBA(image.Rect(0, 0, 256, 1))
	for i := range swatch.Rect.Dx() {
		c := color.Color(color.Black) // for an index beyond the palette
		if i < len(p.Palette) {
			c = p.Palette[i]
		}
		draw.Draw(swatch, image.Rect(i, 0, i+1, 1), image.NewUniform(color.White), image.Point{}, draw.Src)
		draw.Draw(swatch, image.Rect(i, 0, i+1, 1), image.NewUniform(c), image.Point{}, draw.Over)
	}
	return func(y int, row []uint8) {
		for x, index := range p.Pix[y*p.Stride:][:p.Rect.Dx()] {
			copy(row[4*x:4*x+4], swatch.Pix[4*int(index):])
		}
	}
}

func paint(src rows, size image.Point) *image.RGBA {
	out := image.NewRGBA(image.Rectangle{Max: size})
	for y := range size.Y {
		src(y, out.Pix[y*out.Stride:][:out.Stride])
	}
	return out
}

// blocks averages n by n pixels into one; those at the right and the bottom may be smaller.
func blocks(src rows, size image.Point, n int) (rows, image.Point) {
	small := image.Pt((size.X+n-1)/n, (size.Y+n-1)/n)
	line := make([]uint8, 4*size.X)
	sums := make([]uint32, 4*small.X)
	return func(y int, row []uint8) {
		clear(sums)
		high := min(n, size.Y-y*n)
		for i := range high {
			src(y*n+i, line)
			addBlocks(sums, line, n)
		}
		for x := range small.X {
			area := uint32(high * min(n, size.X-x*n))
			for c := range 4 {
				row[4*x+c] = uint8((sums[4*x+c] + area/2) / area)
			}
		}
	}, small
}

// addBlocks adds every n pixels of line to one of sums.
func addBlocks(sums []uint32, line []uint8, n int) {
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
func resample(src rows, size, want image.Point) *image.RGBA {
	out := image.NewRGBA(image.Rectangle{Max: want})
	across, down := catmullRom(size.X, want.X), catmullRom(size.Y, want.Y)
	high := 0
	for _, t := range down {
		high = max(high, len(t.weights))
	}
	window := make([][]int32, high) // row y is at y modulo high
	for i := range window {
		window[i] = make([]int32, 4*want.X)
	}
	line, sum := make([]uint8, 4*size.X), make([]int32, 4*want.X)
	next := 0
	for y, t := range down {
		for ; next < t.first+len(t.weights); next++ {
			src(next, line)
			filterRow(window[next%high], line, across)
		}
		clear(sum)
		for i, w := range t.weights {
			addRow(sum, window[(t.first+i)%high], w)
		}
		round(out.Pix[y*out.Stride:], sum)
	}
	return out
}

func filterRow(out []int32, line []uint8, across []taps) {
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
