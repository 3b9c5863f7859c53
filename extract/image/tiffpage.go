package picture

import (
	"errors"
	"fmt"
	"image"
	"slices"
)

// Tags of a directory.
const (
	tagSubfile      = 254
	tagWidth        = 256
	tagHeight       = 257
	tagBits         = 258
	tagCompression  = 259
	tagColour       = 262
	tagFillOrder    = 266
	tagStrips       = 273
	tagOrientation  = 274
	tagSamples      = 277
	tagStripRows    = 278
	tagStripLengths = 279
	tagXResolution  = 282
	tagYResolution  = 283
	tagPlanar       = 284
	tagFaxOptions   = 292
	tagPredictor    = 317
	tagPalette      = 320
	tagTileWidth    = 322
	tagTileHeight   = 323
	tagTiles        = 324
	tagTileLengths  = 325
	tagExtra        = 338
	tagSampleFormat = 339
	tagJPEGTables   = 347
	tagOldJPEG      = 513
	tagOldJPEGSize  = 514
)

// Colour models.
const (
	whiteIsZero = iota
	blackIsZero
	rgbModel
	paletteModel
	_ // a mask
	cmykModel
	ycbcrModel
)

// Compressions.
const (
	plain     = 1
	faxRows   = 2
	faxGroup3 = 3
	faxGroup4 = 4
	packLZW   = 5
	oldJPEG   = 6
	newJPEG   = 7
	deflate   = 8
	packBits  = 32773
	deflate2  = 32946
)

// tiffPage is how one picture of a TIFF is stored.
type tiffPage struct {
	dir           directory
	size          image.Point
	bits, samples int
	model         int
	compression   int
	predicted     bool
	planar        bool
	reversed      bool        // the lowest bit of a byte comes first
	segment       image.Point // of a tile, or of a strip as wide as the page
	across, down  int         // segments side by side and one above the other
	starts, sizes []uint64    // of the segments
	alpha         uint64      // 1: colours are multiplied by it, 2: they are not
	palette       []uint64
	stretch       float64 // how much higher than wide a pixel is
	memory        int     // bytes that decoding it takes, about
	most          int     // bytes that decoding may take
}

// variant is an error that names what of a format is not known here.
type variant string

func (v variant) Error() string { return string(v) }

// oversize is the error for more pixels than Options.MaxPixels.
type oversize struct{ width, height uint64 }

func (o oversize) Error() string { return fmt.Sprintf("%d x %d pixels", o.width, o.height) }

// page reads a directory. Nothing is decoded and no pixel held.
func (d directory) page(maxPixels int) (tiffPage, error) {
	w, h := d.number(tagWidth, 0), d.number(tagHeight, 0)
	switch {
	case w == 0 || h == 0:
		return tiffPage{}, errors.New("no pixels")
	case w > uint64(maxPixels)/h:
		return tiffPage{}, oversize{w, h}
	}
	p := tiffPage{
		dir:         d,
		most:        bytesPerPixel * maxPixels,
		size:        image.Pt(int(w), int(h)),
		bits:        int(min(d.number(tagBits, 1), 64)),
		samples:     int(min(d.number(tagSamples, 1), 64)),
		compression: int(min(d.number(tagCompression, plain), 1<<16)),
		predicted:   d.number(tagPredictor, 1) == 2,
		planar:      d.number(tagPlanar, 1) == 2,
		reversed:    d.number(tagFillOrder, 1) == 2,
		alpha:       d.number(tagExtra, 0),
	}
	missing := uint64(blackIsZero)
	if p.isFax() {
		missing = whiteIsZero
	}
	p.model = int(min(d.number(tagColour, missing), 1<<16))
	p.planar = p.planar && p.samples > 1
	if err := p.check(); err != nil {
		return tiffPage{}, err
	}
	if err := p.findSegments(maxPixels); err != nil {
		return tiffPage{}, err
	}
	p.stretch = pixelShape(d)
	return p, nil
}

// check refuses what cannot be read.
func (p *tiffPage) check() error {
	switch format := p.dir.number(tagSampleFormat, 1); {
	case p.isJPEG():
		return nil // a JPEG describes itself
	case format != 1 && format != 4:
		return variant("numbers that are not whole")
	case !p.isFax() && !slices.Contains([]int{plain, packLZW, packBits, deflate, deflate2}, p.compression):
		return variant(fmt.Sprintf("compression %d", p.compression))
	case p.dir.number(tagPredictor, 1) > 2:
		return variant(fmt.Sprintf("predictor %d", p.dir.number(tagPredictor, 1)))
	}
	for _, b := range p.dir.numbers(tagBits, p.samples) {
		if b != uint64(p.bits) {
			return variant("samples of different depths")
		}
	}
	switch p.bits {
	case 1, 2, 4, 8, 16:
	default:
		return variant(fmt.Sprintf("%d bits a sample", p.bits))
	}
	return p.checkModel()
}

