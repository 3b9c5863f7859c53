package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"
	"time"
)

// entry is one booking on an account; a negative amount leaves it.
type entry struct {
	day    int // of February 2026
	what   string
	amount cents
}

func (e entry) date(layout string) string {
	return time.Date(2026, time.February, e.day, 0, 0, 0, 0, time.UTC).Format(layout)
}

const openingBalance cents = 4218_36

func bankEntries() []entry {
	return []entry{
		{2, "ACH DEBIT OSTERMERE PROPERTY MGMT RENT FEB", -1450_00},
		{2, "POS PURCHASE COPPERMOSS MARKET 0417", -63_48},
		{3, "POS PURCHASE LANTERN STREET COFFEE", -5_75},
		{4, "ONLINE TRANSFER TO SAVINGS ...0093", -300_00},
		{5, "ACH DEBIT WESTMARK POWER & LIGHT", -118_92},
		{6, "POS PURCHASE FIELDGATE FUEL 12", -41_07},
		{6, "DIRECT DEPOSIT TARNBECK JOINERY PAYROLL", 1724_08},
		{9, "POS PURCHASE COPPERMOSS MARKET 0417", -88_15},
		{9, "CHECK 1042", -220_00},
		{10, "ACH DEBIT FENLIGHT BROADBAND", -59_99},
		{11, "ATM WITHDRAWAL KETTLEBROOK BRANCH", -100_00},
		{12, "POS PURCHASE OSTERMERE PHARMACY", -23_60},
		{13, "MOBILE DEPOSIT CHECK 3391", 175_00},
		{13, "ACH DEBIT HARROWGALE MUTUAL AUTO INS", -96_40},
		{16, "POS PURCHASE THISTLEMOOR GARDEN CENTER", -47_31},
		{17, "POS PURCHASE COPPERMOSS MARKET 0417", -71_82},
		{18, "ACH CREDIT WESTMARK DEPT OF REVENUE REFUND", 412_00},
		{18, "POS PURCHASE PENDLEWICK BOOKS", -32_50},
		{19, "POS PURCHASE FIELDGATE FUEL 12", -38_44},
		{20, "DIRECT DEPOSIT TARNBECK JOINERY PAYROLL", 1724_08},
		{20, "ACH DEBIT TARNBECK CARD SERVICES PAYMENT", -500_00},
		{23, "POS PURCHASE LANTERN STREET COFFEE", -11_20},
		{23, "CHECK 1043", -85_00},
		{24, "POS PURCHASE COPPERMOSS MARKET 0417", -95_36},
		{25, "ACH DEBIT FELLSIDE GYM MEMBERSHIP", -34_00},
		{26, "ATM WITHDRAWAL PELLWICK YARD", -60_00},
		{27, "POS PURCHASE SALT & BARLEY KITCHEN", -54_90},
		{27, "INTEREST PAID", 31},
		{27, "MONTHLY SERVICE FEE WAIVED", 0},
	}
}

// turnover sums what came in and what went out.
func turnover(entries []entry) (in, out cents) {
	for _, e := range entries {
		if e.amount > 0 {
			in += e.amount
		} else {
			out += e.amount
		}
	}
	return in, out
}

