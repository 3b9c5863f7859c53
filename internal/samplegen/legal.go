package main

func legalSamples() []sample {
	return []sample{
		{"legal/contract-services-agreement.docx", asDocx(servicesAgreement)},
		{"legal/court_filing-complaint.pdf", asPDF(complaint)},
		{"legal/patent_document-drying-rack.txt", asText(patent)},
	}
}

func servicesAgreement() doc {
	return doc{
		title:  "Master services agreement",
		theme:  letterPaper(serif, rgb{30, 30, 60}),
		footer: "Master Services Agreement: Harrowgale Foundation / Pellstone Software",
		blocks: append([]block{
			heading{1, "MASTER SERVICES AGREEMENT", center},
			para{text: "This Master Services Agreement (this \"Agreement\") is entered into as of March 1, 2026 (the \"Effective Date\") by and between " +
				"Harrowgale Foundation, a Westmark nonprofit corporation with its office at 22 Linden Parade, Suite 310, Ostermere, WM 00421 (\"Client\"), and " +
				"Pellstone Software Cooperative, a Westmark cooperative with its office at 8 Signal Box Lane, Ostermere, WM 00415 (\"Provider\"). " +
				"Client and Provider are each a \"Party\" and together the \"Parties\"."},
			para{text: "WHEREAS, Client wishes to engage Provider to perform certain software development and support services; and WHEREAS, Provider is willing to perform them " +
				"on the terms below; NOW, THEREFORE, in consideration of the mutual covenants herein, the Parties agree as follows:"},
		}, servicesTerms()...),
	}
}

func servicesTerms() []block {
	return []block{
		heading{2, "1. Services", left},
		para{lead: "1.1 Statements of work.", text: "Provider shall perform the services (the \"Services\") described in statements of work signed by both Parties (each an \"SOW\"). If an SOW conflicts with this Agreement, this Agreement prevails."},
		para{lead: "1.2 Personnel.", text: "Provider shall assign qualified personnel and remains responsible for its subcontractors."},
		heading{2, "2. Fees and payment", left},
		para{lead: "2.1 Fees.", text: "Client shall pay the fees in Exhibit A. Provider shall invoice monthly in arrears; undisputed invoices are payable within thirty (30) days of receipt."},
		para{lead: "2.2 Late payment.", text: "Overdue amounts bear interest at one percent (1%) per month or the highest rate the law permits, whichever is less."},
		heading{2, "3. Term and termination", left},
		para{lead: "3.1 Term.", text: "This Agreement begins on the Effective Date and continues for two (2) years unless terminated earlier."},
		para{lead: "3.2 Termination.", text: "Either Party may terminate for convenience on sixty (60) days' written notice, or for material breach that is not cured within fifteen (15) days of written notice."},
		heading{2, "4. Intellectual property", left},
		para{text: "Upon full payment, all deliverables are assigned to Client, except Provider's pre-existing materials, for which Provider grants Client a perpetual, non-exclusive, royalty-free licence to use them as part of the deliverables."},
		heading{2, "5. Confidentiality", left},
		para{text: "Each Party shall hold the other's Confidential Information in confidence, use it only to perform this Agreement, and disclose it only to persons who need to know it and are bound by like duties, for five (5) years after disclosure."},
		heading{2, "6. Warranties", left},
		para{text: "Provider warrants that the Services will be performed in a professional and workmanlike manner. EXCEPT AS STATED HERE, PROVIDER DISCLAIMS ALL WARRANTIES, EXPRESS OR IMPLIED."},
		heading{2, "7. Limitation of liability; indemnification", left},
		para{lead: "7.1 Cap.", text: "Except for breach of Section 5 or indemnification, neither Party's aggregate liability shall exceed the fees paid in the twelve (12) months before the claim, and neither Party is liable for indirect or consequential damages."},
		para{lead: "7.2 Indemnity.", text: "Each Party shall indemnify, defend and hold harmless the other from third-party claims arising out of its gross negligence or wilful misconduct."},
		heading{2, "8. General", left},
		para{text: "Provider is an independent contractor. This Agreement is governed by the laws of Westmark, and the courts of Ostermere County have exclusive jurisdiction. Neither Party may assign it without consent. " +
			"It is the entire agreement of the Parties, may be amended only in writing signed by both, and may be executed in counterparts. If a provision is held unenforceable, the remainder stays in effect."},
		para{text: "IN WITNESS WHEREOF, the Parties have executed this Agreement as of the Effective Date."},
		signatures{{"E. Marchbanks", "Harrowgale Foundation", "Name: Eudora Marchbanks, Director", "Date: February 26, 2026"},
			{"K. Tolliver", "Pellstone Software Cooperative", "Name: Kit Tolliver, Managing Member", "Date: February 27, 2026"}},
		pageBreak{},
		heading{2, "Exhibit A: Fee schedule", left},
		table{grid: true, cols: []col{{"Role", 50, left}, {"Hours per month", 20, right}, {"Rate (USD)", 15, right}, {"Monthly fee", 20, right}},
			rows: [][]string{{"Senior engineer", "60", "145.00", "8,700.00"}, {"Engineer", "80", "110.00", "8,800.00"}, {"Support desk, fixed", "", "", "1,250.00"}},
			foot: [][]string{{"Total monthly fee", "140", "", total(8700_00, 8800_00, 1250_00).String()}}},
	}
}

