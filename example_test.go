package docsift_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/document"
)

const letter = `TAX INVOICE
Invoice number: 2041
Bill to: Example Traders Ltd
4 oak shelves at 120.00
Amount due: 480.00
Payment terms: net 30 days`

// The zero Options need no key and no network.
func Example() {
	c, err := docsift.New(docsift.Options{Taxonomy: "finance"})
	if err != nil {
		log.Fatal(err)
	}
	d, err := document.Read(strings.NewReader(letter), "letter.txt", document.Options{})
	if err != nil {
		log.Fatal(err)
	}
	res, err := c.Classify(context.Background(), d, docsift.Request{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(res.Classification, "by", res.ProviderUsed, "for", res.Cost)
	// Output: invoice by local for $0
}

// Categories of one's own need no file: those that docsift knows bring their knowledge.
func ExampleClassifier_Classify_ownCategories() {
	c, err := docsift.New(docsift.Options{})
	if err != nil {
		log.Fatal(err)
	}
	d, err := document.Read(strings.NewReader(letter), "letter.txt", document.Options{})
	if err != nil {
		log.Fatal(err)
	}
	res, err := c.Classify(context.Background(), d, docsift.Request{Categories: []string{"love_letter", "invoice"}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(res.Classification)
	// Output: invoice
}

// Without a key the guide's cascade cannot start, and says what is missing.
func ExampleClassifier_ClassifyWithConfidenceUpgrade() {
	c, err := docsift.New(docsift.Options{Taxonomy: "finance"}) // Getenv: os.Getenv
	if err != nil {
		log.Fatal(err)
	}
	var png []byte // the picture of a page
	res, err := c.ClassifyWithConfidenceUpgrade(context.Background(), "Classify this document.", png, 0.8)
	fmt.Println(res.Status, err)
	// Output: failed the document is empty
}

// A text that is at hand already needs no document: Decide puts questions about it.
func ExampleClassifier_Decide() {
	c, err := docsift.New(docsift.Options{}) // Getenv: os.Getenv brings hosted models in
	if err != nil {
		log.Fatal(err)
	}
	kind := docsift.Question{
		Instructions: "Which kind of document is this?",
		Choices:      []docsift.Choice{{Label: "bank statement"}, {Label: "invoice"}, {Label: "other"}},
	}
	ds, err := c.Decide(context.Background(), docsift.Material{Text: letter}, []docsift.Question{kind}, "")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(kind.Choices[ds[0].Choice].Label, ds[0].Probabilities[ds[0].Choice] > 0.9, ds[0].Cost)
	// Output: invoice true $0
}
