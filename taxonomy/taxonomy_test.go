package taxonomy_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/taxonomy"
)

// original is what the service before docsift sorts into, in its order. Its clients
// depend on every name.
func original() []struct {
	id    string
	names []string
} {
	return []struct {
		id    string
		names []string
	}{
		{"finance", []string{
			"invoice", "bank_statement", "financial_report", "contract", "receipt", "tax_document",
			"insurance_document", "loan_document", "credit_card_statement", "investment_statement",
			"payroll_document", "expense_report", "drivers_license",
		}},
		{"legal", []string{
			"contract", "legal_brief", "court_filing", "patent_document", "compliance_document",
			"legal_correspondence", "regulatory_filing", "intellectual_property", "litigation_document",
		}},
		{"healthcare", []string{
			"medical_record", "insurance_claim", "prescription", "lab_result", "medical_bill",
			"patient_form", "discharge_summary", "referral_letter", "medical_certificate",
		}},
		{"real_estate", []string{
			"property_deed", "lease_agreement", "property_appraisal", "inspection_report",
			"mortgage_document", "property_listing", "title_document", "zoning_document", "property_tax_document",
		}},
		{"insurance", []string{
			"policy_document", "claim_form", "coverage_summary", "premium_notice", "claim_settlement",
			"underwriting_document", "risk_assessment", "policy_renewal", "insurance_certificate",
		}},
		{"hr", []string{
			"employment_contract", "resume", "job_application", "performance_review", "employee_handbook",
			"benefits_document", "training_certificate", "disciplinary_action", "termination_letter",
		}},
		{"default", []string{
			"invoice", "contract", "report", "statement", "receipt", "form", "certificate", "correspondence", "application",
		}},
	}
}

func TestBuiltinNamesAreThoseOfTheOriginalService(t *testing.T) {
	var industries, union []string
	for _, o := range original() {
		tax, err := taxonomy.Find(o.id)
		if err != nil {
			t.Fatal(err)
		}
		if got := tax.Names(); !slices.Equal(got, o.names) {
			t.Errorf("%s: categories %q, want %q", o.id, got, o.names)
		}
		if o.id == "default" {
			continue
		}
		industries = append(industries, o.id)
		for _, n := range o.names {
			if !slices.Contains(union, n) {
				union = append(union, n)
			}
		}
	}
	if got := taxonomy.Industries(); !slices.Equal(got, industries) {
		t.Errorf("industries %q, want %q", got, industries)
	}
	all, err := taxonomy.Find(taxonomy.All)
	if err != nil {
		t.Fatal(err)
	}
	if got := all.Names(); !slices.Equal(got, union) {
		t.Errorf("all: categories %q, want %q", got, union)
	}
	if got, want := len(taxonomy.Builtin()), len(original())+1; got != want {
		t.Errorf("%d built-in taxonomies, want %d", got, want)
	}
}

func TestBuiltinCategoriesAreDescribed(t *testing.T) {
	for _, tax := range taxonomy.Builtin() {
		if tax.Title == "" || tax.Description == "" || !regexp.MustCompile(`^1\+[0-9a-f]{12}$`).MatchString(tax.Version) {
			t.Errorf("%s: title %q, description %q, version %q", tax.ID, tax.Title, tax.Description, tax.Version)
		}
		for _, c := range tax.Categories {
			described(t, tax.ID, c)
		}
	}
	if len(taxonomy.Outside()) == 0 {
		t.Error("nothing is known of documents outside the categories")
	}
	for _, c := range taxonomy.Outside() {
		described(t, "outside", c)
	}
}

// described holds a category to what the models need of it.
func described(t *testing.T, id string, c taxonomy.Category) {
	t.Helper()
	if !strings.HasSuffix(c.Description, ".") || len(c.Description) > 300 {
		t.Errorf("%s/%s: description %q is not one sentence", id, c.Name, c.Description)
	}
	if len(c.Titles) == 0 && len(c.Cues) == 0 {
		t.Errorf("%s/%s: neither titles nor cues", id, c.Name)
	}
	normal := regexp.MustCompile(`^[\pL\pN]+( [\pL\pN]+)*$`)
	seen := map[string]bool{}
	for _, phrase := range slices.Concat(c.Titles, c.Cues, c.Against) {
		if !normal.MatchString(phrase) || strings.ToLower(phrase) != phrase {
			t.Errorf("%s/%s: %q is not in normal form", id, c.Name, phrase)
		}
		if seen[phrase] {
			t.Errorf("%s/%s: %q is listed twice", id, c.Name, phrase)
		}
		seen[phrase] = true
	}
}

