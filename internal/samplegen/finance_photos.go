package main

import (
	"fmt"
	"image"
	"strings"
)

func receipt() doc {
	th := theme{family: mono, size: 9, accent: ink(), paperW: 226, paperH: 520, margin: 14, plainTop: true}
	return doc{title: "Receipt", theme: th, blocks: []block{
		heading{1, "COPPERMOSS", center},
		para{align: center, bold: true, text: "MARKET"},
		para{align: center, text: "48 Lantern Street, Ostermere WM"},
		para{align: center, text: "Tel (555) 555-0117"},
		para{align: center, text: "STORE 0417 REG 03 CASHIER: IMKE"},
		para{align: center, text: "02/24/2026 17:42 TRANS 088213"},
		rule{},
		verbatim(receiptLines()),
		rule{},
		para{align: center, text: "VISIT US AT coppermoss.example.com"},
		para{align: center, text: "RETURNS WITHIN 30 DAYS WITH RECEIPT"},
		para{align: center, bold: true, text: "THANK YOU FOR SHOPPING!"},
		bars{"0417 088213 0224", center},
	}}
}

func receiptLines() []string {
	const cols = 36
	line := func(what, price string) string {
		return what + strings.Repeat(" ", cols-len(what)-len(price)) + price
	}
	items := []struct {
		what  string
		price cents
		taxed bool
	}{
		{"OAT MILK BARISTA 1L   2 @ 3.49", 6_98, false}, {"SOURDOUGH LOAF", 5_25, false},
		{"BANANAS 1.34 LB @ 0.79/LB", 1_06, false}, {"FREE RANGE EGGS DOZEN", 6_49, false},
		{"CHEDDAR MATURE 400G", 8_75, false}, {"TOMATOES VINE 0.92 LB", 3_21, false},
		{"CHICKEN THIGHS 2.1 LB", 13_63, false}, {"BASMATI RICE 5 LB", 11_99, false},
		{"OLIVE OIL 750ML", 14_49, false}, {"DISH SOAP LEMON", 4_59, true},
		{"PAPER TOWELS 6PK", 9_99, true}, {"AA BATTERIES 8PK", 7_29, true},
	}
	var sub, taxable cents
	var out []string
	for _, it := range items {
		flag := " "
		if it.taxed {
			flag, taxable = "T", taxable+it.price
		}
		sub += it.price
		out = append(out, line(it.what, it.price.String()+flag))
	}
	tax := taxable.share(75)
	return append(out, "",
		line("SUBTOTAL", sub.String()+" "), line("SALES TAX 7.5%", tax.String()+" "),
		line("TOTAL", total(sub, tax).dollars()+" "), "",
		line("DEBIT CARD ************0417", total(sub, tax).String()+" "), line("CHANGE DUE", "0.00 "),
		"AUTH 004170  REF 000000417", fmt.Sprintf("ITEMS SOLD: %d", len(items)+1))
}

// receiptPhoto is the till receipt photographed on a table.
func receiptPhoto() ([]byte, error) {
	paper, err := renderPage(receipt(), 170)
	if err != nil {
		return nil, err
	}
	shade(paper, 30)
	photo := ground(paper.Bounds().Dx()+150, paper.Bounds().Dy()+130, rgb{104, 78, 58})
	shadow := ground(paper.Bounds().Dx()+8, paper.Bounds().Dy()+8, rgb{62, 46, 34})
	tilt(photo, shadow, 2300)
	tilt(photo, paper, 2100)
	shade(photo, 70)
	grain(photo, 417, 7)
	return encodeJPEG(photo, 62)
}

// licensePhoto is a specimen licence card photographed on a desk.
func licensePhoto() ([]byte, error) {
	c := newRaster(342, 216, 170)
	c.newPage()
	drawLicense(c)
	if c.err != nil {
		return nil, c.err
	}
	card := c.page()
	desk := ground(card.Bounds().Dx()+110, card.Bounds().Dy()+110, rgb{66, 72, 78})
	shadow := ground(card.Bounds().Dx()+10, card.Bounds().Dy()+10, rgb{40, 44, 48})
	tilt(desk, shadow, -1400)
	tilt(desk, card, -1300)
	shade(desk, 48)
	return encodePNG(desk)
}

