package pdf_test

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf16"

	"github.com/docsift/docsift/extract/unseen"
)

// body is what every carrier shows: a letter that is no invoice.
const body = "BT 0 g /F 12 Tf 14 TL 72 760 Td (Dear Sir or Madam,) Tj T* (thank you for your application as a gardener.) Tj T* (We regret to tell you that the post is taken.) Tj ET\n"

// scan draws the picture of a page.
const scan = "q 595 0 0 842 0 0 cm /Scan Do Q\n"

// carrier is a way in which text stands on a page. Where it writes %s, the words come, as in
// (words) Tj.
type carrier struct {
	name    string
	content string
	form    string // the content of the forms
	page    string // further entries of the page
	kind    unseen.Kind
}

// write returns a document that carries words. Their letters look like Latin ones, and a table
// in their font tells what they say.
func (c carrier) write(words string) write {
	shown, table := encode(words)
	content := strings.ReplaceAll(c.content, "%s", shown)
	form := strings.ReplaceAll(c.form, "%s", shown)
	const inForm = "/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<</Font<</W 11 0 R>>>>"
	return write{
		root: "/OCProperties<</OCGs[15 0 R 16 0 R]/D<</OFF[16 0 R]>>>>",
		pages: []page{{
			has: "/Font<</F 3 0 R/W 11 0 R>>/ExtGState<</G0 13 0 R/GM 14 0 R>>/Properties<</On 15 0 R/Off 16 0 R>>" +
				"/XObject<</Scan 10 0 R/Form 17 0 R/FormOff 18 0 R/White 19 0 R>>/Pattern<</P 20 0 R>>",
			extra: c.page, content: content,
		}},
		objects: []string{
			scanned(),
			"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 12 0 R>>",
			stream("", table),
			"<</Type/ExtGState/ca 0/CA 0>>",
			"<</Type/ExtGState/BM/Multiply>>",
			"<</Type/OCG/Name(on)>>",
			"<</Type/OCG/Name(off)>>",
			stream(inForm, form),
			stream(inForm+"/OC 16 0 R", form),
			stream("/Type/XObject/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray", "\xFF"),
			"<</Type/Pattern/PatternType 2/Shading<</ShadingType 2/ColorSpace/DeviceGray/Coords[0 0 1 0]/Extend[true true]/Function<</FunctionType 2/Domain[0 1]/C0[1]/C1[1]/N 1>>>>>>",
			"<</Type/Annot/Subtype/Square/F 4/Rect[60 590 540 620]/C[1 1 1]/IC[1 1 1]/AP<</N 22 0 R>>>>",
			stream("/Type/XObject/Subtype/Form/BBox[0 0 480 30]", "1 g 0 0 480 30 re f"),
		},
	}
}

// encode returns words as an operator that writes them, and the table that tells what the codes
// mean, which begin at A.
func encode(words string) (shown, table string) {
	codes, b, t := make(map[rune]int), new(strings.Builder), new(strings.Builder)
	for _, r := range words {
		if r == ' ' {
			b.WriteString("20")
			continue
		}
		if codes[r] == 0 {
			codes[r] = 'A' + len(codes)
			fmt.Fprintf(t, "1 beginbfchar\n<%02X> <%s>\nendbfchar\n", codes[r], inHex(r))
		}
		fmt.Fprintf(b, "%02X", codes[r])
	}
	return "<" + b.String() + "> Tj", "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n/CMapName /X def\n" +
		"1 begincodespacerange\n<00> <FF>\nendcodespacerange\n1 beginbfchar\n<20> <0020>\nendbfchar\n" + t.String() + "endcmap end end"
}

// inHex writes a rune as such a table does.
func inHex(r rune) (s string) {
	for _, u := range utf16.Encode([]rune{r}) {
		s += fmt.Sprintf("%04X", u)
	}
	return s
}

// scanned returns the picture of a page with print from 600 to 700 points above its foot.
func scanned() string {
	const w, h = 595, 842
	pixels := bytes.Repeat([]byte{0xFF}, w*h)
	for y := h - 700; y < h-600; y++ {
		for x := 70; x < 540; x++ {
			if y%14 < 9 && x%3 == 0 {
				pixels[y*w+x] = 0
			}
		}
	}
	return stream(fmt.Sprintf("/Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent 8/ColorSpace/DeviceGray", w, h), string(pixels))
}

