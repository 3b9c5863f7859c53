package main

// worker is one line of the payroll register.
type worker struct {
	id, name, dept string
	hours          float64
	rate           cents // an hour
	saved          cents // for retirement, before income tax
}

type pay struct{ gross, saved, income, social, medicare, state cents }

func (w worker) pay() pay {
	gross := w.rate * cents(w.hours*4) / 4
	taxed := gross - w.saved
	return pay{gross, w.saved, taxed.share(110), gross.share(62), (gross*145 + 5000) / 10000, taxed.share(40)}
}

func (p pay) deductions() cents { return total(p.saved, p.income, p.social, p.medicare, p.state) }

func (p pay) amounts() []cents {
	return []cents{p.gross, p.saved, p.income, p.social, p.medicare, p.state, p.deductions(), p.gross - p.deductions()}
}

func workers() []worker {
	return []worker{
		{"E-0101", "Fennimore, Odalys M.", "Design", 80, 29_40, 112_00},
		{"E-0104", "Bexley-Orr, Tamsin", "Workshop", 84, 26_50, 90_00},
		{"E-0107", "Culverhay, Anton", "Workshop", 80, 25_10, 60_00},
		{"E-0112", "Dunmarrow, Priya", "Finance", 80, 33_75, 150_00},
		{"E-0115", "Eskerdale, Jonah", "Delivery", 76.5, 21_80, 0},
		{"E-0118", "Farthinghoe, Lise", "Sales", 80, 27_25, 75_00},
		{"E-0121", "Gallowmere, Tobias", "Workshop", 88, 24_60, 50_00},
		{"E-0126", "Hollisander, Wren", "Office", 60, 22_40, 30_00},
	}
}

func payrollRegister() ([]byte, error) {
	register, sums := registerRows()
	rows := append([]sheetRow{
		{titleRow, texts("Tarnbeck Joinery Works Inc: Payroll Register")},
		{plainRow, texts("Pay period", "02/01/2026 - 02/14/2026", "", "Pay date", "02/20/2026")},
		{plainRow, texts("Pay frequency", "Biweekly (period 4 of 26)", "", "Employer ID", "00-0004170")},
		{},
		{headRow, texts("Employee ID", "Employee name", "Department", "Hours", "Hourly rate", "Gross pay", "Retirement",
			"Income tax", "Social security", "Medicare", "State tax", "Total deductions", "Net pay")},
	}, register...)
	rows = append(rows, sheetRow{},
		sheetRow{plainRow, texts("Payment method: direct deposit. Prepared by P. Dunmarrow, approved by S. Tarnbeck, 02/17/2026.")})
	return renderXLSX("Payroll register, period 4 of 2026",
		sheet{"Payroll Register", []float64{13, 25, 13, 8, 12, 12, 12, 12, 15, 11, 11, 17, 12}, rows},
		employerSheet(sums),
		stubSheet(workers()[0]))
}

// registerRows is a row for each worker, then their sums.
func registerRows() ([]sheetRow, pay) {
	var rows []sheetRow
	var sum pay
	hours := 0.0
	for _, w := range workers() {
		p := w.pay()
		sum = pay{sum.gross + p.gross, sum.saved + p.saved, sum.income + p.income,
			sum.social + p.social, sum.medicare + p.medicare, sum.state + p.state}
		hours += w.hours
		row := append(texts(w.id, w.name, w.dept), num(w.hours), amt(w.rate))
		rows = append(rows, sheetRow{plainRow, append(row, amounts(p)...)})
	}
	last := append(texts("TOTAL", "", ""), num(hours), txt(""))
	return append(rows, sheetRow{sumRow, append(last, amounts(sum)...)}), sum
}

func amounts(p pay) []value {
	var out []value
	for _, a := range p.amounts() {
		out = append(out, amt(a))
	}
	return out
}

func employerSheet(sum pay) sheet {
	unemployment := sum.gross.share(6)
	return sheet{"Employer Taxes", []float64{34, 16, 10, 16}, []sheetRow{
		{titleRow, texts("Employer payroll taxes, period 4")},
		{},
		{headRow, texts("Tax", "Taxable wages", "Rate", "Employer share")},
		{plainRow, []value{txt("Social security"), amt(sum.gross), txt("6.20%"), amt(sum.social)}},
		{plainRow, []value{txt("Medicare"), amt(sum.gross), txt("1.45%"), amt(sum.medicare)}},
		{plainRow, []value{txt("Unemployment insurance"), amt(sum.gross), txt("0.60%"), amt(unemployment)}},
		{sumRow, []value{txt("Total employer taxes"), {}, {}, amt(total(sum.social, sum.medicare, unemployment))}},
	}}
}

