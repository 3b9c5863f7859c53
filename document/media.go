package document

import (
	"bytes"
	"encoding/binary"
	"strings"

	"github.com/gabriel-vasile/mimetype"
)

// mediaOf returns the media type of b by its first bytes, "application/octet-stream" for
// an unknown one, and whether such a file is written in letters.
func mediaOf(b []byte) (media string, letters bool) {
	if media = strongMedia(b); media != "" {
		return media, false
	}
	seen := mimetype.Detect(b)
	media, _, _ = strings.Cut(seen.String(), ";")
	for m := seen; m != nil; m = m.Parent() {
		if m.Is("text/plain") {
			return media, true
		}
	}
	return media, false
}

// strongMedia knows the pictures by their first bytes, whatever follows, and signatures that
// the library does not know.
func strongMedia(b []byte) string {
	switch {
	case len(b) >= 12 && string(b[4:8]) == "ftyp":
		return brandMedia(b)
	case bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1A\n")):
		return PNG.MIME()
	case bytes.HasPrefix(b, []byte("\xFF\xD8\xFF")):
		return JPEG.MIME()
	case bytes.HasPrefix(b, []byte("GIF87a")), bytes.HasPrefix(b, []byte("GIF89a")):
		return GIF.MIME()
	case bytes.HasPrefix(b, []byte("II*\x00")), bytes.HasPrefix(b, []byte("MM\x00*")):
		return TIFF.MIME()
	case len(b) >= 12 && string(b[:4]) == "RIFF" && string(b[8:12]) == "WEBP":
		return WebP.MIME()
	case isBitmap(b):
		return BMP.MIME()
	case bytes.HasPrefix(b, []byte("\xFFWPC")):
		return "application/vnd.wordperfect"
	case bytes.HasPrefix(b, []byte("\xE4\x52\x5C\x7B\x8C\xD8\xA7\x4D")):
		return "application/onenote"
	case len(b) >= 8 && b[0] == 9 && (b[1] == 0 || b[1] == 2 || b[1] == 4) && (b[2] == 4 || b[2] == 6) && b[3] == 0 && b[5] == 0:
		return "application/x-excel-worksheet" // versions 2 to 4 wrote a worksheet without OLE
	}
	return ""
}

// isBitmap knows a BMP by its mark and the size of its header, since words begin with
// "BM", too.
func isBitmap(b []byte) bool {
	if len(b) < 18 || string(b[:2]) != "BM" {
		return false
	}
	switch binary.LittleEndian.Uint32(b[14:]) {
	case 12, 16, 40, 52, 56, 64, 108, 124:
		return true
	}
	return false
}

// brandMedia names the format of an ISO media file by its brands.
func brandMedia(b []byte) string {
	const maxBrands = 64
	end := min(uint64(binary.BigEndian.Uint32(b)), uint64(len(b)), 4*maxBrands)
	media := ""
	for at := uint64(8); at+4 <= end; at += 4 {
		if at == 12 {
			continue // the version of the first brand
		}
		switch string(b[at : at+4]) {
		case "avif", "avis":
			return "image/avif"
		case "heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs", "mif1", "msf1":
			media = HEIC.MIME()
		}
	}
	return media
}