func bankStatement() doc {
	in, out := turnover(bankEntries())
	th := letterPaper(sans, rgb{22, 56, 110})
	th.size = 9.5
	return doc{
		title:  "Account statement, February 2026",
		theme:  th,
		footer: "Brindlewick Savings Bank \u00b7 Member of an invented deposit scheme \u00b7 Account ending 0417",
		blocks: []block{
			letterhead{name: "Brindlewick Savings Bank", tag: "Account Statement", sub: "February 1 to February 28, 2026",
				lines: []string{"PO Box 417, Ostermere, WM 00400", "Customer service (555) 555-0100 \u00b7 brindlewick.example.com"}},
			columns{
				left: []block{para{bold: true, text: "ODALYS M FENNIMORE"}, verbatim{"31 Kettlebrook Lane", "Ostermere, WM 00418"}},
				right: []block{fields{cols: 1, items: []field{
					{"Account type", "Everyday Checking", 1}, {"Account number", "0000 0000 0417", 1},
					{"Routing number", "000000000", 1}, {"Statement period", "02/01/2026 - 02/28/2026", 1}}}},
			},
			heading{2, "Account summary", left},
			table{cols: []col{{"Beginning balance", 1, right}, {"Deposits and credits", 1, right}, {"Withdrawals and debits", 1, right}, {"Fees", 1, right}, {"Ending balance", 1, right}},
				rows: [][]string{{openingBalance.dollars(), in.dollars(), out.dollars(), cents(0).dollars(), total(openingBalance, in, out).dollars()}}},
			heading{2, "Transaction history", left},
			bankTable(),
			heading{2, "Checks paid", left},
			table{grid: true, cols: []col{{"Check number", 1, left}, {"Date paid", 1, left}, {"Amount", 1, right}},
				rows: [][]string{{"1042", "02/09/2026", "220.00"}, {"1043", "02/23/2026", "85.00"}},
				foot: [][]string{{"Total checks", "", total(220_00, 85_00).String()}}},
			heading{2, "Interest and overdraft", left},
			table{grid: true, cols: []col{{"Item", 2, left}, {"This period", 1, right}, {"Year to date", 1, right}},
				rows: [][]string{{"Interest paid (APY 0.10%)", "0.31", "0.64"}, {"Overdraft fees", "0.00", "0.00"}, {"Returned item fees", "0.00", "0.00"}}},
			note{"In case of errors or questions about your electronic transfers,", "call us or write to the address above as soon as you can. We must hear from you " +
				"no later than 60 days after we sent the first statement on which the error appeared. Tell us your name, account number, and the amount of the suspected error."},
		},
	}
}

func bankTable() table {
	t := table{cols: []col{{"Date", 12, left}, {"Description", 50, left}, {"Withdrawals", 14, right}, {"Deposits", 13, right}, {"Balance", 14, right}}}
	balance := openingBalance
	t.rows = [][]string{{"02/01/2026", "BEGINNING BALANCE", "", "", balance.String()}}
	for _, e := range bankEntries() {
		balance += e.amount
		out, in := "", ""
		switch {
		case e.amount < 0:
			out = (-e.amount).String()
		case e.amount > 0:
			in = e.amount.String()
		}
		t.rows = append(t.rows, []string{e.date("01/02/2006"), e.what, out, in, balance.String()})
	}
	in, out := turnover(bankEntries())
	t.foot = [][]string{{"02/28/2026", "ENDING BALANCE", (-out).String(), in.String(), balance.String()}}
	return t
}

// bankExport is the same account as a bank's web site exports it.
func bankExport() ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	records := [][]string{
		{"Bank", "Brindlewick Savings Bank"},
		{"Account", "Everyday Checking 0000 0000 0417"},
		{"Account holder", "Odalys M Fennimore"},
		{"Statement period", "2026-02-01 to 2026-02-28"},
		{"Opening balance", openingBalance.String()},
		{"Transaction Date", "Posting Date", "Description", "Type", "Debit", "Credit", "Balance"},
	}
	balance := openingBalance
	for _, e := range bankEntries() {
		balance += e.amount
		records = append(records, exportRow(e, balance))
	}
	records = append(records, []string{"Closing balance", balance.String()})
	if err := w.WriteAll(records); err != nil {
		return nil, fmt.Errorf("write csv: %w", err)
	}
	return b.Bytes(), nil
}

func exportRow(e entry, balance cents) []string {
	date, kind := e.date(time.DateOnly), "CREDIT"
	debit, credit := "", e.amount.String()
	if e.amount < 0 {
		kind, debit, credit = "DEBIT", (-e.amount).String(), ""
	}
	return []string{date, date, e.what, kind, debit, credit, balance.String()}
}

func cardPurchases() []entry {
	return []entry{
		{3, "COPPERMOSS MARKET OSTERMERE WM", 84_12},
		{5, "FIELDGATE FUEL 12 OSTERMERE WM", 39_60},
		{8, "SALT & BARLEY KITCHEN OSTERMERE WM", 61_85},
		{11, "GREYFINCH AIRWAYS 0000417 WEB", 318_40},
		{12, "HOTEL QUAYHAVEN PORT SELWYN", 246_00},
		{15, "OSTERMERE PHARMACY OSTERMERE WM", 17_35},
		{18, "PENDLEWICK BOOKS OSTERMERE WM", 42_90},
		{21, "STREAMLARK MONTHLY 555-555-0166", 14_99},
		{24, "THISTLEMOOR GARDEN CENTER OSTERMERE", 73_26},
	}
}

