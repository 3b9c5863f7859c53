package ole_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract/ole"
)

func TestCompoundLayouts(t *testing.T) {
	filler := stream{name: "Filler", data: bytes.Repeat([]byte("."), 8<<20)}
	inside := wordFile{parts: []string{"another document\r"}}.streams()
	for i := range inside {
		inside[i].parent = "ObjectPool"
	}
	file := wordFile{parts: []string{strings.Repeat("words ", 2000) + "end\r"}, noMark: true}
	tests := []struct {
		name string
		in   []byte
	}{
		{"small and large streams", pack(file.streams()...)},
		{"sectors of 4096 bytes", packSectors(12, file.streams()...)},
		{"more sectors than the header lists", pack(append([]stream{filler}, file.streams()...)...)},
		{"a document that carries another inside", pack(append(inside, file.streams()...)...)},
		{"names in capitals", capitals(file)},
		{"bytes behind the file", append(pack(file.streams()...), "trailing"...)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, want := read(t, document.DOC, tt.in, ole.Options{}).Text(), strings.Repeat("words ", 2000)+"end"; got != want {
				t.Errorf("%d bytes of text that end with %q, want %d", len(got), got[max(0, len(got)-20):], len(want))
			}
		})
	}
}

func capitals(f wordFile) []byte {
	list := f.streams()
	for i := range list {
		list[i].name = strings.ToUpper(list[i].name)
	}
	return pack(list...)
}

func TestCompoundDamage(t *testing.T) {
	const sector, entry = 512, 128
	file := wordFile{parts: []string{strings.Repeat("words ", 2000) + "end\r"}, noMark: true}
	whole := pack(file.streams()...)
	directory := func(b []byte) []byte { return b[(1+int(b[48]))*sector:] }
	table := func(b []byte) []byte { return b[(1+int(b[76]))*sector:] }
	tests := []struct {
		name   string
		damage func(b []byte)
		want   string // with which the text ends
	}{
		{"a lost table leaves sectors in their order", func(b []byte) { put(b, 76, le32(0xFFFFFF)) }, "end"},
		{"a stream that runs in a circle ends there", func(b []byte) { put(table(b), 4*20, le32(0)) }, ""},
		{"siblings that run in a circle", func(b []byte) { put(directory(b), 2*entry+72, le32(1)) }, "end"},
		{"a root without a child", func(b []byte) { put(directory(b), 76, le32(-1)) }, "end"},
		{"a stream that claims more than there is", func(b []byte) { put(directory(b), entry+120, words([]uint32{1 << 31})) }, "end"},
		{"a directory that runs in a circle", func(b []byte) { put(table(b), 4*int(b[48]), le32(int(b[48]))) }, "end"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := bytes.Clone(whole)
			tt.damage(b)
			text := read(t, document.DOC, b, ole.Options{}).Text()
			if !strings.HasPrefix(text, "words words") || !strings.HasSuffix(text, tt.want) {
				t.Errorf("text of %d bytes ends with %q", len(text), text[max(0, len(text)-20):])
			}
		})
	}
}
