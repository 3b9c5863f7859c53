package office_test

import (
	"strings"
	"testing"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract/office"
)

// The same letter, price list and talk, as the programs of both families write them.
const (
	letterText = "Harbour Bank\n" +
		"Statement of account\n" +
		"Account holder:\tAnn Example\n" +
		"Closing balance at noon: 42.10\n" +
		"Date\tText\tAmount\n" +
		"1 May\tOpening\t12.00\n" +
		"3 May\tTea, green\t-2.50\n" +
		"Keep this letter.\n" +
		"Working days count.\n" +
		"Harbour Bank, 1 Quay Street"

	pricesText = "Prices\n" +
		"Article\tPrice\tSince\tTax\tIn stock\n" +
		"Tea\t2.5\t2026-01-01\t7%\tTRUE\n" +
		"Coffee\t3.75\t2026-02-01\t19%\tFALSE\f" +
		"Notes\nOrder by noon"

	talkText = "Harbour walls\nWhy they stand\fWhat they cost\nstone\twork\n120\t80\nAsk the mason.\f"
)

func TestGolden(t *testing.T) {
	tests := []struct {
		typ  document.Type
		in   parts
		want string
	}{
		{document.DOCX, wordLetter(), letterText},
		{document.ODT, openLetter(), letterText},
		{document.XLSX, priceList(), pricesText},
		{document.ODS, openPriceList(), pricesText},
		{document.PPTX, talk(), talkText},
		{document.ODP, openTalk(), talkText},
	}
	for _, tt := range tests {
		t.Run(string(tt.typ), func(t *testing.T) {
			c := read(t, tt.typ, tt.in, office.Options{})
			if got := c.Text(); got != tt.want {
				t.Errorf("text\n%q, want\n%q", got, tt.want)
			}
			for i, p := range c.Pages {
				if p.Number != i+1 || p.OCR {
					t.Errorf("page %d is number %d, OCR %v", i+1, p.Number, p.OCR)
				}
			}
		})
	}
}

func wordLetter() parts {
	row := func(cells ...string) string {
		return `<w:tr><w:tc><w:tcPr/>` + strings.Join(cells, `</w:tc><w:tc>`) + `</w:tc></w:tr>`
	}
	p := word(`<w:p><w:pPr><w:pStyle w:val="Title"/></w:pPr><w:r><w:t>Statement of account</w:t></w:r></w:p>` +
		`<w:p><w:r><w:t>Account holder:</w:t><w:tab/></w:r><w:sdt><w:sdtContent><w:r><w:t>Ann Example</w:t></w:r></w:sdtContent></w:sdt></w:p>` +
		`<w:p><w:r><w:t xml:space="preserve">Closing balance </w:t></w:r><w:del><w:r><w:delText>last night</w:delText></w:r></w:del><w:ins><w:r><w:t>at noon</w:t></w:r></w:ins>` +
		`<w:r><w:t>: 42.10</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r></w:p>` +
		`<w:tbl>` + row(para("Date"), para("Text"), para("Amount")) + row(para("1 May"), para("Opening"), para("12.00")) + row(para("3 May"), para("Tea,")+para("green"), para("-2.50")) + `</w:tbl>` +
		`<w:p><w:r><mc:AlternateContent><mc:Choice><w:drawing><a:off x="914400"/><w:txbxContent>` + para("Keep this letter.") + `</w:txbxContent></w:drawing></mc:Choice>` +
		`<mc:Fallback><w:pict><w:txbxContent>` + para("Keep this letter.") + `</w:txbxContent></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>`)
	p["word/_rels/document.xml.rels"] = `<Relationships><Relationship Id="1" Type="http://x/header" Target="header1.xml"/>` +
		`<Relationship Id="2" Type="http://x/footer" Target="footer1.xml"/><Relationship Id="3" Type="http://x/footnotes" Target="footnotes.xml"/></Relationships>`
	p["word/header1.xml"] = string(document1(para("Harbour Bank")))
	p["word/footer1.xml"] = string(document1(para("Harbour Bank, 1 Quay Street")))
	p["word/footnotes.xml"] = string(document1(`<w:footnote>` + para("Working days count.") + `</w:footnote>`))
	return p
}

func openLetter() parts {
	row := func(cells ...string) string {
		return `<table:table-row><table:table-cell>` + strings.Join(cells, `</table:table-cell><table:table-cell>`) + `</table:table-cell></table:table-row>`
	}
	p := open("text", `<text:tracked-changes><text:changed-region><text:deletion>`+line("last night")+`</text:deletion></text:changed-region></text:tracked-changes>`+
		`<text:h text:outline-level="1">Statement of account</text:h>`+
		line(`Account holder:<text:tab/><text:placeholder>Ann Example</text:placeholder>`)+
		line(`Closing balance <text:span>at noon</text:span>:<text:s text:c="3"/>42.10<text:note><text:note-citation>1</text:note-citation><text:note-body>`+line("Working days count.")+`</text:note-body></text:note>`)+
		tableOf("T", `<table:table-column table:number-columns-repeated="3"/><table:table-header-rows>`+row(line("Date"), line("Text"), line("Amount"))+`</table:table-header-rows>`+
			row(line("1 May"), line("Opening"), line("12.00"))+row(line("3 May"), line("Tea,")+line("green"), line("-2.50")))+
		line(`<draw:frame><draw:text-box>`+line("Keep this letter.")+`</draw:text-box></draw:frame>`))
	p["styles.xml"] = masters(`<style:header>` + line("Harbour Bank") + `</style:header><style:footer>` + line("Harbour Bank, 1 Quay Street") + `</style:footer>`)
	return p
}

