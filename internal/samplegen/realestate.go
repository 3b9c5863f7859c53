package main

func realEstateSamples() []sample {
	return []sample{
		{"real_estate/inspection_report-millrace-court.pdf", asPDF(inspectionReport)},
		{"real_estate/lease_agreement-weir-cottages.docx", asDocx(lease)},
		{"real_estate/property_listing-heron-hill.html", asText(listing)},
	}
}

func lease() doc {
	return doc{
		title:  "Residential lease agreement",
		theme:  letterPaper(serif, rgb{40, 40, 40}),
		footer: "Residential Lease Agreement: 6 Weir Cottages, Unit 2",
		blocks: []block{
			heading{1, "RESIDENTIAL LEASE AGREEMENT", center},
			para{text: "This Residential Lease Agreement (the \"Lease\") is made on February 20, 2026 between Ostermere Property Management LLC (the \"Landlord\"), " +
				"11 Corn Exchange, Ostermere, WM 00401, and Lucan T. Ardenwood and Isaura Penhallow (together, the \"Tenant\")."},
			fields{cols: 1, items: []field{
				{"Premises", "6 Weir Cottages, Unit 2, Ostermere, WM 00418", 1}, {"Term", "12 months: April 1, 2026 to March 31, 2027", 1},
				{"Monthly rent", "$1,450.00, due on the first day of each month", 1}, {"Security deposit", "$1,450.00", 1},
				{"Late fee", "$50.00 if rent is more than five days late", 1}, {"Occupants", "The Tenant only (2 adults)", 1},
				{"Pets", "One cat permitted; pet deposit $200.00", 1}, {"Parking", "One assigned space, No. 14", 1}}},
			para{lead: "1. Premises.", text: "The Landlord leases to the Tenant, and the Tenant leases from the Landlord, the dwelling unit named above, together with its fixtures, the refrigerator, stove and washing machine."},
			para{lead: "2. Term.", text: "The Lease begins at noon on the first day of the term and ends at noon on the last. If the Tenant remains with the Landlord's consent, the tenancy continues from month to month on the same terms."},
			para{lead: "3. Rent.", text: "The Tenant shall pay the monthly rent in advance by bank transfer without deduction. The first month's rent of $1,450.00, the security deposit of $1,450.00 and the pet deposit of $200.00, in all $3,100.00, are due on signing."},
			para{lead: "4. Security deposit.", text: "The Landlord shall hold the deposit in a separate account and return it within thirty days after the Tenant vacates, less unpaid rent and the cost of repairing damage beyond ordinary wear and tear, with an itemized statement."},
			para{lead: "5. Utilities.", text: "The Tenant pays electricity, gas and internet. The Landlord pays water, sewer and refuse collection."},
			para{lead: "6. Use and occupancy.", text: "The premises shall be used only as a private residence. The Tenant shall not sublet or assign this Lease without the Landlord's written consent, which shall not be unreasonably withheld."},
			para{lead: "7. Maintenance and repairs.", text: "The Landlord shall keep the structure, heating, plumbing and electrical systems in good and habitable repair. The Tenant shall keep the premises clean and report defects promptly."},
			para{lead: "8. Entry.", text: "The Landlord may enter to inspect, repair or show the premises at reasonable hours on at least 24 hours' notice, except in an emergency."},
			para{lead: "9. Alterations.", text: "The Tenant shall make no alterations, and shall not repaint, without written consent."},
			para{lead: "10. Default.", text: "If the Tenant fails to pay rent or breaches this Lease and does not cure the breach within ten days of written notice, the Landlord may terminate the tenancy and recover possession as the law allows."},
			para{lead: "11. Notice to vacate.", text: "Either party shall give at least sixty days' written notice before the end of the term if the Lease is not to be renewed."},
			para{lead: "12. Governing law.", text: "This Lease is governed by the law of Westmark. It is the entire agreement between Landlord and Tenant about the premises."},
			signatures{{"H. Grausamer", "Hester Grausamer", "For the Landlord", "Date: February 20, 2026"},
				{"Lucan Ardenwood", "Lucan T. Ardenwood", "Tenant", "Date: February 20, 2026"}, {"I. Penhallow", "Isaura Penhallow", "Tenant", "Date: February 20, 2026"}},
		},
	}
}

