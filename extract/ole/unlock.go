package ole

import (
	"bytes"
	"crypto/md5"
	"crypto/rc4"
	"crypto/sha1"
	"encoding/binary"
	"unicode/utf16"
)

// defaultPassword is what Excel locks a workbook with that may be read by all but changed by
// none; any program opens it unasked.
const defaultPassword = "VelvetSweatshop"

// unlock decrypts the records of a workbook from an offset on if it is locked with Excel's
// default password.
func (w *workbook) unlock(pass []byte, at int) error {
	const rc4Method = 1
	if u16(pass, 0) != rc4Method {
		return encrypted()
	}
	password := make([]byte, 0, 2*len(defaultPassword))
	for _, u := range utf16.Encode([]rune(defaultPassword)) {
		password = binary.LittleEndian.AppendUint16(password, u)
	}
	l := lockOf(pass, password)
	if l == nil || !l.opens() {
		return encrypted()
	}
	w.b = l.decrypt(w.b, at)
	return nil
}

// lock is a cipher that takes a new key for each block of a stream.
type lock struct {
	key      func(block uint32) []byte
	sum      func(b []byte) []byte
	verifier []byte // encrypted: some bytes, then their sum
}

// lockOf reads how a workbook is locked, or returns nil.
func lockOf(pass, password []byte) *lock {
	switch major, minor := u16(pass, 2), u16(pass, 4); {
	case major == 1 && minor == 1 && len(pass) >= 6+48:
		return oldLock(pass[6:], password)
	case major >= 2 && major <= 4 && minor == 2:
		return newLock(pass[6:], password)
	}
	return nil
}

// oldLock is that of Excel 97: MD5 and a key of 40 bits.
func oldLock(b, password []byte) *lock {
	const bits40 = 5
	h := md5.Sum(password)
	salted := bytes.Repeat(append(h[:bits40:bits40], b[:16]...), 16)
	h = md5.Sum(salted)
	return &lock{
		key: func(block uint32) []byte {
			k := md5.Sum(binary.LittleEndian.AppendUint32(h[:bits40:bits40], block))
			return k[:]
		},
		sum:      func(b []byte) []byte { s := md5.Sum(b); return s[:] },
		verifier: b[16:48],
	}
}

// newLock is that of Excel 2002: SHA-1 and a key of up to 128 bits.
func newLock(b, password []byte) *lock {
	const bits40, wholeKey = 40, 16
	header := span(b, 8, int(u32(b, 4)))
	bits := int(u32(header, 16))
	check := from(b, 8+len(header))
	if bits == 0 {
		bits = bits40
	}
	if len(check) < 4+16+16+4+20 || bits > 8*wholeKey || bits%8 != 0 {
		return nil
	}
	h := sha1.Sum(append(bytes.Clone(check[4:20]), password...))
	return &lock{
		key: func(block uint32) []byte {
			k := sha1.Sum(binary.LittleEndian.AppendUint32(h[:len(h):len(h)], block))
			if bits == bits40 {
				return append(k[:bits/8:bits/8], make([]byte, wholeKey-bits/8)...)
			}
			return k[:bits/8]
		},
		sum:      func(b []byte) []byte { s := sha1.Sum(b); return s[:] },
		verifier: append(bytes.Clone(check[20:36]), check[40:60]...),
	}
}

// opens reports whether the password is right.
func (l *lock) opens() bool {
	plain := make([]byte, len(l.verifier))
	l.stream(0).XORKeyStream(plain, l.verifier)
	return bytes.Equal(l.sum(plain[:16]), plain[16:])
}

func (l *lock) stream(block uint32) *rc4.Cipher {
	c, _ := rc4.NewCipher(l.key(block)) // fails for no key that has 1 to 256 bytes
	return c
}

// decrypt returns a copy of a stream whose records are readable from an offset on. The heads
// of records and a few records are not locked, though the cipher counts them.
func (l *lock) decrypt(b []byte, at int) []byte {
	const blockSize = 1024
	open := make([]byte, len(b))
	for i := 0; i < len(b); i += blockSize {
		end := min(i+blockSize, len(b))
		l.stream(uint32(i/blockSize)).XORKeyStream(open[i:end], b[i:end])
	}
	out := bytes.Clone(b)
	for at+4 <= len(b) {
		kind, body := u16(b, at), at+4
		at = min(len(b), body+u16(b, at+2))
		switch kind {
		case recBegin, recFilePass, 0xE1, 0x195, 0x196: // and what other programs must read
		case recSheet:
			copy(out[min(at, body+4):at], open[min(at, body+4):at]) // the place stays
		default:
			copy(out[body:at], open[body:at])
		}
	}
	return out
}
