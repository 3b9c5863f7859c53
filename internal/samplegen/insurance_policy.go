package main

func policy() doc {
	const dwelling, contents, liability, valuables cents = 742_00, 186_50, 48_00, 61_50
	sub := total(dwelling, contents, liability, valuables)
	discount := -sub.share(100)
	levy := (sub + discount).share(32)
	th := letterPaper(sans, rgb{92, 38, 70})
	th.size = 9.5
	return doc{
		title:  "Homeowners policy HM-H-0008812",
		theme:  th,
		footer: "Harrowgale Mutual Insurance \u00b7 Policy HM-H-0008812 \u00b7 Form HO-26 (01/26)",
		blocks: append([]block{
			letterhead{name: "Harrowgale Mutual Insurance", tag: "Homeowners Policy", sub: "Policy HM-H-0008812",
				lines: []string{"1 Mutual Square, Ostermere, WM 00400", "Policy service (555) 555-0192 \u00b7 harrowgale.example.com"}},
			heading{2, "Declarations", left},
			fields{cols: 2, items: []field{
				{"Named insured", "Anton and Lise Culverhay", 1}, {"Policy period", "03/15/2026 to 03/15/2027", 1},
				{"Insured location", "52 Fieldgate Lane, Ostermere, WM 00420", 1}, {"", "12:01 a.m. standard time", 1},
				{"Mortgagee", "Brindlewick Savings Bank", 1}, {"Agent", "Penhallow & Strand, 0417", 1}}},
			heading{2, "Coverages and premium", left},
			table{cols: []col{{"Coverage", 46, left}, {"Limit of liability", 22, right}, {"Deductible", 15, right}, {"Premium", 17, right}},
				rows: [][]string{
					{"A  Dwelling (replacement cost)", "$340,000", "$1,000", dwelling.dollars()},
					{"B  Other structures", "$34,000", "$1,000", "included"},
					{"C  Personal property", "$170,000", "$1,000", contents.dollars()},
					{"D  Loss of use", "$68,000", "none", "included"},
					{"E  Personal liability, each occurrence", "$300,000", "none", liability.dollars()},
					{"F  Medical payments to others, each person", "$5,000", "none", "included"},
					{"Endorsement HM-61: scheduled valuables", "$12,000", "$250", valuables.dollars()}},
				foot: [][]string{
					{"Subtotal", "", "", sub.dollars()}, {"Claim-free discount 10%", "", "", discount.dollars()},
					{"Westmark fire levy 3.2%", "", "", levy.dollars()}, {"Total annual premium", "", "", total(sub, discount, levy).dollars()}}},
			para{lead: "Forms and endorsements.", text: "HO-26 Homeowners policy form; HM-61 Scheduled personal property; HM-14 Water back-up exclusion; HM-02 Mortgagee clause."},
			note{"In witness whereof,", "the Company has caused this policy to be signed. It is not valid unless countersigned by an authorized agent."},
			signatures{{"D. Harrow", "Delphine Harrow", "President", ""}, {"S. Strand", "Sunniva Strand", "Countersigned, authorized agent", "02/26/2026"}},
			pageBreak{},
		}, policyWording()...),
	}
}

func policyWording() []block {
	return []block{
		heading{1, "Policy form HO-26", left},
		heading{2, "Insuring agreement", left},
		para{text: "We will provide the insurance described in this policy in return for the premium and compliance with all applicable provisions of this policy."},
		heading{2, "Definitions", left},
		para{text: "\"You\" and \"your\" mean the named insured shown in the Declarations and the spouse if a resident of the same household. \"We\", \"us\" and \"our\" mean the Company. " +
			"\"Occurrence\" means an accident, including continuous or repeated exposure to the same harmful conditions, which results during the policy period in bodily injury or property damage."},
		heading{2, "Section I: property coverages", left},
		para{lead: "Coverage A, dwelling.", text: "We cover the dwelling on the insured location, including structures attached to it, and materials on or next to the location used to repair it."},
		para{lead: "Coverage C, personal property.", text: "We cover personal property owned or used by an insured anywhere in the world. Special limits apply: $200 on money and bank notes; $1,500 on jewelry and watches lost by theft; $2,500 on silverware."},
		para{lead: "Coverage D, loss of use.", text: "If a loss covered under Section I makes the residence unfit to live in, we cover the necessary increase in living expenses for the shortest time required to repair it."},
		heading{2, "Perils insured against", left},
		list{numbered: true, items: []string{"Fire or lightning.", "Windstorm or hail.", "Explosion, riot or civil commotion.", "Vehicles and aircraft.", "Smoke, vandalism and theft.",
			"Weight of ice, snow or sleet.", "Accidental discharge of water from plumbing or household appliances.", "Freezing of plumbing, if heat was maintained."}},
		heading{2, "Section I: exclusions", left},
		para{text: "We do not insure for loss caused directly or indirectly by: earth movement; flood, surface water or water that backs up through sewers; neglect; war; nuclear hazard; intentional loss; wear and tear, rot or insects."},
		heading{2, "Section II: liability coverages", left},
		para{text: "If a claim is made or a suit is brought against an insured for damages because of bodily injury or property damage caused by an occurrence to which this coverage applies, we will pay up to our limit of liability for the damages for which the insured is legally liable, and provide a defense at our expense."},
		heading{2, "Conditions", left},
		para{lead: "Your duties after loss.", text: "Give prompt notice to us or our agent; notify the police in case of theft; protect the property from further damage; prepare an inventory of damaged personal property; and send us a signed, sworn proof of loss within 60 days of our request."},
		para{lead: "Cancellation.", text: "You may cancel this policy at any time by returning it or by writing to us. We may cancel by written notice of at least 30 days, or 10 days for nonpayment of premium. Unearned premium will be refunded pro rata."},
		para{lead: "Subrogation.", text: "An insured may waive in writing before a loss all rights of recovery against any person. If not waived, we may require an assignment of those rights to the extent of our payment."},
	}
}
