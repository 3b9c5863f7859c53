package mail

// unpackRTF unpacks a body in rich text as Outlook keeps it, up to limit bytes. What is broken
// is unpacked as far as it goes.
func unpackRTF(b []byte, limit int) []byte {
	const headerSize, packed, plain = 16, 0x75465A4C, 0x414C454D
	if len(b) < headerSize {
		return nil
	}
	size := int(min(uint64(u32(b, 4)), uint64(limit)))
	switch body := b[headerSize:]; u32(b, 8) {
	case plain:
		return body[:min(len(body), size)]
	case packed:
		out := unpack(body, size)
		return out[:min(len(out), size)]
	}
	return nil
}

// unpack undoes the compression: a byte of flags goes before every eight items, each of which
// is a byte or a place and a length in the last 4,096 bytes. It stops with the item that reaches
// size.
func unpack(in []byte, size int) []byte {
	const window = 1 << 12
	var ring [window]byte
	at := copy(ring[:], primer)
	var out []byte
	put := func(c byte) {
		ring[at] = c
		at = (at + 1) % window
		out = append(out, c)
	}
	for len(in) > 0 {
		flags := in[0]
		in = in[1:]
		for bit := range 8 {
			if len(out) >= size || len(in) == 0 {
				return out
			}
			if flags>>bit&1 == 0 {
				put(in[0])
				in = in[1:]
				continue
			}
			if len(in) < 2 {
				return out
			}
			from, n := int(in[0])<<4|int(in[1])>>4, int(in[1]&15)+2
			in = in[2:]
			if from == at {
				return out // the mark of the end
			}
			for i := range n {
				put(ring[(from+i)%window])
			}
		}
	}
	return out
}

// primer is what the window holds in the beginning.
const primer = `{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript ` +
	`\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0` + "\r\n" +
	`\par \pard\plain\f0\fs20\b\i\u\tab\tx`
