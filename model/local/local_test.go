package local_test

import (
	"context"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/local"
	"github.com/docsift/docsift/model/modeltest"
	"github.com/docsift/docsift/taxonomy"
)

func TestContract(t *testing.T) {
	modeltest.Run(t, func(*testing.T) model.Model { return local.New(local.Options{}) })
}

// find returns a built-in taxonomy.
func find(t testing.TB, id string) *taxonomy.Taxonomy {
	t.Helper()
	tax, err := taxonomy.Find(id)
	if err != nil {
		t.Fatal(err)
	}
	return tax
}

func score(t testing.TB, m *local.Model, tax *taxonomy.Taxonomy, text string) model.Response {
	t.Helper()
	resp, err := m.Score(t.Context(), model.Request{Taxonomy: tax, Text: text, Document: model.Facts{Name: "a.pdf", Type: document.PDF}})
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

const (
	invoice   = "TAX INVOICE\nInvoice number 2041\nBill to: Example Traders Ltd\nQuantity Description Unit price\n4 Oak shelves 120.00\nSubtotal 480.00\nAmount due 480.00\nPayment terms: net 30"
	statement = "Bank statement\nStatement period 1 May to 31 May\nSort code 00-00-00\nOpening balance 310.20\nDirect debit 40.00\nStanding order 15.00\nClosing balance 255.20"
	passport  = "PASSPORT\nUnited Kingdom of Nowhere\nType P  Passport No. 000000000\nSurname SPECIMEN\nGiven names ANNA\nNationality\nDate of birth 01 JAN 1970\nPlace of birth\nDate of issue\nAuthority\nP<NWHSPECIMEN<<ANNA"
)

func TestScore(t *testing.T) {
	m := local.New(local.Options{})
	tests := []struct {
		name, taxonomy, text, want string
	}{
		{"an invoice", "finance", invoice, "invoice"},
		{"a bank statement", "finance", statement, "bank_statement"},
		{"a card statement, which has balances too", "finance", "Credit card statement\nPrevious balance 120.00\nNew balance 210.55\nMinimum payment due 25.00\nPayment due date 14 June\nCredit limit 3,000.00\nCash advance APR 24.9%", "credit_card_statement"},
		{"a till receipt, which has a total too", "finance", "CORNER SHOP\nReceipt\nCashier 04  Till 2\n2 x Tea 3.00\nTotal 6.00\nCash tendered 10.00\nChange due 4.00\nThank you for shopping with us", "receipt"},
		{"a pay slip", "finance", "Payslip\nPay period May\nEmployee number 12\nGross pay 2,100.00\nIncome tax 210.00\nNational insurance 90.00\nNet pay 1,800.00\nYear to date", "payroll_document"},
		{"a complaint to a court", "legal", "IN THE UNITED STATES DISTRICT COURT\nFOR THE DISTRICT OF NOWHERE\nA. Example, Plaintiff, v. B. Example, Defendant.\nCase No. 1:00-cv-00001\nCOMPLAINT AND DEMAND FOR JURY TRIAL\nPlaintiff alleges as follows. Jurisdiction and venue are proper.", "court_filing"},
		{"a patent", "legal", "United States Patent\nPatent No. 0,000,001\nInventor: A. Example\nAssignee\nAbstract\nField of the invention\nBackground of the invention\nWhat is claimed is:\n1. A device comprising a plurality of", "patent_document"},
		{"a discharge summary", "healthcare", "DISCHARGE SUMMARY\nDate of admission 1 May\nDate of discharge 4 May\nAdmitting diagnosis\nHospital course: the patient was admitted with\nDischarge medications\nCondition at discharge stable\nFollow up in two weeks", "discharge_summary"},
		{"a laboratory result", "healthcare", "LABORATORY REPORT\nSpecimen collected 1 May\nTest Result Units Reference range\nHemoglobin 13.9 g/dL 12.0-16.0\nWBC count\nGlucose fasting", "lab_result"},
		{"a lease", "real_estate", "RESIDENTIAL LEASE AGREEMENT\nThis lease is made between the Landlord and the Tenant.\nMonthly rent 900\nSecurity deposit 900\nThe tenant shall keep the premises in good repair\nTerm of the lease", "lease_agreement"},
		{"a deed", "real_estate", "WARRANTY DEED\nThe Grantor conveys and warrants to the Grantee the following described real property\nLegal description: Lot 1, Block 2\nto have and to hold\nNotary public", "property_deed"},
		{"a claim form", "insurance", "CLAIM FORM\nClaimant name\nPolicy number\nDate of loss\nDescription of accident\nI declare that the information given is true\nSignature of claimant", "claim_form"},
		{"a notice of premium", "insurance", "PREMIUM NOTICE\nPolicy number 1\nPremium due date 1 June\nAmount of premium due 120.00\nGrace period 31 days\nPlease pay your premium by the due date", "premium_notice"},
		{"a CV", "hr", "CURRICULUM VITAE\nWork experience\n2019-2024 Carpenter, Example Ltd\nEducation\nSkills: joinery, languages\nReferences available on request\nHobbies and interests", "resume"},
		{"a dismissal", "hr", "NOTICE OF TERMINATION\nDear Sam, this letter confirms that your employment is terminated. Your last day of employment is 1 June. Your final paycheck and severance pay will follow. Please return company property.", "termination_letter"},
		{"a letter", "default", "Example Ltd\n1 May\nDear Ms Sample,\nThank you for your letter of 20 April. We are writing to let you know that your enquiry was received.\nYours sincerely,\nA. Example", "correspondence"},
		{"a passport is none of finance's", "finance", passport, taxonomy.Unknown},
		{"a recipe is none of law's", "legal", "Apple pie recipe\nIngredients: 2 cups flour, 1 teaspoon salt, butter\nMethod: preheat the oven, mix until smooth, bake for 40 minutes\nServes 6  Prep time 20 minutes", taxonomy.Unknown},
		{"an invoice is none of hr's", "hr", invoice, taxonomy.Unknown},
		{"a bank statement is none of law's", "legal", statement, taxonomy.Unknown},
		{"an invoice among all", taxonomy.All, invoice, "invoice"},
		{"accents, capitals and ligatures do not matter", "finance", "ÍNVOÏCE\nINVOICE NUMBER 7\nUNIT PRICE\nPAYMENT TERMS net 30\nBilling address\nAmount due\n" + "ﬁnal", "invoice"},
		{"words that a scanner misread are passed over", "finance", "T4X INV0ICE\nlnvoice nurnber 2041\nBill to: Exarnple\nQuantity Descripti0n Unit price\nSubtotal 48O.OO\nAmount due 480.00\nPayrnent terms: net 30\nInvoice date", "invoice"},
		{"nothing to read", "finance", "", ""},
		{"a page number", "finance", " \f 2 \f", ""},
		{"words of no meaning", "finance", strings.Repeat("lorem ipsum dolor sit amet ", 20), ""},
		{"a script that no cue is in", "finance", strings.Repeat("Это письмо о погоде. ", 20), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			resp := score(t, m, find(t, tt.taxonomy), tt.text)
			if resp.Label != tt.want {
				t.Errorf("label %q (%.2f, %s), want %q", resp.Label, resp.Confidence, resp.Reason, tt.want)
			}
			if resp.Reason == "" {
				t.Error("no reason is given")
			}
			checkScores(t, find(t, tt.taxonomy), resp)
		})
	}
}

