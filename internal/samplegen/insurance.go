package main

func insuranceSamples() []sample {
	return []sample{
		{"insurance/claim_form-auto-scan.pdf", claimScan},
		{"insurance/insurance_certificate-liability.pdf", asPDF(certificate)},
		{"insurance/policy_document-homeowners.pdf", asPDF(policy)},
	}
}

func claimForm() doc {
	th := letterPaper(sans, rgb{30, 30, 30})
	th.size, th.plainTop = 9.5, true
	return doc{title: "Auto claim form", theme: th, blocks: []block{
		letterhead{name: "Harrowgale Mutual Insurance", tag: "AUTO CLAIM FORM", sub: "Form HM-C7",
			lines: []string{"Claims Department, PO Box 417, Ostermere, WM 00400", "Claims line (555) 555-0190   Fax (555) 555-0191"}},
		para{small: true, text: "Please print clearly and answer every question. Return the signed form with photographs and a repair estimate within 30 days of the loss."},
		heading{3, "SECTION A: POLICYHOLDER", left},
		fields{cols: 4, boxed: true, items: []field{
			{"Name of insured", "Lucan T. Ardenwood", 2}, {"Policy number", "HM-A-0004170", 1}, {"Claim number", "CL-26-00417", 1},
			{"Address", "6 Weir Cottages, Ostermere, WM 00418", 2}, {"Telephone", "555-555-0155", 1}, {"Date of birth", "05/22/1988", 1}}},
		heading{3, "SECTION B: DATE AND PLACE OF LOSS", left},
		fields{cols: 4, boxed: true, items: []field{
			{"Date of loss", "02/09/2026", 1}, {"Time", "08:15 AM", 1}, {"Location of accident", "Corn Exchange at Lantern Street, Ostermere", 2},
			{"Police report number", "OPD-26-1170", 1}, {"Officer", "Badge 0417", 1}, {"Weather and road", "Light rain, wet road", 2}}},
		checks{label: "Type of loss", items: []check{{"Collision", true}, {"Theft", false}, {"Fire", false}, {"Glass", false}, {"Other", false}}},
		heading{3, "SECTION C: INSURED VEHICLE", left},
		fields{cols: 4, boxed: true, items: []field{
			{"Year, make and model", "2019 Corvane Estate", 2}, {"Plate", "WM 0417", 1}, {"Odometer", "61,204", 1},
			{"VIN", "SPECIMEN0VN000417", 2}, {"Driver at time of loss", "Insured", 1}, {"Est. repair cost", "$3,480.00", 1},
			{"Description of damage", "Rear bumper and tailgate pushed in, left tail lamp broken, boot lid does not close.", 4}}},
		heading{3, "SECTION D: DESCRIPTION OF ACCIDENT", left},
		fields{cols: 1, boxed: true, items: []field{{"In your own words, state what happened",
			"I was stopped at the red light facing north. The other car came up behind me, braked late and slid on the wet road into the rear of my car at about 15 mph. Nobody was hurt. We exchanged details and called the police.", 1}}},
		heading{3, "SECTION E: OTHER PARTY AND WITNESS", left},
		fields{cols: 4, boxed: true, items: []field{
			{"Name of other driver", "Jonah Eskerdale", 2}, {"Insurer and policy", "Oldferry Underwriters OF-77120", 2},
			{"Witness", "Imke Sorrel, 48 Lantern Street", 2}, {"Telephone of witness", "555-555-0117", 2}}},
		checks{label: "Injuries?", items: []check{{"Yes", false}, {"No", true}}},
		para{small: true, text: "I declare that the statements in this claim form are true and complete. I understand that a person who knowingly files a claim containing false information may be guilty of insurance fraud. I authorize the insurer to obtain the police report."},
		signatures{{"L. Ardenwood", "Signature of policyholder", "", "Date: 02/11/2026"}, {"", "Received by claims department", "", "Date:"}},
	}}
}