func priceList() parts {
	text := func(s string) string { return `<c t="inlineStr"><is><t>` + s + `</t></is></c>` }
	p := book(`<row>` + text("Article") + text("Price") + text("Since") + text("Tax") + text("In stock") + `</row>` +
		`<row><c t="s"><v>0</v></c><c s="5"><v>2.5</v></c><c s="1"><v>46023</v></c><c s="4"><v>0.07</v></c><c t="b"><v>1</v></c></row>` +
		`<row><c t="str"><f>A9</f><v>Coffee</v></c><c s="5"><v>3.75</v></c><c s="1"><v>46054</v></c><c s="4"><v>0.19</v></c><c t="b"><v>0</v></c></row>`)
	p["xl/workbook.xml"] = `<workbook xmlns:r="r"><sheets><sheet name="Prices" r:id="r1"/><sheet name="Margins" state="hidden" r:id="r1"/><sheet name="Notes" r:id="r4"/></sheets></workbook>`
	p["xl/worksheets/sheet2.xml"] = `<worksheet><sheetData><row>` + text("Order by noon") + `</row></sheetData></worksheet>`
	return p
}

func openPriceList() parts {
	row := func(cells ...string) string {
		return `<table:table-row>` + strings.Join(cells, "") + `<table:table-cell table:number-columns-repeated="1019"/></table:table-row>`
	}
	cell := func(attrs, shown string) string {
		return `<table:table-cell ` + attrs + `>` + line(shown) + `</table:table-cell>`
	}
	var head []string
	for _, s := range []string{"Article", "Price", "Since", "Tax", "In stock"} {
		head = append(head, cell(`office:value-type="string"`, s))
	}
	tea := row(cell("", "Tea"), cell(`office:value-type="float" office:value="2.5000001"`, "2.5"), cell(`office:value-type="date" office:date-value="2026-01-01"`, "2026-01-01"),
		cell(`office:value-type="percentage" office:value="0.07"`, "7%"), cell(`office:value-type="boolean" office:boolean-value="true"`, "TRUE"))
	coffee := row(cell("", "Coffee"), `<table:table-cell office:value-type="float" office:value="3.75"/>`, `<table:table-cell office:value-type="date" office:date-value="2026-02-01"/>`,
		`<table:table-cell office:value-type="percentage" office:value="0.19"/>`, `<table:table-cell office:value-type="boolean" office:boolean-value="false"/>`)
	hidden := strings.Replace(tableOf("Margins", row(cell("", "secret"))), "<table:table ", `<table:table table:style-name="S" `, 1)
	return open("spreadsheet", tableOf("Prices", row(head...)+tea+coffee+`<table:table-row table:number-rows-repeated="1048573"><table:table-cell/></table:table-row>`)+
		hidden+tableOf("Notes", row(cell("", "Order by noon"))))
}

func talk() parts {
	cell := func(s string) string {
		return `<a:tc><a:txBody><a:p><a:r><a:t>` + s + `</a:t></a:r></a:p></a:txBody></a:tc>`
	}
	table := `<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="5" name="Table"/></p:nvGraphicFramePr><a:graphic><a:graphicData><a:tbl>` +
		`<a:tr>` + cell("stone") + cell("work") + `</a:tr><a:tr>` + cell("120") + cell("80") + `</a:tr></a:tbl></a:graphicData></a:graphic></p:graphicFrame>`
	p := deck(shape("Harbour walls")+shape("Why they stand"), shape("What they cost")+table, "")
	p["ppt/slides/_rels/slide2.xml.rels"] = `<Relationships><Relationship Id="1" Type="http://x/notesSlide" Target="../notesSlides/notesSlide1.xml"/></Relationships>`
	p["ppt/notesSlides/notesSlide1.xml"] = slide(shape("Ask the mason.") + `<p:sp><p:txBody><a:p><a:fld type="slidenum"><a:t>2</a:t></a:fld></a:p></p:txBody></p:sp>`)
	return p
}

func openTalk() parts {
	frame := func(s string) string {
		return `<draw:frame><draw:text-box>` + line(s) + `</draw:text-box></draw:frame>`
	}
	row := func(a, b string) string {
		return `<table:table-row><table:table-cell>` + line(a) + `</table:table-cell><table:table-cell>` + line(b) + `</table:table-cell></table:table-row>`
	}
	page := func(s string) string {
		return `<draw:page draw:name="p">` + s + `</draw:page>`
	}
	return open("presentation", page(frame("Harbour walls")+frame("Why they stand"))+
		page(frame("What they cost")+`<draw:frame>`+tableOf("T", row("stone", "work")+row("120", "80"))+`</draw:frame>`+
			`<presentation:notes>`+frame("Ask the mason.")+frame(`<text:page-number>&lt;number&gt;</text:page-number>`)+`</presentation:notes>`)+
		page(""))
}
