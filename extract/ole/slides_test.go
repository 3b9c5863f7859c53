package ole_test

import (
	"testing"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract/ole"
)

func TestSlides(t *testing.T) {
	outline := []string{"Title", "First\rSecond\vline"}
	feet := box(4057, 0, node(4026, 2, wide("Footer")))
	tags := concat(box(5000, 0, node(4026, 0, wide("tag"))), node(4026, 3, wide("name of the slide")), box(12000, 0, wideText("remark")))
	tests := []struct {
		name string
		file showFile
		want string
	}{
		{"outline texts where shapes show them", showFile{slides: []showSlide{{outline: outline, shapes: concat(outlineText(1), shape(byteText("Box")), outlineText(0))}}}, "First\nSecond\nline\nBox\nTitle"},
		{"outline texts that no shape shows", showFile{slides: []showSlide{{outline: outline, shapes: shape(wideText("Größe"))}}}, "Größe\nTitle\nFirst\nSecond\nline"},
		{"each outline text once, and none that do not exist", showFile{slides: []showSlide{{outline: outline[:1], shapes: concat(outlineText(0), outlineText(0), outlineText(9), outlineText(-1))}}}, "Title"},
		{"footers, but no tags, names and remarks", showFile{slides: []showSlide{{shapes: concat(tags, shape(byteText("Box")), feet)}}}, "Box\nFooter"},
		{"no star for the number of the slide", showFile{slides: []showSlide{{shapes: concat(shape(byteText("*")), shape(byteText("Box")))}}}, "Box"},
		{"a page for each slide, notes behind", showFile{slides: []showSlide{{outline: outline[:1], notes: "Slowly"}, {}, {shapes: shape(byteText("End"))}}}, "Title\nSlowly\f\fEnd"},
		{"nothing of an older version", showFile{old: box(1006, 0, shape(byteText("old"))), slides: []showSlide{{shapes: shape(byteText("new"))}}}, "new"},
		{"slides without the list of objects", showFile{slides: []showSlide{{outline: outline[:1], shapes: outlineText(0)}, {shapes: shape(byteText("End"))}}, lost: true}, "Title\fEnd"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := read(t, document.PPT, tt.file.bytes(), ole.Options{})
			if got := c.Text(); got != tt.want {
				t.Errorf("text %q, want %q", got, tt.want)
			}
			if c.PageCount != len(tt.file.slides) {
				t.Errorf("%d pages, want %d", c.PageCount, len(tt.file.slides))
			}
		})
	}
}

// Slides alone are read when the document that lists them is gone.
func TestSlidesWithoutADocument(t *testing.T) {
	main := concat(box(1006, 0, shape(byteText("one"))), box(1008, 0, shape(byteText("notes"))), box(1006, 0, shape(byteText("two"))))
	c := read(t, document.PPT, pack(stream{name: "PowerPoint Document", data: main}), ole.Options{})
	if got, want := c.Text(), "one\ftwo"; got != want || c.PageCount != 2 {
		t.Errorf("text %q of %d pages, want %q of 2", got, c.PageCount, want)
	}
}

func TestSlidesBounds(t *testing.T) {
	f := showFile{slides: []showSlide{{shapes: shape(byteText("one"))}, {outline: []string{"two"}}, {outline: []string{"three"}}}}
	tests := []struct {
		name string
		opts ole.Options
		want string
	}{
		{"slides", ole.Options{MaxPages: 2}, "one\ftwo"},
		{"text", ole.Options{MaxText: 5}, "one\ftw"},
		{"text of the first slide", ole.Options{MaxText: 2}, "on"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := read(t, document.PPT, f.bytes(), tt.opts)
			if got := c.Text(); got != tt.want || c.PageCount != 3 {
				t.Errorf("text %q of %d pages, want %q of 3", got, c.PageCount, tt.want)
			}
		})
	}
}

// Slides that all lie at the same place are read until the budget is spent.
func TestSlidesThatAreOne(t *testing.T) {
	blank := box(1036, 0, slicesOf(node(1, 0), 20_000))
	var list []byte
	for range 900 {
		list = concat(list, node(1011, 0, le32(1), make([]byte, 16)))
	}
	main := concat(box(1006, 0, blank), box(1000, 0, box(4080, 0, list)))
	document1 := 8 + len(blank)
	objects := len(main)
	main = concat(main, node(6002, 0, le32(1|2<<20), le32(0), le32(document1)))
	edit := len(main)
	main = concat(main, node(4085, 0, le32(0), le32(3), le32(0), le32(objects), le32(2), le32(2), le32(0)))
	user := node(4086, 0, le32(20), le32(0), le32(edit))
	c := read(t, document.PPT, pack(stream{name: "Current User", data: user}, stream{name: "PowerPoint Document", data: main}), ole.Options{})
	if len(c.Pages) != 900 {
		t.Errorf("%d pages", len(c.Pages))
	}
}
