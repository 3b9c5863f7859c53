package ole_test

// node is a record of a presentation, and box one that holds others.
func node(kind, instance int, data ...[]byte) []byte {
	body := concat(data...)
	return concat(le16(instance<<4), le16(kind), le32(len(body)), body)
}

func box(kind, instance int, inside ...[]byte) []byte {
	b := node(kind, instance, inside...)
	b[0] |= 0xF
	return b
}

func wideText(s string) []byte { return node(4000, 0, wide(s)) }

func byteText(s string) []byte { return node(4008, 0, []byte(s)) }

// shape is a drawing with a text, as deep as PowerPoint puts it.
func shape(text []byte) []byte {
	return box(1036, 0, box(0xF002, 0, box(0xF003, 0, box(0xF004, 0, box(0xF00D, 0, node(3999, 0, le32(4)), text)))))
}

// outlineText shows the nth text of the outline.
func outlineText(n int) []byte { return node(3998, 0, le32(n)) }

// showSlide is a slide: the texts of its outline, its shapes and its notes.
type showSlide struct {
	outline []string
	shapes  []byte
	notes   string
}

// showFile is a presentation.
type showFile struct {
	slides  []showSlide
	old     []byte // records of a version that was saved before
	lost    bool   // the list of objects is missing
	locked  bool
	session int // object that says how the presentation is locked
	props   []property
}

func (f showFile) streams() []stream {
	main := f.old
	places := []int{} // of objects, the first of which is number 1
	object := func(b []byte) int {
		places = append(places, len(main))
		main = append(main, b...)
		return len(places)
	}
	var slides, notes []byte
	for i, s := range f.slides {
		id := 256 + i
		n := object(box(1006, 0, s.shapes))
		slides = concat(slides, node(1011, 0, le32(n), le32(0), le32(len(s.outline)), le32(id), le32(0)))
		for _, text := range s.outline {
			slides = concat(slides, node(3999, 0, le32(0)), wideText(text))
		}
		if s.notes != "" {
			n := object(box(1008, 0, node(1009, 1, le32(id), le32(0)), shape(byteText(s.notes))))
			notes = concat(notes, node(1011, 0, le32(n), le32(0), le32(0), le32(512+i), le32(0)))
		}
	}
	document := object(box(1000, 0, node(1001, 1, make([]byte, 40)),
		box(4080, 1, node(1011, 0, make([]byte, 20)), node(3999, 0, le32(0)), wideText("Click to edit the master")),
		box(4080, 0, slides), box(4080, 2, notes), node(1002, 0)))
	list := len(main)
	index := le32(1 | len(places)<<20)
	for _, at := range places {
		index = concat(index, le32(at))
	}
	main = append(main, node(6002, 0, index)...)
	edit := len(main)
	last := concat(le32(0), le32(3), le32(0), le32(list), le32(document), le32(len(places)), le32(0))
	if f.session > 0 {
		last = concat(last, le32(f.session))
	}
	main = append(main, node(4085, 0, last)...)
	if f.lost {
		main = main[:list]
	}
	token := uint32(0xE391C05F)
	if f.locked {
		token = 0xF3D1C4DF
	}
	user := node(4086, 0, le32(20), words([]uint32{token}), le32(edit), make([]byte, 8))
	return []stream{{name: "Current User", data: user}, {name: "PowerPoint Document", data: main}, summary(f.props...)}
}

func (f showFile) bytes() []byte { return pack(f.streams()...) }
