package main

import "fmt"

func financeSamples() []sample {
	return []sample{
		{"finance/invoice-quillmoor-print.pdf", asPDF(invoice)},
		{"finance/bank_statement-brindlewick-february.pdf", asPDF(bankStatement)},
		{"finance/bank_statement-export.csv", bankExport},
		{"finance/credit_card_statement-tarnbeck.pdf", asPDF(cardStatement)},
		{"finance/receipt-coppermoss-market.jpg", receiptPhoto},
		{"finance/tax_document-wage-statement.pdf", asPDF(taxForm)},
		{"finance/payroll_document-february.xlsx", payrollRegister},
		{"finance/expense_report-site-visit.xlsx", expenseReport},
		{"finance/drivers_license-specimen.png", licensePhoto},
	}
}

// invoiceLine is one thing sold; the amount is quantity times price.
type invoiceLine struct {
	what  string
	qty   int
	price cents
}

func (l invoiceLine) amount() cents { return l.price * cents(l.qty) }

func invoiceLines() []invoiceLine {
	return []invoiceLine{
		{"Annual report 2025, 48 pages, 150 gsm silk, saddle stitched", 600, 4_15},
		{"Cover finishing: matt lamination, spot varnish", 600, 38},
		{"Typesetting and proofing, per hour", 14, 72_00},
		{"Presentation folder, A4, two pockets", 250, 1_62},
		{"Letterhead, 120 gsm laid, two colours (box of 500)", 4, 58_50},
		{"Courier delivery, three pallets, tail lift", 1, 135_00},
	}
}

func invoice() doc {
	var sub cents
	var rows [][]string
	for i, l := range invoiceLines() {
		sub += l.amount()
		rows = append(rows, []string{fmt.Sprint(i + 1), l.what, fmt.Sprint(l.qty), l.price.String(), l.amount().String()})
	}
	tax := sub.share(75)
	return doc{
		title:  "Invoice QM-20417",
		theme:  letterPaper(sans, rgb{24, 92, 110}),
		footer: "Quillmoor Paper & Print Ltd \u00b7 Tax ID 00-0004170 \u00b7 Thank you for your business",
		blocks: []block{
			letterhead{name: "Quillmoor Paper & Print", tag: "INVOICE", sub: "No. QM-20417",
				lines: []string{"Unit 7, Pellwick Yard, Ostermere, WM 00417", "(555) 555-0142 \u00b7 accounts@quillmoor.example.com"}},
			columns{
				left: []block{para{small: true, text: "BILL TO"}, para{bold: true, text: "Harrowgale Foundation"},
					verbatim{"Attn: Accounts Payable", "22 Linden Parade, Suite 310", "Ostermere, WM 00421"}},
				right: []block{fields{cols: 1, items: []field{
					{"Invoice number", "QM-20417", 1}, {"Invoice date", "February 12, 2026", 1},
					{"Due date", "March 14, 2026", 1}, {"Payment terms", "Net 30 days", 1},
					{"Purchase order", "HF-PO-0388", 1}, {"Customer number", "C-01127", 1}}}},
			},
			space(10),
			table{cols: []col{{"#", 5, left}, {"Description", 52, left}, {"Qty", 9, right}, {"Unit price", 15, right}, {"Amount (USD)", 19, right}},
				rows: rows,
				foot: [][]string{
					{"", "", "", "Subtotal", sub.String()},
					{"", "", "", "Sales tax 7.5%", tax.String()},
					{"", "", "", "Total due", total(sub, tax).dollars()}}},
			note{"Payment.", "Please remit " + total(sub, tax).dollars() + " by March 14, 2026 and quote invoice QM-20417. " +
				"Brindlewick Savings Bank, routing number 000000000, account 0000 0417 0000."},
			para{small: true, text: "Invoices unpaid after the due date bear interest at 1.0% per month. Goods remain the property of Quillmoor Paper & Print Ltd " +
				"until paid in full. Claims for shortage or damage must reach us within seven days of delivery."},
		},
	}
}