// checkScores holds a response to what model.Response promises.
func checkScores(t *testing.T, tax *taxonomy.Taxonomy, resp model.Response) {
	t.Helper()
	if resp.Label == "" {
		if resp.Scores != nil || resp.Confidence != 0 || resp.Score != model.ScoreNone {
			t.Errorf("abstains with %v, %v, %v", resp.Scores, resp.Confidence, resp.Score)
		}
		return
	}
	if resp.Score != model.ScoreProbability || resp.Confidence != resp.Scores[resp.Label] {
		t.Errorf("%s: confidence %v, score %v", resp.Score, resp.Confidence, resp.Scores[resp.Label])
	}
	sum := 0.0
	for label, p := range resp.Scores {
		if p <= 0 || p >= 1 || p > resp.Confidence || (label != taxonomy.Unknown && !tax.Has(label)) {
			t.Errorf("score of %q is %v", label, p)
		}
		sum += p
	}
	if math.Abs(sum-1) > 1e-9 || len(resp.Scores) != len(tax.Categories)+1 {
		t.Errorf("%d scores make %v", len(resp.Scores), sum)
	}
}

func TestReasonNamesTheEvidence(t *testing.T) {
	m := local.New(local.Options{})
	resp := score(t, m, find(t, "finance"), statement)
	for _, want := range []string{"found ", `"bank statement"`, `"opening balance"`} {
		if !strings.Contains(resp.Reason, want) {
			t.Errorf("reason %q does not hold %q", resp.Reason, want)
		}
	}
	resp = score(t, m, find(t, "finance"), passport)
	if !strings.HasPrefix(resp.Reason, `foreign to the taxonomy: it reads like "passport"; found "`) {
		t.Errorf("reason %q does not say what it takes a passport for", resp.Reason)
	}
}

