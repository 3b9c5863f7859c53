package main

func healthcareSamples() []sample {
	return []sample{
		{"healthcare/discharge_summary-appendectomy.pdf", asPDF(dischargeSummary)},
		{"healthcare/lab_result-metabolic-panel.pdf", asPDF(labResult)},
		{"healthcare/prescription-fax.png", prescriptionFax},
	}
}

func dischargeSummary() doc {
	th := letterPaper(sans, rgb{14, 98, 92})
	th.size, th.margin = 9, 46
	return doc{
		title:  "Discharge summary",
		theme:  th,
		footer: "Confidential patient information \u00b7 MRN 00-041-700 \u00b7 Electronically signed 01/23/2026 11:05",
		blocks: append([]block{
			letterhead{name: "Kettlebrook General Hospital", tag: "Discharge Summary", sub: "Department of General Surgery",
				lines: []string{"200 Infirmary Road, Ostermere, WM 00412", "Switchboard (555) 555-0130 \u00b7 Ward 4B (555) 555-0134"}},
			fields{cols: 2, items: []field{
				{"Patient name", "Alaric J. Thornquist", 1}, {"MRN", "00-041-700", 1},
				{"Date of birth", "09/03/1981 (44 y)", 1}, {"Sex", "Male", 1},
				{"Date of admission", "01/20/2026", 1}, {"Date of discharge", "01/23/2026", 1},
				{"Attending physician", "Dr. Mirela Oakhanger, MD", 1}, {"Length of stay", "3 days", 1},
				{"Primary care", "Dr. P. Sallowfield", 1}, {"Discharged to", "Home, self care", 1}}},
			rule{},
		}, dischargeStory()...),
	}
}

func dischargeStory() []block {
	return []block{
		heading{2, "Diagnoses", left},
		list{numbered: true, items: []string{"Principal: acute appendicitis without perforation.",
			"Secondary: mild dehydration, resolved. Seasonal allergic rhinitis."}},
		para{lead: "Procedure.", text: "Laparoscopic appendectomy, 01/20/2026, Dr. M. Oakhanger. No complications. Estimated blood loss 20 mL."},
		heading{2, "History of present illness", left},
		para{text: "44-year-old man who presented to the emergency department with 18 hours of periumbilical pain that moved to the right lower quadrant, " +
			"with nausea, one episode of vomiting and a low-grade fever. No previous abdominal surgery. On examination tender at McBurney's point with guarding; Rovsing's sign positive."},
		heading{2, "Hospital course", left},
		para{text: "White cell count on admission 14.8 x10^9/L, C-reactive protein 62 mg/L. Ultrasound showed a non-compressible appendix of 9 mm. The patient was given IV fluids " +
			"and cefoxitin 2 g and taken to the operating room the same evening. The appendix was inflamed but intact. Recovery was uneventful: he tolerated " +
			"a regular diet on day 1, walked unaided and was afebrile for 36 hours before discharge. Pain was controlled with oral medication."},
		heading{2, "Condition at discharge", left},
		para{text: "Stable. Temperature 36.8 C, pulse 72/min, blood pressure 124/78 mmHg, SpO2 98% on room air. Wounds clean and dry. White cell count 8.1 x10^9/L."},
		heading{2, "Discharge medications", left},
		table{grid: true, cols: []col{{"Medication", 30, left}, {"Dose", 16, left}, {"Frequency", 30, left}, {"Duration", 16, left}, {"Status", 12, left}},
			rows: [][]string{
				{"Acetaminophen 500 mg tablet", "1000 mg", "every 6 hours as needed", "5 days", "NEW"},
				{"Ibuprofen 400 mg tablet", "400 mg", "every 8 hours with food", "3 days", "NEW"},
				{"Cetirizine 10 mg tablet", "10 mg", "once daily", "ongoing", "CONTINUE"}}},
		heading{2, "Discharge instructions", left},
		list{items: []string{
			"Activity: no lifting over 5 kg and no sports for 2 weeks. Walking is encouraged.",
			"Wound care: showers from tomorrow; keep the dressings dry for 48 hours. Sutures dissolve.",
			"Diet: regular, plenty of fluids.",
			"Return to the emergency department for fever above 38.5 C, increasing abdominal pain, persistent vomiting, or redness or discharge at the wounds."}},
		para{lead: "Follow-up.", text: "Surgical clinic with Dr. Oakhanger on 02/04/2026 at 10:20, (555) 555-0138. Pathology report pending at discharge; the result will be sent to primary care."},
		signatures{{"M. Oakhanger", "Mirela Oakhanger, MD", "Attending surgeon", "01/23/2026 11:05"}, {"T. Wexcombe", "Tobiah Wexcombe, RN", "Discharge nurse", "01/23/2026 11:20"}},
	}
}