func (p *tiffPage) checkModel() error {
	need := 1
	switch p.model {
	case whiteIsZero, blackIsZero:
	case paletteModel:
		p.palette = p.dir.numbers(tagPalette, 3<<8)
		if p.bits > 8 || len(p.palette) < 3<<p.bits {
			return errors.New("a palette without colours")
		}
	case rgbModel:
		need = 3
	case cmykModel:
		need = 4
	default:
		return variant(fmt.Sprintf("colour model %d", p.model))
	}
	switch {
	case p.samples < need:
		return errors.New("too few samples")
	case p.predicted && p.bits < 8:
		return variant("a predictor of less than eight bits")
	case p.isFax() && (p.bits != 1 || p.samples != 1):
		return errors.New("a fax in colour")
	case p.samples == need || p.model != rgbModel || p.alpha > 2:
		p.alpha = 0
	}
	return nil
}

// findSegments works out where the strips or the tiles are.
func (p *tiffPage) findSegments(maxPixels int) error {
	d, starts, lengths := p.dir, uint16(tagStrips), uint16(tagStripLengths)
	w, h := uint64(p.size.X), min(d.number(tagStripRows, uint64(p.size.Y)), uint64(p.size.Y))
	if tw := d.number(tagTileWidth, 0); tw > 0 {
		w, h = tw, d.number(tagTileHeight, 0)
		starts, lengths = tagTiles, tagTileLengths
	}
	switch {
	case h == 0:
		return errors.New("strips without rows")
	case w > uint64(maxPixels)/h:
		return oversize{w, h}
	}
	p.segment = image.Pt(int(w), int(h))
	p.across = (p.size.X + p.segment.X - 1) / p.segment.X
	p.down = (p.size.Y + p.segment.Y - 1) / p.segment.Y
	count := p.across * p.down
	if p.planar {
		count *= p.samples
	}
	p.starts, p.sizes = d.numbers(starts, count), d.numbers(lengths, count)
	p.memory = p.channels() * p.size.X * p.size.Y
	if !p.isJPEG() {
		p.memory += p.rowBytes() * p.segment.Y
	}
	if p.memory > p.most {
		return oversize{uint64(p.size.X), uint64(p.size.Y)}
	}
	return nil
}

func (p *tiffPage) isFax() bool {
	return p.compression == faxRows || p.compression == faxGroup3 || p.compression == faxGroup4
}

func (p *tiffPage) isJPEG() bool { return p.compression == oldJPEG || p.compression == newJPEG }

// stored is how many samples of a pixel stand side by side.
func (p *tiffPage) stored() int {
	if p.planar {
		return 1
	}
	return p.samples
}

// rowBytes is the size of an unpacked row of a segment.
func (p *tiffPage) rowBytes() int { return (p.segment.X*p.stored()*p.bits + 7) / 8 }

// channels is how many bytes a decoded pixel has.
func (p *tiffPage) channels() int {
	if p.model == whiteIsZero || p.model == blackIsZero {
		return 1
	}
	return 4
}

// pixelShape returns how much higher than wide a pixel is: a fax in normal resolution has
// twice as many of them in a row as in a column.
func pixelShape(d directory) float64 {
	x, y := d.ratio(tagXResolution), d.ratio(tagYResolution)
	if x <= 0 || y <= 0 {
		return 1
	}
	shape := x / y
	if shape < 1.0/4 || shape > 4 || shape > 0.97 && shape < 1.03 {
		return 1
	}
	return shape
}

// openTIFF returns the pages of a TIFF. Pictures that only repeat a page in small, or mask one,
// are none.
func (x *Extractor) openTIFF(b []byte) (album, error) {
	f, err := openTIFF(b)
	if err != nil {
		return album{}, x.verdict("TIFF", err)
	}
	all, err := f.directories()
	if err != nil {
		return album{}, x.verdict("TIFF", err)
	}
	const reduced, mask = 1, 4
	pages := slices.DeleteFunc(slices.Clone(all), func(d directory) bool {
		return d.number(tagSubfile, 0)&(reduced|mask) != 0
	})
	if len(pages) == 0 {
		pages = all
	}
	return album{"TIFF", len(pages), func(i int) (sheet, error) {
		p, err := pages[i].page(x.opts.MaxPixels)
		if err != nil {
			return sheet{}, x.verdict("TIFF", err)
		}
		s := sheet{size: p.size, orientation: p.dir.orientation(), stretch: p.stretch, decode: p.decode}
		s.size = s.squared(p.size)
		return s, nil
	}}, nil
}
