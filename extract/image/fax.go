package picture

import "errors"

// fax unpacks the rows of a facsimile of ITU-T T.4 or T.6. A row is held as the places where
// its colour changes, the first time from white to black.
type fax struct {
	bits         bitReader
	width        int
	colours      [2][]faxCode // of white and black runs
	modes        []faxCode
	above, row   []int
	compression  int
	twoDim       bool // of group 3: rows may refer to the one above
	broken, good int  // rows
}

// bit 0 of the options of group 3.
const faxTwoDim = 1

var (
	errFaxCode = errors.New("no code of a fax")
	errFaxEnd  = errors.New("end of the fax")
)

func newFax(width, compression int, options uint64) *fax {
	return &fax{
		width: width, compression: compression, twoDim: options&faxTwoDim != 0,
		colours: [2][]faxCode{
			faxCodes(whiteCodes+" "+longCodes, runLength),
			faxCodes(blackCodes+" "+longCodes, runLength),
		},
		modes: faxCodes(modeCodes, func(i int) int { return i }),
	}
}

// unpack fills rows of one bit a pixel, 1 for black, from data that begins anew, and returns how
// many bytes it filled. A broken row of group 3 looks like the one above.
func (f *fax) unpack(rows, data []byte) int {
	f.bits, f.above, f.broken, f.good = bitReader{data: data}, f.above[:0], 0, 0
	size := (f.width + 7) / 8
	done := 0
	for ; done+size <= len(rows); done += size {
		f.row = f.row[:0]
		err := f.next()
		if err == errFaxEnd || err != nil && f.compression != faxGroup3 {
			break
		}
		if err != nil {
			f.broken++
			f.row = append(f.row[:0], f.above...)
		} else {
			f.good++
		}
		blacken(rows[done:done+size], f.row, f.width)
		f.above, f.row = f.row, f.above
	}
	if f.broken > f.good {
		return 0
	}
	return done
}

func (f *fax) next() error {
	if f.bits.ended() {
		return errFaxEnd
	}
	switch f.compression {
	case faxRows:
		f.bits.at = (f.bits.at + 7) &^ 7
		return f.runs()
	case faxGroup3:
		return f.group3()
	}
	const endOfLine = 1
	if f.bits.peek(12) == endOfLine {
		return errFaxEnd
	}
	return f.changes()
}

// group3 reads a row and the mark before it. After a broken row that is the next mark there is.
func (f *fax) group3() error {
	marks := 0
	for f.bits.peek(11) == 0 && !f.bits.ended() {
		for f.bits.peek(1) == 0 && !f.bits.ended() {
			f.bits.at++
		}
		f.bits.at++
		if marks++; marks == 2 {
			return errFaxEnd
		}
		if f.twoDim && f.bits.peek(12) == 1<<11 {
			f.bits.at++ // the end has marks with a bit between
		}
	}
	if f.bits.ended() {
		return errFaxEnd
	}
	err := f.group3Row()
	for err != nil && f.bits.peek(11) != 0 && !f.bits.ended() {
		f.bits.at++
	}
	return err
}

func (f *fax) group3Row() error {
	if !f.twoDim {
		return f.runs()
	}
	alone := f.bits.peek(1)
	f.bits.at++
	if alone == 1 {
		return f.runs()
	}
	return f.changes()
}

// runs reads a row that is told run by run.
func (f *fax) runs() error {
	for at, colour := 0, 0; at < f.width; colour ^= 1 {
		n, err := f.run(colour, f.width-at)
		if err != nil {
			return err
		}
		at += n
		f.change(at)
	}
	return nil
}

// run reads the length of a run that has room for so many pixels.
func (f *fax) run(colour, room int) (int, error) {
	for total := 0; ; {
		code := f.colours[colour][f.bits.peek(faxBits)]
		if code.length == 0 || f.bits.ended() {
			return 0, errFaxCode
		}
		f.bits.at += int(code.length)
		if total += int(code.value); total > room {
			return 0, errFaxCode
		}
		if code.value < 64 {
			return total, nil
		}
	}
}

// change notes that the colour changes. Two changes at one place are none.
func (f *fax) change(at int) {
	if n := len(f.row); n > 0 && f.row[n-1] == at {
		f.row = f.row[:n-1]
		return
	}
	f.row = append(f.row, at)
}

// changes reads a row that is told by how it differs from the one above.
func (f *fax) changes() error {
	at, colour, i := -1, 0, 0
	for at < f.width {
		code := f.modes[f.bits.peek(faxBits)]
		if code.length == 0 || f.bits.ended() {
			return errFaxCode
		}
		f.bits.at += int(code.length)
		i = f.after(i, at, colour)
		switch code.value {
		case modePass:
			at = f.aboveAt(i + 1)
		case modeRuns:
			at = max(at, 0)
			for _, c := range [2]int{colour, colour ^ 1} {
				n, err := f.run(c, f.width-at)
				if err != nil {
					return err
				}
				at += n
				f.change(at)
			}
		default:
			moved := f.aboveAt(i) + int(code.value) - notMoved
			if moved < max(at, 0) || moved > f.width {
				return errFaxCode
			}
			at, colour = moved, colour^1
			f.change(at)
		}
	}
	return nil
}

// after returns which change of the row above is the first behind at to the other colour.
// The search begins at i.
func (f *fax) after(i, at, colour int) int {
	for i > 0 && f.aboveAt(i-1) > at {
		i--
	}
	for i < len(f.above) && (f.above[i] <= at || i&1 != colour) {
		i++
	}
	return i
}

// aboveAt returns where a change of the row above is; behind the last one that is its end.
func (f *fax) aboveAt(i int) int {
	if i < len(f.above) {
		return f.above[i]
	}
	return f.width
}

// blacken sets the bits between every odd change and the even one after it.
func blacken(row []byte, changes []int, width int) {
	clear(row)
	for i := 0; i < len(changes); i += 2 {
		from, to := min(changes[i], width), width
		if i+1 < len(changes) {
			to = min(changes[i+1], width)
		}
		for ; from < to && from&7 != 0; from++ {
			row[from>>3] |= 0x80 >> (from & 7)
		}
		for ; from+8 <= to; from += 8 {
			row[from>>3] = 0xFF
		}
		for ; from < to; from++ {
			row[from>>3] |= 0x80 >> (from & 7)
		}
	}
}