func cardStatement() doc {
	const previous, payment cents = 912_48, -500_00
	bought, _ := turnover(cardPurchases())
	interest := (previous + payment).share(18)
	owed := total(previous, payment, bought, interest)
	rows := [][]string{{"02/20", "02/20", "PAYMENT RECEIVED - THANK YOU", payment.String()}}
	for _, e := range cardPurchases() {
		rows = append(rows, []string{e.date("01/02"), e.date("01/02"), e.what, e.amount.String()})
	}
	rows = append(rows, []string{"02/27", "02/27", "INTEREST CHARGE ON PURCHASES", interest.String()})
	th := letterPaper(sans, rgb{96, 30, 84})
	th.size = 9.5
	return doc{
		title:  "Credit card statement, February 2026",
		theme:  th,
		footer: "Tarnbeck Card Services \u00b7 Account ending in 4170 \u00b7 Statement closing date 02/27/2026",
		blocks: []block{
			letterhead{name: "Tarnbeck Rewards Card", tag: "Credit Card Statement", sub: "Closing date 02/27/2026",
				lines: []string{"Tarnbeck Card Services, PO Box 880, Ostermere, WM 00400", "24-hour cardmember service (555) 555-0188"}},
			columns{
				left: []block{para{bold: true, text: "LUCAN T ARDENWOOD"}, verbatim{"6 Weir Cottages", "Ostermere, WM 00418"},
					fields{cols: 1, items: []field{{"Account number", strings.Repeat("XXXX ", 3) + "4170", 1}, {"Days in cycle", "28", 1}}}},
				right: []block{fields{cols: 1, boxed: true, items: []field{
					{"New balance", owed.dollars(), 1}, {"Minimum payment due", "$35.00", 1}, {"Payment due date", "03/24/2026", 1}}}},
			},
			note{"Late payment warning:", "If we do not receive your minimum payment by the date listed above, you may have to pay a late fee of up to $39.00 " +
				"and your APRs may be increased up to the penalty APR of 29.99%."},
			columns{
				left: []block{heading{2, "Account summary", left}, fields{cols: 1, labelW: 130, items: []field{
					{"Previous balance", previous.dollars(), 1}, {"Payments and credits", payment.dollars(), 1},
					{"Purchases", "+" + bought.dollars(), 1}, {"Cash advances", "$0.00", 1},
					{"Fees charged", "$0.00", 1}, {"Interest charged", "+" + interest.dollars(), 1}, {"New balance", owed.dollars(), 1}}}},
				right: []block{heading{2, "Credit line", left}, fields{cols: 1, labelW: 150, items: []field{
					{"Credit limit", "$6,000.00", 1}, {"Available credit", (6000_00 - owed).dollars(), 1},
					{"Cash advance limit", "$1,200.00", 1}, {"Reward points earned", fmt.Sprint(int64(bought / 100)), 1}}}},
			},
			heading{2, "Transactions", left},
			table{cols: []col{{"Trans", 10, left}, {"Post", 10, left}, {"Description of transaction", 60, left}, {"Amount", 20, right}},
				rows: rows, foot: [][]string{{"", "", "Total new charges", total(bought, interest).String()}}},
			heading{2, "Interest charge calculation", left},
			table{grid: true, small: true, cols: []col{{"Type of balance", 3, left}, {"Annual percentage rate (APR)", 3, right}, {"Balance subject to interest", 3, right}, {"Interest charge", 2, right}},
				rows: [][]string{{"Purchases", "21.60% (v)", (previous + payment).dollars(), interest.dollars()}, {"Cash advances", "26.90% (v)", "$0.00", "$0.00"}}},
			para{small: true, text: "Your annual percentage rate (APR) is the annual interest rate on your account. (v) = variable rate. " +
				"To avoid interest on new purchases, pay the new balance in full by the payment due date each month."},
		},
	}
}