func inspectionReport() doc {
	return doc{
		title:  "Home inspection report",
		theme:  letterPaper(sans, rgb{150, 82, 20}),
		footer: "Voyle Home Inspections \u00b7 Report VD-26-0088 \u00b7 3 Millrace Court",
		blocks: append([]block{
			letterhead{name: "Voyle Home Inspections", tag: "Home Inspection Report", sub: "Report VD-26-0088",
				lines: []string{"40 Surveyor's Row, Ostermere, WM 00406", "(555) 555-0175 \u00b7 reports@voyle.example.com"}},
			fields{cols: 2, items: []field{
				{"Property", "3 Millrace Court, Ostermere", 1}, {"Inspection date", "February 18, 2026", 1},
				{"Client", "Priya Dunmarrow", 1}, {"Inspector", "Caspar Voyle, WM-HI 00417", 1},
				{"Year built", "1974", 1}, {"Weather", "Overcast, 41 F, dry", 1},
				{"Living area", "1,640 sq ft, 2 stories", 1}, {"Present", "Client, listing agent", 1}}},
			note{"Scope.", "This is a visual, non-invasive inspection of the readily accessible systems and components of the home on the day of inspection. " +
				"It is not a warranty, an appraisal or a code compliance inspection."},
			heading{2, "Summary of findings", left},
			table{cols: []col{{"System", 22, left}, {"Rating", 18, left}, {"Main finding", 60, left}},
				rows: [][]string{
					{"Roof", "Repair", "Cracked flashing at chimney; 6 slipped tiles on north slope"},
					{"Exterior", "Monitor", "Hairline stucco cracks under window openings"},
					{"Foundation", "Satisfactory", "Poured concrete, no structural movement observed"},
					{"Electrical", "Safety hazard", "No GFCI protection at two kitchen receptacles"},
					{"Plumbing", "Repair", "Slow leak at trap under upstairs basin"},
					{"Heating and cooling", "Satisfactory", "Gas furnace, 2016; normal operating temperature rise"},
					{"Attic and insulation", "Monitor", "R-19 insulation, below current recommendation"},
					{"Interior", "Satisfactory", "Doors and windows operate; normal wear"}}},
		}, inspectionFindings()...),
	}
}

func inspectionFindings() []block {
	return []block{
		heading{2, "1. Roof", left},
		fields{cols: 2, items: []field{{"Covering", "Concrete tile", 1}, {"Method", "Ladder at eaves, binoculars", 1}, {"Estimated age", "22 years", 1}, {"Gutters", "Aluminum", 1}}},
		para{lead: "1.1 Repair.", text: "The step flashing on the uphill side of the chimney is cracked and lifted. Water staining on the sheathing below measured 19% moisture. Recommend repair by a licensed roofer before closing."},
		para{lead: "1.2 Repair.", text: "Six tiles on the north slope have slipped. Recommend resetting them when the flashing is repaired."},
		heading{2, "2. Electrical", left},
		fields{cols: 2, items: []field{{"Service", "150 A, 120/240 V", 1}, {"Panel", "Circuit breakers, garage", 1}, {"Branch wiring", "Copper, NM cable", 1}, {"Smoke alarms", "3 of 4 responded to test", 1}}},
		para{lead: "2.1 Safety hazard.", text: "Two receptacles beside the kitchen sink have no ground fault protection. A licensed electrician should install GFCI devices."},
		para{lead: "2.2 Repair.", text: "The smoke alarm in the upstairs hall did not respond. Replace the unit; alarms are past ten years of age."},
		pageBreak{},
		heading{2, "3. Plumbing", left},
		fields{cols: 2, items: []field{{"Supply", "Copper", 1}, {"Water heater", "Gas, 50 gal, 2019", 1}, {"Waste", "ABS and cast iron", 1}, {"Water pressure", "62 psi", 1}}},
		para{lead: "3.1 Repair.", text: "The compression joint of the trap under the upstairs basin drips. The cabinet floor is stained but sound."},
		heading{2, "4. Heating, cooling and attic", left},
		fields{cols: 2, items: []field{{"Heating", "Gas furnace, 80,000 BTU, 2016", 1}, {"Cooling", "Split system, 3 ton, 2016", 1}, {"Filter", "16 x 25 x 1, dirty", 1}, {"Attic insulation", "Loose fill, R-19", 1}}},
		para{lead: "4.1 Monitor.", text: "The attic has about six inches of loose fill insulation. More insulation would lower heating costs; R-49 is customary in this climate."},
		para{lead: "4.2 Maintenance.", text: "Replace the furnace filter now and every three months. The furnace lit and cycled normally; carbon monoxide at the nearest register was 0 ppm."},
		heading{2, "5. Exterior and foundation", left},
		para{lead: "5.1 Monitor.", text: "Hairline cracks in the stucco at the lower corners of four window openings, less than 1/16 inch wide. Seal and repaint; watch for movement."},
		para{lead: "5.2 Satisfactory.", text: "The visible foundation walls show no settlement cracks. Grading falls away from the house on all sides."},
		heading{2, "6. Estimated cost of repairs", left},
		table{grid: true, cols: []col{{"Item", 60, left}, {"Priority", 20, left}, {"Estimate (USD)", 20, right}},
			rows: [][]string{{"Chimney flashing and tiles (1.1, 1.2)", "High", "1,150.00"}, {"GFCI receptacles (2.1)", "High", "280.00"},
				{"Smoke alarms, four units (2.2)", "High", "160.00"}, {"Basin trap (3.1)", "Medium", "135.00"}},
			foot: [][]string{{"Total", "", total(1150_00, 280_00, 160_00, 135_00).String()}}},
		para{small: true, text: "Estimates are for guidance only; obtain written quotations from licensed contractors."},
		signatures{{"Caspar Voyle", "Caspar Voyle", "Certified home inspector", "February 19, 2026"}},
	}
}
