package main

func hrSamples() []sample {
	return []sample{
		{"hr/employment_contract-joiner.pdf", asPDF(employmentContract)},
		{"hr/performance_review-annual.docx", asDocx(performanceReview)},
		{"hr/resume-software-engineer.docx", asDocx(resume)},
	}
}

func resume() doc {
	return doc{
		title:  "Resume of Wren Hollisander",
		theme:  letterPaper(sans, rgb{26, 86, 120}),
		footer: "Wren Hollisander, resume",
		blocks: []block{
			letterhead{name: "Wren Hollisander", lines: []string{"Software Engineer", "Ostermere, WM | (555) 555-0147 | wren@hollisander.example.com | code.example.com/wren"}},
			heading{2, "Summary", left},
			para{text: "Backend engineer with eight years of experience building payment and document systems. Comfortable from database schema to production on-call. Enjoys removing code, teaching, and clear writing."},
			heading{2, "Experience", left},
			para{lead: "Senior Software Engineer, Pellstone Software Cooperative", text: "| March 2022 - present"},
			list{items: []string{"Led a team of four that rebuilt the invoicing service; cut the 99th percentile latency from 1.9 s to 240 ms.",
				"Introduced contract tests between 11 services; production incidents fell by 40% in a year.",
				"Mentored three junior engineers, two of whom now lead projects."}},
			para{lead: "Software Engineer, Greyfinch Airways, Digital Team", text: "| June 2019 - February 2022"},
			list{items: []string{"Built the rebooking API used by 60 airport desks; handled 2 million requests a day.",
				"Moved nightly batch jobs to an event queue and reduced data delay from 24 hours to 5 minutes."}},
			para{lead: "Junior Developer, Pendlewick Books", text: "| August 2017 - May 2019"},
			list{items: []string{"Maintained the online shop; wrote the stock reconciliation tool still in use today."}},
			heading{2, "Education", left},
			para{lead: "BSc Computer Science, University of Westmark,", text: "2014 - 2017, First class honours. Thesis: incremental parsing of tabular text."},
			heading{2, "Skills", left},
			fields{cols: 1, items: []field{{"Languages", "Go, Python, SQL, TypeScript", 1}, {"Infrastructure", "PostgreSQL, Redis, Linux, containers, Terraform", 1},
				{"Practices", "Test-driven development, code review, incident response", 1}, {"Spoken languages", "English (native), Portuguese (fluent)", 1}}},
			heading{2, "Certifications and volunteering", left},
			list{items: []string{"Certified incident commander, 2023.", "Volunteer instructor at Ostermere Code Club for ages 9 to 13, since 2020."}},
			para{italic: true, text: "References available on request."},
		},
	}
}

func performanceReview() doc {
	return doc{
		title:  "Annual performance review 2025",
		theme:  letterPaper(sans, rgb{60, 70, 30}),
		footer: "Tarnbeck Joinery Works Inc, Human Resources: confidential",
		blocks: []block{
			heading{1, "Annual Performance Review", center},
			fields{cols: 1, items: []field{
				{"Employee", "Lise Farthinghoe (E-0118)", 1}, {"Job title", "Account Manager, Sales", 1}, {"Manager / reviewer", "Sander Tarnbeck", 1},
				{"Review period", "January 1, 2025 to December 31, 2025", 1}, {"Date of review meeting", "January 28, 2026", 1}}},
			para{small: true, text: "Rating scale: 5 Outstanding, 4 Exceeds expectations, 3 Meets expectations, 2 Needs improvement, 1 Unsatisfactory."},
			heading{2, "1. Competencies", left},
			table{grid: true, cols: []col{{"Competency", 28, left}, {"Weight", 10, right}, {"Rating", 10, right}, {"Reviewer's comments", 60, left}},
				rows: [][]string{
					{"Job knowledge", "20%", "4", "Knows the product range and timber supply well; trusted by the workshop."},
					{"Quality of work", "20%", "4", "Quotations are accurate; only one revision caused by an error."},
					{"Customer focus", "25%", "5", "Three clients named her in the annual survey."},
					{"Communication", "15%", "4", "Clear and prompt. Site notes are a model for the team."},
					{"Planning and organization", "20%", "3", "Expense reports late in Q2; improved after July."}},
				foot: [][]string{{"Weighted overall rating", "100%", "4.05", "Exceeds expectations"}}},
			heading{2, "2. Goals for 2025", left},
			table{grid: true, cols: []col{{"Goal", 44, left}, {"Target", 22, left}, {"Result", 22, left}, {"Status", 18, left}},
				rows: [][]string{{"New contract revenue", "$600,000", "$648,500", "Achieved"}, {"Client retention", "90%", "94%", "Achieved"}, {"Complete estimating software training", "June 2025", "September 2025", "Achieved late"}}},
			heading{2, "3. Strengths", left},
			para{text: "Lise builds lasting relationships and listens before she proposes. She won the Port Selwyn library refit against four competitors and handed the project over to the workshop without loose ends."},
			heading{2, "4. Areas for development", left},
			para{text: "Delegate routine quotations to the office so that she has time for larger tenders. Submit expenses and call reports by the fifth of each month."},
			heading{2, "5. Goals for 2026", left},
			list{numbered: true, items: []string{"Reach $700,000 in new contract revenue.", "Prepare one tender above $250,000 together with Finance.", "Coach the new sales assistant through the first six months."}},
			heading{2, "6. Employee's comments", left},
			para{text: "I agree with the review. I would like to attend a course on public procurement this year."},
			para{lead: "Recommended salary adjustment:", text: "3.5%, effective April 1, 2026. Recommended promotion: none at this time."},
			signatures{{"L. Farthinghoe", "Employee's signature", "Lise Farthinghoe", "January 28, 2026"}, {"S. Tarnbeck", "Reviewer's signature", "Sander Tarnbeck", "January 28, 2026"}},
		},
	}
}

