package ocr

import "testing"

func FuzzPicture(f *testing.F) {
	for _, s := range []string{"P5\n2 1\n255\nab", "P5\n2 2\n255\nab", "P5\n-1 -2\n255\nab", "P5\n99999999 1\n255\n", "P6\n1 1\n255\nabc", "P5\n1 1\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := parsePGM(b)
		if err == nil && (p.width < 1 || p.height < 1 || len(p.pix) != p.width*p.height) {
			t.Errorf("%dx%d of %d bytes", p.width, p.height, len(p.pix))
		}
	})
}