func complaint() doc {
	th := letterPaper(serif, rgb{0, 0, 0})
	th.size, th.margin = 11.5, 68
	return doc{
		title:  "Complaint for breach of contract",
		theme:  th,
		footer: "COMPLAINT - Case No. 26-CV-00417",
		blocks: append([]block{
			columns{
				left: []block{verbatim{"Beatrix Solway (WM Bar No. 000417)", "SOLWAY & TRENCH LLP", "3 Advocates' Walk, Ostermere, WM 00403",
					"Telephone: (555) 555-0126", "Attorneys for Plaintiff"}},
				right: []block{stamp{[]string{"FILED", "FEB 25 2026", "CLERK OF COURT", "OSTERMERE COUNTY"}}}},
			heading{2, "IN THE SUPERIOR COURT OF WESTMARK", center},
			para{align: center, bold: true, text: "COUNTY OF OSTERMERE"},
			rule{},
			columns{
				left: []block{
					para{text: "TARNBECK JOINERY WORKS INC, a Westmark corporation,"}, para{indent: 90, text: "Plaintiff,"}, para{indent: 40, text: "v."},
					para{text: "QUAYHAVEN HOTELS LLC, a Westmark limited liability company; and DOES 1-5,"}, para{indent: 90, text: "Defendants."}},
				right: []block{
					para{lead: "Case No. 26-CV-00417"}, para{lead: "COMPLAINT FOR:"},
					list{numbered: true, items: []string{"Breach of contract", "Account stated"}},
					para{lead: "DEMAND FOR JURY TRIAL"}, para{text: "Judge: Hon. A. Quennell, Dept. 4"}}},
			rule{},
			para{text: "Plaintiff Tarnbeck Joinery Works Inc (\"Plaintiff\") alleges against Defendant Quayhaven Hotels LLC (\"Defendant\") as follows:"},
		}, allegations()...),
	}
}

func allegations() []block {
	return []block{
		heading{3, "PARTIES, JURISDICTION AND VENUE", center},
		para{lead: "1.", text: "Plaintiff is a corporation organized under the laws of Westmark with its principal place of business in Ostermere County."},
		para{lead: "2.", text: "Defendant is a limited liability company that owns and operates a hotel at 1 Customs Quay, Port Selwyn."},
		para{lead: "3.", text: "This Court has subject matter jurisdiction because the amount in controversy exceeds $25,000. Venue is proper because the contract was made and was to be performed in this County."},
		heading{3, "GENERAL ALLEGATIONS", center},
		para{lead: "4.", text: "On or about June 3, 2025, Plaintiff and Defendant entered into a written contract (Exhibit A) under which Plaintiff agreed to make and install oak panelling and a reception desk for $86,400.00."},
		para{lead: "5.", text: "Plaintiff completed the work on October 17, 2025. Defendant's project manager accepted it in writing the same day (Exhibit B)."},
		para{lead: "6.", text: "Defendant paid $43,200.00 on account. Plaintiff invoiced the balance of $43,200.00 on October 20, 2025. Despite demands on November 24, 2025 and January 9, 2026, Defendant has not paid."},
		heading{3, "FIRST CAUSE OF ACTION (Breach of Contract)", center},
		para{lead: "7.", text: "Plaintiff incorporates paragraphs 1 through 6 by reference."},
		para{lead: "8.", text: "Plaintiff performed all conditions, covenants and promises required of it under the contract."},
		para{lead: "9.", text: "Defendant breached the contract by failing to pay the balance due. As a direct and proximate result, Plaintiff has been damaged in the sum of $43,200.00, with interest from November 19, 2025."},
		heading{3, "SECOND CAUSE OF ACTION (Account Stated)", center},
		para{lead: "10.", text: "Plaintiff incorporates paragraphs 1 through 9 by reference. Within the last four years an account was stated in writing between the parties, in which it was agreed that Defendant owed Plaintiff $43,200.00. No part of it has been paid."},
		heading{3, "PRAYER FOR RELIEF", center},
		para{text: "WHEREFORE, Plaintiff prays for judgment against Defendant as follows:"},
		list{numbered: true, items: []string{"For damages in the sum of $43,200.00;", "For prejudgment interest at the legal rate;", "For costs of suit and reasonable attorneys' fees as the contract provides; and", "For such other relief as the Court deems just and proper."}},
		para{text: "Plaintiff demands trial by jury on all issues so triable. Respectfully submitted,"},
		signatures{{"Beatrix Solway", "Beatrix Solway", "SOLWAY & TRENCH LLP, Attorneys for Plaintiff", "Dated: February 25, 2026"}},
		heading{3, "VERIFICATION", left},
		para{text: "I, Sander Tarnbeck, am the president of Plaintiff. I have read the foregoing complaint and know its contents. I declare under penalty of perjury that it is true of my own knowledge."},
		signatures{{"S. Tarnbeck", "Sander Tarnbeck", "President", "Dated: February 24, 2026"}},
	}
}
