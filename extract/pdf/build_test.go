package pdf_test

import (
	"bytes"
	"cmp"
	"compress/zlib"
	"fmt"
	"strings"
	"testing"

	"github.com/docsift/docsift/document"
)

// page describes a page of a document that a test writes.
type page struct {
	box     string // "0 0 595 842" when empty
	extra   string // further entries of its dictionary
	has     string // resources; a font F and an object X when empty
	content string
}

// say returns a page that says the lines.
func say(lines ...string) page {
	var b strings.Builder
	b.WriteString("BT /F 12 Tf 14 TL 72 720 Td\n")
	for _, l := range lines {
		fmt.Fprintf(&b, "(%s) Tj T*\n", l)
	}
	b.WriteString("ET")
	return page{content: b.String()}
}

// write returns a PDF of the pages. Objects of the test follow from number 10; root goes into
// the catalog, trailer into the trailer.
type write struct {
	pages   []page
	objects []string
	root    string
	trailer string
}

func (w write) bytes() []byte {
	objects := map[int]string{
		3: "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
	}
	var kids strings.Builder
	for i, p := range w.pages {
		n := 1000 + 2*i
		fmt.Fprintf(&kids, "%d 0 R ", n)
		box := p.box
		if box == "" {
			box = "0 0 595 842"
		}
		objects[n] = fmt.Sprintf("<</Type/Page/Parent 2 0 R/MediaBox[%s]/Contents %d 0 R/Resources<<%s>>%s>>", box, n+1, cmp.Or(p.has, "/Font<</F 3 0 R>>/XObject<</X 10 0 R>>"), p.extra)
		objects[n+1] = stream("", p.content)
	}
	for i, o := range w.objects {
		objects[10+i] = o
	}
	objects[1] = "<</Type/Catalog/Pages 2 0 R" + w.root + ">>"
	objects[2] = fmt.Sprintf("<</Type/Pages/Kids[%s]/Count %d>>", kids.String(), len(w.pages))
	return assemble(objects, w.trailer)
}

func assemble(objects map[int]string, trailer string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	var xref strings.Builder
	xref.WriteString("xref\n0 1\n0000000000 65535 f \n")
	for n := range 2000 {
		if o, ok := objects[n]; ok {
			fmt.Fprintf(&xref, "%d 1\n%010d 00000 n \n", n, b.Len())
			fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", n, o)
		}
	}
	start := b.Len()
	fmt.Fprintf(&b, "%strailer\n<</Size 2000/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n", xref.String(), trailer, start)
	return b.Bytes()
}

func stream(dict, data string) string {
	return fmt.Sprintf("<<%s/Length %d>>\nstream\n%s\nendstream", dict, len(data), data)
}

// good is a document in order.
func good() []byte { return write{pages: []page{say("Invoice No. 42", "Total due: 19.80")}}.bytes() }

// bomb is a small document whose page unpacks to size bytes.
func bomb(t testing.TB, size int) []byte {
	t.Helper()
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	if _, err := z.Write(bytes.Repeat([]byte("BT (x) Tj ET\n"), size/13)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	w := write{pages: []page{{extra: "/Contents 11 0 R"}}, objects: []string{"null", stream("/Filter/FlateDecode", packed.String())}}
	return w.bytes()
}

// laughs is a small document whose page draws a form that draws a form ten times, and so
// on for depth levels.
func laughs(depth int) []byte {
	const form = "/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<</Font<</F 3 0 R>>/XObject<</X %d 0 R>>>>"
	var objects []string
	for i := range depth {
		objects = append(objects, stream(fmt.Sprintf(form, 11+i), strings.Repeat("/X Do ", 10)))
	}
	objects = append(objects, stream(fmt.Sprintf(form, 3), "BT /F 9 Tf 9 9 Td (ha) Tj ET"))
	return write{pages: []page{{content: "/X Do"}}, objects: objects}.bytes()
}

func open(t testing.TB, b []byte) *document.Document {
	t.Helper()
	d, err := document.Read(bytes.NewReader(b), "test.pdf", document.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if d.Type != document.PDF {
		t.Fatalf("type %s", d.Type)
	}
	return d
}