func TestNamesOfFilesAreAWeakHint(t *testing.T) {
	m, tax := local.New(local.Options{}), find(t, "finance")
	ask := func(name, text string) model.Response {
		resp, err := m.Score(t.Context(), model.Request{Taxonomy: tax, Text: text, Document: model.Facts{Name: name}})
		if err != nil {
			t.Fatal(err)
		}
		return resp
	}
	for _, name := range []string{"receipt.pdf", "payslip_may.pdf", "scan 0007.pdf"} {
		if got := ask(name, statement); got.Label != "bank_statement" {
			t.Errorf("%s: a bank statement is taken for %q", name, got.Label)
		}
	}
	plain, hinted := ask("", statement).Scores["bank_statement"], ask("Bank-Statement 7.pdf", statement).Scores["bank_statement"]
	if hinted <= plain {
		t.Errorf("a fitting name makes %.4f of %.4f", hinted, plain)
	}
	const lamp = "We met on the pier and spoke of the lamp that will be mended in spring."
	if got, want := ask("invoice.pdf", lamp), ask("", lamp); got.Label != want.Label || got.Confidence != want.Confidence {
		t.Errorf("a name alone makes %q with %.3f of %q with %.3f", got.Label, got.Confidence, want.Label, want.Confidence)
	}
}

func TestEvidenceTellsThePage(t *testing.T) {
	m := local.New(local.Options{})
	req := model.Request{Taxonomy: find(t, "finance"), Text: "Invoice\nBill to Ann\f\n\fAmount due 12.00", Pages: []int{1, 4, 9}}
	resp, err := m.Score(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []model.Evidence{{Phrase: "bill to", Page: 1}, {Phrase: "amount due", Page: 9}} {
		if !slices.Contains(resp.Evidence, want) {
			t.Errorf("evidence %v lacks %v", resp.Evidence, want)
		}
	}
	req.Pages = nil
	if resp, err = m.Score(t.Context(), req); err != nil || !slices.Contains(resp.Evidence, model.Evidence{Phrase: "bill to"}) {
		t.Errorf("evidence %v, error %v where pages are not known", resp.Evidence, err)
	}
}

func TestMoreEvidenceMakesSurer(t *testing.T) {
	m := local.New(local.Options{})
	less := score(t, m, find(t, "finance"), "A page of our account with you\nOpening balance\nClosing balance")
	more := score(t, m, find(t, "finance"), statement)
	if less.Scores["bank_statement"] >= more.Scores["bank_statement"] {
		t.Errorf("two cues give %v, many give %v", less.Scores["bank_statement"], more.Scores["bank_statement"])
	}
}

func TestUsersOwnCategories(t *testing.T) {
	own, err := taxonomy.Parse("own.yaml", []byte("id: own\ncategories:\n"+
		"- name: dog_licence\n  description: Permission of a town to keep a dog, with breed and rabies vaccination.\n"+
		"- Bank Statements\n"+
		"- 'Purchase Order'\n"+
		"- name: 健康診断書\n"))
	if err != nil {
		t.Fatal(err)
	}
	m := local.New(local.Options{})
	tests := []struct{ name, text, want string }{
		{"by the words of name and description", "Town of Example\nDog licence\nBreed: terrier\nRabies vaccination 1 May", "dog_licence"},
		{"a built-in one under another spelling", statement, "Bank Statements"},
		{"one outside the built-in taxonomies", "PURCHASE ORDER\nPO number 12\nVendor\nShip to\nDelivery date\nAuthorized by", "Purchase Order"},
		{"in a script without spaces", "令和八年 健康診断書 受診者 見本太郎 身長 体重 血圧 視力 聴力 判定 異常なし 医師", "健康診断書"},
		{"a stranger", passport, taxonomy.Unknown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if resp := score(t, m, own, tt.text); resp.Label != tt.want {
				t.Errorf("label %q (%.2f, %s), want %q", resp.Label, resp.Confidence, resp.Reason, tt.want)
			}
		})
	}
}

