package ocr

import (
	"math"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
)

// maxZoom is how much a small picture is enlarged at most: beyond it nothing gets clearer.
const maxZoom = 2

// enlarge makes the longer side of a small page side pixels long. The reader of letters wants
// them about 20 pixels high, and finds a fifth more words on a page of 1,200 pixels that is
// enlarged to 2,000.
func enlarge(page document.Image, side int) (document.Image, error) {
	p, err := parsePGM(page.Bytes)
	if err != nil {
		return document.Image{}, err
	}
	zoom := min(maxZoom, float64(side)/float64(max(p.width, p.height)))
	if zoom <= 1 {
		return page, nil
	}
	wide := p.stretched(int(math.Round(float64(p.width) * zoom)))
	tall := wide.turned().stretched(int(math.Round(float64(p.height) * zoom)))
	return extract.Encode(tall.turned().gray(), extract.PGM)
}

// tap is what a pixel is made of: four neighbours from first on in a row whose two ends are
// repeated twice, each with its weight of 256.
type tap struct {
	first  int
	weight [4]int
}

// stretched returns p with its rows width pixels long, by Catmull-Rom's cubic.
func (p picture) stretched(width int) picture {
	out := picture{width, p.height, make([]byte, width*p.height)}
	taps := taps(p.width, width)
	row := make([]int, p.width+4) // with its ends repeated twice
	for y := range p.height {
		for i := range row {
			row[i] = int(p.pix[y*p.width+min(max(i-2, 0), p.width-1)])
		}
		to := out.pix[y*width:][:width]
		for x, t := range taps {
			r := row[t.first : t.first+4 : t.first+4]
			v := r[0]*t.weight[0] + r[1]*t.weight[1] + r[2]*t.weight[2] + r[3]*t.weight[3]
			to[x] = byte(min(max((v+128)>>8, 0), 255))
		}
	}
	return out
}

// taps says what each of to pixels is made of, of from pixels.
func taps(from, to int) []tap {
	out := make([]tap, to)
	for x := range out {
		at := (float64(x)+0.5)*float64(from)/float64(to) - 0.5
		left := math.Floor(at)
		t := at - left
		out[x] = tap{first: int(left) + 1, weight: cubic(t)}
	}
	return out
}

// cubic returns the weights of four neighbours for a place t of the way from the second to the
// third.
func cubic(t float64) [4]int {
	w := [4]float64{
		-t*t*t/2 + t*t - t/2,
		3*t*t*t/2 - 5*t*t/2 + 1,
		-3*t*t*t/2 + 2*t*t + t/2,
		t*t*t/2 - t*t/2,
	}
	var out [4]int
	for i, v := range w {
		out[i] = int(math.Round(256 * v))
	}
	out[1] += 256 - out[0] - out[1] - out[2] - out[3]
	return out
}

// turned returns p with rows and columns exchanged, in squares that fit the processor's cache.
func (p picture) turned() picture {
	const square = 64
	out := picture{p.height, p.width, make([]byte, len(p.pix))}
	for y := 0; y < p.height; y += square {
		for x := 0; x < p.width; x += square {
			for j := y; j < min(y+square, p.height); j++ {
				for i := x; i < min(x+square, p.width); i++ {
					out.pix[i*p.height+j] = p.pix[j*p.width+i]
				}
			}
		}
	}
	return out
}
