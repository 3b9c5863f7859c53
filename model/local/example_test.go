package local_test

import (
	"context"
	"fmt"

	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/local"
	"github.com/docsift/docsift/taxonomy"
)

func ExampleModel_Score() {
	finance, err := taxonomy.Find("finance")
	if err != nil {
		fmt.Println(err)
		return
	}
	resp, err := local.New(local.Options{}).Score(context.Background(), model.Request{
		Taxonomy: finance,
		Text:     "Bank statement\nSort code 00-00-00\nOpening balance 310.20\nClosing balance 255.20",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(resp.Label, resp.Confidence > 0.9)
	fmt.Println(resp.Reason)
	// Output:
	// bank_statement true
	// found "bank statement", "sort code", "opening balance", "closing balance"
}