func employmentContract() doc {
	return doc{
		title:  "Employment agreement",
		theme:  letterPaper(serif, rgb{50, 40, 30}),
		footer: "Employment Agreement: Tarnbeck Joinery Works Inc / J. Eskerdale",
		blocks: append([]block{
			letterhead{name: "Tarnbeck Joinery Works Inc", tag: "Employment Agreement",
				lines: []string{"9 Sawpit Road, Ostermere, WM 00419", "Human Resources (555) 555-0172"}},
			para{text: "This Employment Agreement is made on February 16, 2026 between Tarnbeck Joinery Works Inc (the \"Employer\") and Jonah Eskerdale, 14 Towpath Row, Ostermere, WM 00417 (the \"Employee\")."},
			fields{cols: 2, labelW: 96, items: []field{
				{"Position", "Bench joiner", 1}, {"Start date", "March 9, 2026", 1}, {"Department", "Workshop", 1}, {"Reports to", "Workshop manager", 1},
				{"Annual salary", "$54,600.00", 1}, {"Hours", "40 per week", 1}, {"Paid vacation", "22 days a year", 1}, {"Probation", "90 days", 1}}},
			rule{},
		}, employmentTerms()...),
	}
}

func employmentTerms() []block {
	return []block{
		para{lead: "1. Position and duties.", text: "The Employer employs the Employee as a bench joiner. The Employee shall make and assemble joinery to drawing, maintain the machines assigned to him, follow the safety rules, and carry out other duties reasonably assigned."},
		para{lead: "2. Place and hours of work.", text: "The place of work is the workshop at 9 Sawpit Road. Normal working hours are Monday to Friday, 7:00 a.m. to 3:30 p.m., with an unpaid meal break of thirty minutes. Overtime must be approved in advance and is paid at one and one half times the hourly rate."},
		para{lead: "3. Compensation.", text: "The Employer shall pay a gross salary of $54,600.00 a year, in 26 biweekly instalments of $2,100.00, less lawful deductions. Salary is reviewed each January."},
		para{lead: "4. Probationary period.", text: "The first 90 days of employment are a probationary period, during which either party may end the employment on one week's notice."},
		para{lead: "5. Benefits.", text: "After probation the Employee may join the Employer's health plan and retirement plan on the terms of those plans. The Employer matches retirement contributions up to 4% of salary. Work clothing and protective equipment are provided."},
		para{lead: "6. Vacation and sick leave.", text: "The Employee is entitled to 22 days of paid vacation and 8 days of paid sick leave in each calendar year, accrued monthly."},
		para{lead: "7. Confidentiality.", text: "During and after employment the Employee shall not disclose the Employer's confidential information, including customer lists, prices, drawings and methods of manufacture."},
		para{lead: "8. Inventions.", text: "Inventions and designs made by the Employee in the course of employment belong to the Employer."},
		para{lead: "9. Non-solicitation.", text: "For twelve months after the employment ends the Employee shall not solicit the Employer's customers with whom he dealt in the last year of employment."},
		para{lead: "10. Termination.", text: "After probation either party may terminate this Agreement on four weeks' written notice. The Employer may terminate without notice for cause, including theft, violence or gross neglect of duty. On termination the Employee shall return all property of the Employer."},
		para{lead: "11. Severance.", text: "If the Employer terminates without cause after one year of service, it shall pay one week's salary for each completed year."},
		para{lead: "12. Governing law and entire agreement.", text: "This Agreement is governed by the law of Westmark, replaces all earlier offers and understandings, and may be changed only in writing signed by both parties."},
		para{text: "The Employee confirms that he has read and understood this Agreement and has received a copy of the employee handbook."},
		signatures{{"S. Tarnbeck", "For the Employer", "Sander Tarnbeck, President", "Date: February 16, 2026"}, {"Jonah Eskerdale", "Employee", "Jonah Eskerdale", "Date: February 17, 2026"}},
	}
}