func TestFind(t *testing.T) {
	_, err := taxonomy.Find("plumbing")
	if got := fault.KindOf(err); got != fault.NotFound {
		t.Errorf("an unknown id: kind %q, want %q", got, fault.NotFound)
	}
	if !strings.Contains(fault.Message(err), `"finance"`) {
		t.Errorf("message %q does not say what there is", fault.Message(err))
	}
}

func TestNew(t *testing.T) {
	tests := []struct {
		name     string
		category string
		beside   string
		known    bool
	}{
		{"a built-in name", "invoice", "b", true},
		{"spaces around it", " invoice ", "b", true},
		{"another spelling", "Bank Statements", "b", true},
		{"a title of a built-in one", "payslip", "b", true},
		{"one that is outside the built-in taxonomies", "passport", "b", true},
		{"a name nobody knows", "dog licence", "b", false},
		{"a title beside another title of the same", "balance sheet", "income statement", false},
		{"a title beside the name itself", "balance sheet", "financial_report", false},
		{"a name beside one of its titles", "financial_report", "balance sheet", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tax, err := taxonomy.New("mine", []string{tt.category, tt.beside})
			if err != nil {
				t.Fatal(err)
			}
			c := tax.Categories[0]
			if c.Name != strings.TrimSpace(tt.category) {
				t.Errorf("name %q", c.Name)
			}
			if got := len(c.Cues) > 0 && c.Description != ""; got != tt.known {
				t.Errorf("%q takes from the built-in library: %v, want %v", c.Name, got, tt.known)
			}
		})
	}
}

func TestHas(t *testing.T) {
	tax, err := taxonomy.New("mine", []string{"invoice", "dog licence"})
	if err != nil {
		t.Fatal(err)
	}
	if !tax.Has("dog licence") || tax.Has("Invoice") || tax.Has(taxonomy.Unknown) {
		t.Errorf("Has is wrong on %q", tax.Names())
	}
}

func TestNewRefuses(t *testing.T) {
	tests := []struct {
		name  string
		names []string
		want  string
	}{
		{"no category", nil, "a taxonomy needs at least one category"},
		{"too many", numbered(256), "category 256: there are 256 categories, and at most 255 are possible"},
		{"a blank name", []string{"a", " "}, "category 2: a category needs a name"},
		{"a name twice", []string{"deed", "Deed"}, `category 2: "Deed" is listed twice`},
		{"the reserved name", []string{"UNKNOWN"}, `category 1: "UNKNOWN" is reserved: every taxonomy has it already`},
		{"a long name", []string{strings.Repeat("long ", 14)}, `category 1: the name "long long long long "… is longer than 64 bytes`},
		{"a quote", []string{`a"b`}, `category 1: the name "a\"b" has a quote, a backslash or an invisible character in it`},
		{"a line break", []string{"a\nb"}, `category 1: the name "a\nb" has a quote, a backslash or an invisible character in it`},
		{"text that runs backwards", []string{"a\u202eb"}, `category 1: the name "a\u202eb" has a quote, a backslash or an invisible character in it`},
		{"no text", []string{"a\xff"}, `category 1: the name "a\xff" is not UTF-8`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := taxonomy.New("mine", tt.names)
			if fault.KindOf(err) != fault.Invalid || fault.Message(err) != tt.want {
				t.Errorf("%s: %v; want %s: %s", fault.KindOf(err), err, fault.Invalid, tt.want)
			}
		})
	}
	if _, err := taxonomy.New("mine", numbered(255)); err != nil {
		t.Errorf("255 categories: %v", err)
	}
}

func numbered(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("kind %d", i)
	}
	return names
}