// A question in somebody's words is answered where all choices are kinds of documents. Of anything
// else the model knows no more than the word.
func TestQuestions(t *testing.T) {
	tests := []struct {
		name    string
		choices []string
		kinds   bool
		want    string // "" for none
	}{
		{"kinds of documents", []string{"invoice", "bank statement"}, true, "invoice"},
		{"a kind beside something else", []string{"invoice", "angry customer"}, true, ""},
		{"true or false", []string{"true", "false"}, true, ""},
		{"kinds that are levels of a scale", []string{"invoice", "bank statement"}, false, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var list []taxonomy.Category
			for _, name := range tt.choices {
				list = append(list, taxonomy.Category{Name: name})
			}
			q, err := taxonomy.Ask("Which is it?", list, tt.kinds)
			if err != nil {
				t.Fatal(err)
			}
			resp := score(t, local.New(local.Options{}), q, invoice)
			if resp.Label != tt.want || tt.want == "" && !strings.Contains(resp.Reason, "another question") {
				t.Errorf("%q because %q, want %q", resp.Label, resp.Reason, tt.want)
			}
		})
	}
}

func TestTheFileNameIsNotEvidence(t *testing.T) {
	m := local.New(local.Options{})
	req := model.Request{Taxonomy: find(t, "finance"), Text: statement}
	plain, err := m.Score(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	req.Document.Name = "invoice.pdf"
	named, err := m.Score(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	if !maps.Equal(plain.Scores, named.Scores) {
		t.Error("the file name changes the scores")
	}
}

func TestManyTaxonomiesAtOnce(t *testing.T) {
	m := local.New(local.Options{Taxonomies: 2}) // fewer than are in use
	want := make(map[string]map[string]float64)
	for _, tax := range taxonomy.Builtin() {
		want[tax.ID] = score(t, m, tax, invoice).Scores
	}
	var wg sync.WaitGroup
	for range 4 {
		for _, tax := range taxonomy.Builtin() {
			wg.Go(func() {
				resp, err := m.Score(context.Background(), model.Request{Taxonomy: tax, Text: invoice})
				if err != nil || !maps.Equal(resp.Scores, want[tax.ID]) {
					t.Errorf("%s: %v, %v; want %v", tax.ID, resp.Scores, err, want[tax.ID])
				}
			})
		}
	}
	wg.Wait()
}

func FuzzScore(f *testing.F) {
	for _, seed := range []string{invoice, statement, passport, "\f\f", "ﬁ\u0301\xff\u00ad", strings.Repeat("a ", 5000), "健康診断書"} {
		f.Add(seed)
	}
	m := local.New(local.Options{})
	tax := find(f, taxonomy.All)
	f.Fuzz(func(t *testing.T, text string) {
		checkScores(t, tax, score(t, m, tax, text))
	})
}