// hiding are ways to hide words.
func hiding() []carrier {
	const at = "BT /W 8 Tf 72 600 Td "
	wrap := func(name, content string, kind unseen.Kind) carrier {
		return carrier{name: name, content: body + content, kind: kind}
	}
	return []carrier{
		wrap("white on white", at+"1 g %s ET", unseen.SameColour),
		wrap("nearly white on white", at+"0.985 0.99 0.98 rg %s ET", unseen.SameColour),
		wrap("white of four inks", at+"0 0 0 0 k %s ET", unseen.SameColour),
		wrap("white outlines", at+"1 G 1 Tr %s ET", unseen.SameColour),
		wrap("a white pattern", "/Pattern cs /P scn "+at+"%s ET", unseen.SameColour),
		wrap("black on black", "0 g 60 590 480 30 re f "+at+"%s ET", unseen.SameColour),
		wrap("blue on blue", "0 0 0.5 rg 60 590 480 30 re f "+at+"0 0 0.52 rg %s ET", unseen.SameColour),
		wrap("white on a white picture", "q 480 0 0 30 60 590 cm /White Do Q "+at+"1 g %s ET", unseen.SameColour),
		wrap("white multiplied", "/GM gs "+at+"1 g %s ET", unseen.Transparent),
		wrap("not drawn", at+"3 Tr %s ET", unseen.NotDrawn),
		wrap("nothing but a clip", "q "+at+"7 Tr %s ET Q", unseen.NotDrawn),
		wrap("one point high", "BT /W 1 Tf 72 600 Td %s ET", unseen.Tiny),
		wrap("shrunk to one point", "q 0.05 0 0 0.05 72 600 cm BT /W 20 Tf %s ET Q", unseen.Tiny),
		wrap("shrunk by the text's matrix", "BT /W 12 Tf 0.1 0 0 0.1 72 600 Tm %s ET", unseen.Tiny),
		wrap("left of the page", "BT /W 8 Tf -2000 600 Td %s ET", unseen.OffPage),
		wrap("below the page", "BT /W 8 Tf 72 -300 Td %s ET", unseen.OffPage),
		wrap("mostly right of the page", "BT /W 8 Tf 550 600 Td %s ET", unseen.OffPage),
		wrap("all but the first letters covered", at+"%s ET 1 g 80 590 515 30 re f", unseen.Covered),
		{name: "outside of what is cut out of the page", content: body + "BT /W 8 Tf 72 20 Td %s ET", page: "/CropBox[0 100 595 842]", kind: unseen.OffPage},
		wrap("clipped away", "q 10 10 20 20 re W n "+at+"%s ET Q", unseen.OffPage),
		wrap("clipped to a sliver", "q 60 600 480 0.4 re W n "+at+"%s ET Q", unseen.OffPage),
		wrap("clipped to nothing by two shapes", "q 60 500 480 50 re W n 60 590 480 50 re W n "+at+"%s ET Q", unseen.OffPage),
		wrap("transparent", "q /G0 gs "+at+"%s ET Q", unseen.Transparent),
		wrap("covered by a white shape", at+"%s ET 1 g 60 590 480 30 re f", unseen.Covered),
		wrap("covered by a black shape", at+"%s ET 0 g 60 590 480 30 re f", unseen.Covered),
		wrap("covered by a picture", at+"%s ET q 480 0 0 30 60 590 cm /White Do Q", unseen.Covered),
		{name: "covered by an annotation", content: body + at + "%s ET", page: "/Annots[21 0 R]", kind: unseen.Covered},
		wrap("on a layer that is off", "/OC /Off BDC "+at+"%s ET EMC", unseen.NotDrawn),
		{name: "white in a form", content: body + "/Form Do", form: at + "1 g %s ET", kind: unseen.SameColour},
		{name: "in a form that is clipped away", content: body + "q 10 10 20 20 re W n /Form Do Q", form: at + "%s ET", kind: unseen.NotDrawn},
		{name: "in a form that is off", content: body + "/FormOff Do", form: at + "%s ET", kind: unseen.NotDrawn},
		{name: "in a form that is shrunk", content: body + "q 0.1 0 0 0.1 72 600 cm /Form Do Q", form: at + "%s ET", kind: unseen.Tiny},
		{name: "white on a page that is turned", content: body + at + "1 g %s ET", page: "/Rotate 90", kind: unseen.SameColour},
		{name: "unseen over the blank part of a scan", content: scan + body + "BT /W 8 Tf 72 300 Td 3 Tr %s ET", kind: unseen.NotDrawn},
		{name: "under the blank part of a scan", content: "BT /W 8 Tf 72 300 Td 0 g %s ET " + scan + body, kind: unseen.Covered},
	}
}

// showing are ways to show words that are near to one of hiding them.
func showing() []carrier {
	const at = "BT /W 8 Tf 72 620 Td "
	return []carrier{
		{name: "white on black", content: body + "0 g 60 610 480 30 re f " + at + "1 g %s ET"},
		{name: "white on a dark form", content: body + "/Form Do", form: "0 0 0.6 rg 60 610 480 30 re f " + at + "1 g %s ET"},
		{name: "a pale watermark", content: body + "BT /W 9 Tf 72 500 Td 0.88 g %s ET"},
		{name: "a half transparent colour", content: body + "q /GM gs " + at + "0.5 g %s ET Q"},
		{name: "small print", content: body + "BT /W 4 Tf 72 620 Td %s ET"},
		{name: "a matrix that enlarges", content: body + "BT /W 1 Tf 8 0 0 8 72 620 Tm %s ET"},
		{name: "on a layer that is on", content: body + "/OC /On BDC " + at + "%s ET EMC"},
		{name: "in a form", content: body + "/Form Do", form: at + "%s ET"},
		{name: "inside of a clip", content: body + "q 60 600 480 50 re W n " + at + "%s ET Q"},
		{name: "askew over the edge", content: body + "BT /W 8 Tf 0.7 0.7 -0.7 0.7 490 600 Tm %s ET"},
		{name: "partly off the page", content: body + "BT /W 8 Tf 350 620 Td %s ET"},
		{name: "on a page that is turned", content: body + "0 g 60 610 480 30 re f " + at + "1 g %s ET", page: "/Rotate 270"},
		{name: "twice for a bold face", content: body + "0 g 60 610 480 30 re f " + at + "1 g %s ET BT /W 8 Tf 72.2 620 Td 1 g %s ET"},
		{name: "before a shape around it", content: body + at + "0 g %s ET 1 g 60 550 480 30 re f"},
		{name: "stamped on a scan", content: scan + "BT /W 8 Tf 72 780 Td 0 0 1 rg %s ET"},
		{name: "unseen over the print of a scan", content: scan + at + "3 Tr %s ET"},
		{name: "under the print of a scan", content: at + "%s ET " + scan},
	}
}