func labResult() doc {
	th := letterPaper(sans, rgb{34, 74, 140})
	th.size = 9.5
	return doc{
		title:  "Laboratory report 26-00417",
		theme:  th,
		footer: "Ferncastle Clinical Laboratories \u00b7 Accession 26-00417 \u00b7 Final report",
		blocks: []block{
			letterhead{name: "Ferncastle Clinical Laboratories", tag: "Laboratory Report", sub: "FINAL",
				lines: []string{"5 Assay Court, Ostermere, WM 00409 \u00b7 (555) 555-0121", "Laboratory director: Yevane Colebrook, PhD"}},
			fields{cols: 2, items: []field{
				{"Patient", "HARTLEPOND, SENNA", 1}, {"Accession number", "26-00417", 1},
				{"Date of birth", "11/28/1967", 1}, {"Specimen", "Serum, whole blood (EDTA)", 1},
				{"Sex", "Female", 1}, {"Collected", "02/17/2026 07:55", 1},
				{"Patient ID", "FC-0004170", 1}, {"Received", "02/17/2026 10:30", 1},
				{"Ordering provider", "Dr. P. Sallowfield", 1}, {"Reported", "02/18/2026 06:12", 1}}},
			para{small: true, text: "Fasting: yes. Reference ranges apply to adults of the stated sex. Flag: H above range, L below range."},
			heading{2, "Comprehensive metabolic panel", left},
			labTable([][]string{
				{"Glucose, fasting", "112", "H", "mg/dL", "70 - 99"}, {"Urea nitrogen (BUN)", "16", "", "mg/dL", "7 - 20"},
				{"Creatinine", "0.82", "", "mg/dL", "0.50 - 1.10"}, {"eGFR", "81", "", "mL/min/1.73", "> 59"},
				{"Sodium", "139", "", "mmol/L", "135 - 145"}, {"Potassium", "4.3", "", "mmol/L", "3.5 - 5.1"},
				{"Chloride", "103", "", "mmol/L", "98 - 107"}, {"Calcium", "9.4", "", "mg/dL", "8.6 - 10.3"},
				{"Albumin", "4.2", "", "g/dL", "3.5 - 5.0"}, {"Bilirubin, total", "0.6", "", "mg/dL", "0.2 - 1.2"},
				{"ALT (SGPT)", "41", "H", "U/L", "7 - 35"}, {"AST (SGOT)", "28", "", "U/L", "10 - 36"}}),
			heading{2, "Lipid panel and HbA1c", left},
			labTable([][]string{
				{"Cholesterol, total", "214", "H", "mg/dL", "< 200"}, {"HDL cholesterol", "52", "", "mg/dL", "> 50"},
				{"Triglycerides", "140", "", "mg/dL", "< 150"}, {"LDL cholesterol, calculated", "134", "H", "mg/dL", "< 130"},
				{"Hemoglobin A1c", "5.9", "H", "%", "4.0 - 5.6"}}),
			heading{2, "Complete blood count", left},
			labTable([][]string{
				{"White blood cells", "6.4", "", "10^3/uL", "4.0 - 11.0"}, {"Hemoglobin", "13.1", "", "g/dL", "12.0 - 15.5"},
				{"Hematocrit", "39.4", "", "%", "36.0 - 46.0"}, {"Platelets", "251", "", "10^3/uL", "150 - 400"}}),
			note{"Comment.", "Fasting glucose and hemoglobin A1c are in the range of impaired glucose regulation. Suggest repeat in three months. Clinical correlation required."},
		},
	}
}

func labTable(rows [][]string) table {
	return table{small: true, rows: rows, cols: []col{{"Test", 38, left}, {"Result", 14, right}, {"Flag", 9, center}, {"Units", 18, left}, {"Reference range", 21, left}}}
}

func prescription() doc {
	th := theme{family: sans, size: 11, accent: ink(), paperW: 420, paperH: 595, margin: 34, plainTop: true}
	return doc{title: "Prescription", theme: th, blocks: []block{
		letterhead{name: "Sallowfield Family Practice", lines: []string{"Dr. Piers Sallowfield, MD", "17 Orchard Gate, Ostermere, WM 00418", "Tel (555) 555-0150   Fax (555) 555-0151"}},
		fields{cols: 2, labelW: 72, items: []field{
			{"NPI", "0000000000", 1}, {"License", "WM-000417", 1},
			{"Patient", "Senna Hartlepond", 2}, {"Date of birth", "11/28/1967", 1}, {"Date", "02/20/2026", 1},
			{"Address", "3 Millrace Court, Ostermere", 2}, {"Allergies", "Penicillin", 2}}},
		rule{},
		heading{1, "Rx", left},
		para{lead: "1. Metformin 500 mg tablets"},
		para{indent: 16, text: "Sig: take 1 tablet by mouth twice daily with meals."},
		para{indent: 16, text: "Disp: 60 (sixty) tablets. Refills: 2"},
		para{lead: "2. Atorvastatin 10 mg tablets"},
		para{indent: 16, text: "Sig: take 1 tablet by mouth once daily at bedtime."},
		para{indent: 16, text: "Disp: 30 (thirty) tablets. Refills: 2"},
		para{text: "Diagnosis: prediabetes, hyperlipidemia."},
		checks{items: []check{{"Substitution permitted", true}, {"Dispense as written", false}}},
		space(8),
		signatures{{"P. Sallowfield", "Prescriber's signature", "Piers Sallowfield, MD", "02/20/2026"}},
		para{small: true, text: "SPECIMEN prescription. Not valid for dispensing. Pharmacy: Ostermere Pharmacy, (555) 555-0163."},
	}}
}

// prescriptionFax is the slip as a fax machine delivers it: crooked, black and white.
func prescriptionFax() ([]byte, error) {
	page, err := renderPage(prescription(), 200)
	if err != nil {
		return nil, err
	}
	turned := ground(page.Bounds().Dx(), page.Bounds().Dy(), rgb{255, 255, 255})
	tilt(turned, page, 620)
	return encodePNG(fax(turned, 150, 700))
}