// stubSheet is one employee's pay stub.
func stubSheet(w worker) sheet {
	p := w.pay()
	s := sheet{"Pay Stub " + w.id, []float64{28, 16, 16}, []sheetRow{
		{titleRow, texts("Earnings statement: " + w.name)},
		{plainRow, texts("Employee ID", w.id)},
		{plainRow, texts("Pay date", "02/20/2026")},
		{},
		{headRow, texts("Earnings and deductions", "This period", "Year to date")},
	}}
	names := []string{"Gross pay", "Retirement plan", "Income tax withheld", "Social security", "Medicare", "State tax", "Total deductions", "Net pay"}
	for i, a := range p.amounts() {
		look := plainRow
		if names[i] == "Net pay" {
			look = sumRow
		}
		s.rows = append(s.rows, sheetRow{look, []value{txt(names[i]), amt(a), amt(4 * a)}})
	}
	return s
}

// spending is one line of an expense report.
type spending struct {
	date, category, what, paid string
	amount                     cents
}

func spendings() []spending {
	return []spending{
		{"2026-02-11", "Airfare", "Greyfinch Airways, Ostermere to Port Selwyn, return, economy", "Company card", 318_40},
		{"2026-02-11", "Ground transport", "Taxi, airport to hotel", "Cash", 34_00},
		{"2026-02-11", "Meals", "Dinner, Gullstone Grill (1 person)", "Personal card", 28_75},
		{"2026-02-12", "Lodging", "Hotel Quayhaven, 1 night incl. tax", "Company card", 246_00},
		{"2026-02-12", "Meals", "Breakfast", "Personal card", 12_40},
		{"2026-02-12", "Meals", "Working lunch with client (3 persons), Tidewater Rooms", "Personal card", 86_15},
		{"2026-02-12", "Supplies", "Moisture meter batteries, marking tape", "Personal card", 19_99},
		{"2026-02-12", "Ground transport", "Taxi, client site to airport", "Cash", 31_50},
		{"2026-02-13", "Mileage", "Home to airport and back, 46 miles at $0.70", "Personal car", 32_20},
		{"2026-02-13", "Parking", "Ostermere airport, 2 days", "Personal card", 36_00},
	}
}

func expenseReport() ([]byte, error) {
	var all, company cents
	var lines []sheetRow
	byCategory, order := map[string]cents{}, []string{}
	for _, s := range spendings() {
		all += s.amount
		if s.paid == "Company card" {
			company += s.amount
		}
		if _, seen := byCategory[s.category]; !seen {
			order = append(order, s.category)
		}
		byCategory[s.category] += s.amount
		lines = append(lines, sheetRow{plainRow, append(texts(s.date, s.category, s.what, s.paid, "Yes"), amt(s.amount))})
	}
	rows := append(expenseHead(), lines...)
	rows = append(rows,
		sheetRow{sumRow, append(texts("Total expenses", "", "", "", ""), amt(all))},
		sheetRow{plainRow, append(texts("Less: paid by company card", "", "", "", ""), amt(-company))},
		sheetRow{sumRow, append(texts("Amount due to employee", "", "", "", ""), amt(all-company))},
		sheetRow{},
		sheetRow{plainRow, texts("I certify that these expenses were incurred on company business and that receipts are attached.")},
		sheetRow{plainRow, texts("Employee signature: L. Farthinghoe", "", "Date: 2026-02-16")},
		sheetRow{plainRow, texts("Manager approval: S. Tarnbeck", "", "Date: 2026-02-18")})
	summary := sheet{"Summary", []float64{24, 16}, []sheetRow{{titleRow, texts("Expenses by category")}, {headRow, texts("Category", "Amount (USD)")}}}
	for _, c := range order {
		summary.rows = append(summary.rows, sheetRow{plainRow, []value{txt(c), amt(byCategory[c])}})
	}
	summary.rows = append(summary.rows, sheetRow{sumRow, []value{txt("Total"), amt(all)}})
	return renderXLSX("Expense report, Port Selwyn site visit",
		sheet{"Expense Report", []float64{26, 18, 58, 15, 11, 15}, rows}, summary)
}

func expenseHead() []sheetRow {
	return []sheetRow{
		{titleRow, texts("EXPENSE REPORT")},
		{plainRow, texts("Company", "Tarnbeck Joinery Works Inc")},
		{plainRow, texts("Employee", "Lise Farthinghoe (E-0118), Sales")},
		{plainRow, texts("Manager", "S. Tarnbeck")},
		{plainRow, texts("Purpose of trip", "Site survey and client meeting, Port Selwyn library refit")},
		{plainRow, texts("Period", "2026-02-11 to 2026-02-13")},
		{plainRow, texts("Report number", "EXP-2026-0031")},
		{},
		{headRow, texts("Date", "Category", "Description", "Paid with", "Receipt", "Amount (USD)")},
	}
}