// claimScan is the form as an office scanner saves it: a gray picture without text.
func claimScan() ([]byte, error) {
	page, err := renderPage(claimForm(), 150)
	if err != nil {
		return nil, err
	}
	scan := ground(page.Bounds().Dx(), page.Bounds().Dy(), rgb{250, 250, 250})
	tilt(scan, page, -480)
	shade(scan, 14)
	grain(scan, 26, 3)
	jpg, err := encodeJPEG(toGray(scan), 50)
	if err != nil {
		return nil, err
	}
	return imagePDF("Scan", jpg)
}

func certificate() doc {
	th := letterPaper(sans, rgb{20, 60, 90})
	th.size = 9.5
	return doc{
		title:  "Certificate of liability insurance",
		theme:  th,
		footer: "Certificate COI-26-0417 \u00b7 Issued by Penhallow & Strand Insurance Brokers",
		blocks: []block{
			columns{
				left:  []block{heading{1, "CERTIFICATE OF LIABILITY INSURANCE", left}},
				right: []block{para{align: right, text: "Date issued: 02/24/2026"}, para{align: right, text: "Certificate number: COI-26-0417"}}},
			note{"", "THIS CERTIFICATE IS ISSUED AS A MATTER OF INFORMATION ONLY AND CONFERS NO RIGHTS UPON THE CERTIFICATE HOLDER. " +
				"THIS CERTIFICATE DOES NOT AMEND, EXTEND OR ALTER THE COVERAGE AFFORDED BY THE POLICIES BELOW."},
			fields{cols: 2, boxed: true, items: []field{
				{"PRODUCER", "Penhallow & Strand Insurance Brokers, 2 Assembly Place, Ostermere, WM 00402", 1}, {"CONTACT", "Certificates desk, 555-555-0181, coi@penhallow-strand.example.com", 1},
				{"INSURED", "Tarnbeck Joinery Works Inc, 9 Sawpit Road, Ostermere, WM 00419", 1}, {"INSURERS AFFORDING COVERAGE", "A: Harrowgale Mutual Insurance B: Oldferry Underwriters", 1}}},
			heading{2, "Coverages", left},
			para{small: true, text: "This is to certify that the policies of insurance listed below have been issued to the insured named above for the policy period indicated. Limits shown may have been reduced by paid claims."},
			table{grid: true, small: true, cols: []col{{"Insr", 6, center}, {"Type of insurance", 26, left}, {"Policy number", 18, left}, {"Effective", 13, left}, {"Expires", 13, left}, {"Limits", 34, left}},
				rows: [][]string{
					{"A", "Commercial general liability, occurrence", "HM-GL-000417", "01/01/2026", "01/01/2027", "Each occurrence $1,000,000; general aggregate $2,000,000; products $2,000,000; medical $5,000"},
					{"A", "Automobile liability, scheduled autos", "HM-CA-000418", "01/01/2026", "01/01/2027", "Combined single limit $1,000,000"},
					{"B", "Umbrella liability, occurrence", "OF-UM-77041", "01/01/2026", "01/01/2027", "Each occurrence $3,000,000; aggregate $3,000,000; retention $10,000"},
					{"B", "Workers compensation and employers' liability", "OF-WC-77042", "01/01/2026", "01/01/2027", "Statutory; each accident $500,000; disease, each employee $500,000"}}},
			heading{2, "Description of operations", left},
			para{text: "Fit-out joinery for the Port Selwyn library refit. The certificate holder is included as an additional insured under the general liability policy where required by written contract. Waiver of subrogation applies as permitted by law."},
			fields{cols: 2, boxed: true, items: []field{
				{"CERTIFICATE HOLDER", "Port Selwyn Public Works, 1 Harbour Office, Port Selwyn, WM 00450", 1},
				{"CANCELLATION", "Should any of the above policies be cancelled before the expiration date, notice will be delivered in accordance with the policy provisions.", 1}}},
			signatures{{"S. Strand", "Authorized representative", "Sunniva Strand", "02/24/2026"}},
			para{small: true, text: "SPECIMEN. Insurers, policies and parties are invented."},
		},
	}
}
