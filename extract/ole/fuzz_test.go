package ole_test

import (
	"testing"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract/ole"
)

// The formats are fuzzed by the content of their streams: a fuzzer that must first mend a
// directory learns nothing of what stands behind it.

const fuzzLimit = 200 // bytes of text

func FuzzCompound(f *testing.F) {
	for _, b := range samples() {
		f.Add(b)
	}
	f.Add(packSectors(12, wordFile{parts: []string{"x\r"}, props: []property{textProperty(2, "t"), numberProperty(14, 2)}}.streams()...))
	e := ole.New(ole.Options{MaxText: fuzzLimit})
	f.Fuzz(func(t *testing.T, b []byte) {
		for typ := range samples() {
			check(t, e, &document.Document{Type: typ, Bytes: b}, fuzzLimit)
		}
	})
}

func FuzzWord(f *testing.F) {
	for _, file := range []wordFile{
		{parts: []string{"Dear reader\r", "A note\r"}, narrow: 5},
		{parts: []string{"Name\aRose\a" + string(rowEnd) + "\x13 PAGE \x14\x31\x15\r"}},
		{parts: []string{"plain\r"}, narrow: 6, noList: true, noMark: true},
	} {
		list := file.streams()
		f.Add(list[0].data, list[1].data)
	}
	e := ole.New(ole.Options{MaxText: fuzzLimit})
	f.Fuzz(func(t *testing.T, main, table []byte) {
		b := pack(stream{name: "WordDocument", data: main}, stream{name: "1Table", data: table}, stream{name: "\x05SummaryInformation", data: table})
		check(t, e, &document.Document{Type: document.DOC, Bytes: b}, fuzzLimit)
	})
}

func FuzzWorkbook(f *testing.F) {
	f.Add(bookFile{
		globals: concat(sharedTexts("Tea", "Ceylon"), looks()),
		sheets:  []bookSheet{{name: "Prices", cells: concat(sharedCell(0, 0, 0), numberCell(0, 1, 2, 46023), sharedCell(1, 0, 1))}},
	}.stream())
	for _, l := range []locker{{password: "VelvetSweatshop"}, {modern: true, bits: 128, password: "VelvetSweatshop"}} {
		f.Add(l.lock(l.book().stream()))
	}
	f.Add(bookFile{version: 0x500, sheets: []bookSheet{{name: "a", cells: rec(0x204, at(0, 0, 0), le16(1), []byte("x"))}}}.stream())
	e := ole.New(ole.Options{MaxText: fuzzLimit})
	f.Fuzz(func(t *testing.T, b []byte) {
		check(t, e, &document.Document{Type: document.XLS, Bytes: pack(stream{name: "Workbook", data: b})}, fuzzLimit)
	})
}

func FuzzSlides(f *testing.F) {
	for _, file := range []showFile{
		{slides: []showSlide{{outline: []string{"a", "b"}, shapes: concat(outlineText(1), shape(wideText("c"))), notes: "n"}}},
		{slides: []showSlide{{outline: []string{"a"}, shapes: shape(byteText("c"))}}, lost: true},
	} {
		list := file.streams()
		f.Add(list[0].data, list[1].data)
	}
	e := ole.New(ole.Options{MaxText: fuzzLimit})
	f.Fuzz(func(t *testing.T, user, main []byte) {
		b := pack(stream{name: "Current User", data: user}, stream{name: "PowerPoint Document", data: main})
		check(t, e, &document.Document{Type: document.PPT, Bytes: b}, fuzzLimit)
	})
}