func taxForm() doc {
	th := letterPaper(sans, rgb{120, 28, 28})
	th.size = 9.5
	return doc{
		title:  "Form WS-4 Wage and Tax Statement 2025",
		theme:  th,
		footer: "Form WS-4 (2025) \u00b7 Westmark Department of Revenue \u00b7 Copy B: to be filed with employee's income tax return",
		blocks: []block{
			columns{
				left:  []block{heading{1, "Form WS-4", left}, para{bold: true, text: "Wage and Tax Statement"}},
				right: []block{heading{1, "Tax Year 2025", right}, para{align: right, text: "Westmark Department of Revenue"}},
			},
			para{small: true, text: "This information is being furnished to the Department of Revenue. If you are required to file a tax return, " +
				"a penalty may be imposed on you if this income is taxable and you fail to report it."},
			fields{cols: 4, boxed: true, items: []field{
				{"a  Employee's social security number", "000-00-0417", 2}, {"b  Employer identification number (EIN)", "00-0004170", 2},
				{"c  Employer's name, address and ZIP code", "Tarnbeck Joinery Works Inc, 9 Sawpit Road, Ostermere, WM 00419", 2},
				{"1  Wages, tips, other compensation", "58,240.00", 1}, {"2  Income tax withheld", "6,406.40", 1},
				{"d  Control number", "WS-0417-25", 2}, {"3  Social security wages", "61,152.00", 1}, {"4  Social security tax withheld", "3,791.42", 1},
				{"e  Employee's first name, initial and last name", "Odalys M. Fennimore", 2}, {"5  Medicare wages and tips", "61,152.00", 1}, {"6  Medicare tax withheld", "886.70", 1},
				{"f  Employee's address and ZIP code", "31 Kettlebrook Lane, Ostermere, WM 00418", 2}, {"7  Social security tips", "0.00", 1}, {"8  Allocated tips", "0.00", 1},
				{"10  Dependent care benefits", "0.00", 1}, {"11  Nonqualified plans", "0.00", 1}, {"12a  Code D: elective deferrals", "2,912.00", 1}, {"12b  Code DD: health coverage", "7,380.00", 1},
				{"15  State / employer's state ID", "WM  00-417000", 1}, {"16  State wages", "58,240.00", 1}, {"17  State income tax", "2,329.60", 1}, {"18  Local wages", "0.00", 1},
			}},
			checks{label: "13", items: []check{{"Statutory employee", false}, {"Retirement plan", true}, {"Third-party sick pay", false}}},
			heading{2, "Summary of withholding for tax year 2025", left},
			table{grid: true, cols: []col{{"Tax", 40, left}, {"Taxable base", 22, right}, {"Rate", 14, right}, {"Withheld", 22, right}},
				rows: [][]string{
					{"Income tax (box 2)", "58,240.00", "11.00%", "6,406.40"},
					{"Social security tax (box 4)", "61,152.00", "6.20%", "3,791.42"},
					{"Medicare tax (box 6)", "61,152.00", "1.45%", "886.70"},
					{"State income tax (box 17)", "58,240.00", "4.00%", "2,329.60"}},
				foot: [][]string{{"Total tax withheld", "", "", total(6406_40, 3791_42, 886_70, 2329_60).String()}}},
			heading{2, "Notice to employee", left},
			list{items: []string{
				"Enter the amount in box 1 on the wages line of your tax return.",
				"Box 2 is the income tax withheld; enter it on the line for tax payments.",
				"Box 12a, code D: elective deferrals to a retirement plan (2,912.00), which are included in boxes 3 and 5 but not in box 1.",
				"If your name, social security number or address is wrong, ask your employer for a corrected statement, Form WS-4c.",
				"Keep Copy C of this form for at least three years after the due date for filing your income tax return.",
			}},
			para{small: true, text: "SPECIMEN. Form WS-4 and the Westmark Department of Revenue are invented for demonstration."},
		},
	}
}