func drawLicense(c *rasterCanvas) {
	blue := rgb{24, 62, 118}
	c.fill(0, 0, 342, 216, rgb{226, 236, 244})
	for i := range 18 {
		y := 44 + float64(i)*10
		c.line(0, y, 342, y-24, 0.5, rgb{206, 222, 236})
	}
	c.fill(0, 0, 342, 34, blue)
	white := rgb{255, 255, 255}
	c.text(12, 16, face{bold: true, size: 14, color: white}, "WESTMARK")
	c.text(12, 28, face{size: 8, color: white}, "Department of Motor Vehicles")
	c.text(212, 22, face{bold: true, size: 13, color: white}, "DRIVER LICENSE")
	portrait(c, 14, 46, 92, 116)
	c.text(18, 180, face{italic: true, size: 13, color: rgb{30, 34, 80}}, "O. Fennimore")
	c.line(14, 184, 106, 184, 0.5, ink())
	labels := [][3]string{
		{"4d", "DL", "SPECIMEN-000417"}, {"3", "DOB", "04/17/1990"}, {"4b", "EXP", "04/17/2031"},
		{"1", "LN", "FENNIMORE"}, {"2", "FN", "ODALYS M"}, {"8", "ADD", "31 KETTLEBROOK LANE"}, {"", "", "OSTERMERE, WM 00418"},
		{"9", "CLASS", "C"}, {"12", "RESTR", "NONE"}, {"9a", "END", "NONE"},
	}
	for i, l := range labels {
		y := 53 + float64(i)*13.2
		c.text(116, y, face{size: 6, color: faint()}, l[0])
		c.text(127, y, face{size: 8, color: blue}, l[1])
		value := face{bold: true, size: 9.5, color: ink()}
		c.text(162, y, value, l[2])
	}
	side := [][2]string{{"15 SEX", "F"}, {"16 HGT", "5'-07\""}, {"18 EYES", "BRN"}, {"4a ISS", "03/02/2026"}}
	for i, l := range side {
		x := 116 + float64(i)*56
		c.text(x, 186, face{size: 6.5, color: blue}, l[0])
		c.text(x, 197, face{bold: true, size: 8.5, color: ink()}, l[1])
	}
	c.text(14, 207, face{size: 6.5, color: faint()}, "5 DD 000000000000417 WM 26")
	portrait(c, 290, 118, 38, 48)
	c.text(252, 76, face{bold: true, size: 14, color: rgb{196, 60, 60}}, "SPECIMEN")
}

// portrait is a placeholder of plain shapes in a frame.
func portrait(c *rasterCanvas, x, y, w, h float64) {
	c.fill(x, y, w, h, rgb{186, 202, 214})
	disc(c.page(), c.px(x+w*0.5), c.px(y+h*1.04), c.px(w*0.42), rgb{70, 88, 112}, c.px(y+h))
	disc(c.page(), c.px(x+w*0.5), c.px(y+h*0.36), c.px(w*0.29), rgb{62, 46, 40}, c.px(y+h))
	disc(c.page(), c.px(x+w*0.5), c.px(y+h*0.44), c.px(w*0.23), rgb{214, 178, 152}, c.px(y+h))
}

// disc fills a circle above the row floor.
func disc(img *image.RGBA, cx, cy, r int, c rgb, floor int) {
	for y := cy - r; y <= min(cy+r, floor-1); y++ {
		for x := cx - r; x <= cx+r; x++ {
			if (x-cx)*(x-cx)+(y-cy)*(y-cy) <= r*r {
				img.Set(x, y, uniform(c).At(0, 0))
			}
		}
	}
}
