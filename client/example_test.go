package client_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/client"
	"github.com/docsift/docsift/internal/httpapi"
)

// A document is sent, and the answer waited for.
func Example() {
	srv := httptest.NewServer(localServer())
	defer srv.Close()

	c, err := client.New(client.Options{URL: srv.URL})
	if err != nil {
		log.Fatal(err)
	}
	invoice := strings.NewReader("TAX INVOICE\nInvoice number: 2041\nBill to: Example Traders Ltd\nAmount due 576.00\nPayment terms: net 30 days")
	res, err := c.Classify(context.Background(), invoice, client.ClassifyOptions{Filename: "invoice.txt", Taxonomy: "finance"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(res.Classification, res.Review.Needed, res.Cost)
	// Output: invoice false $0
}

// Many documents are sent as a batch, and their answers are read as they come in.
func ExampleBatch() {
	work := func(ctx context.Context, c *client.Client, letters []string) error {
		b, err := c.NewBatch(ctx, client.BatchOptions{Name: "march", Taxonomy: "finance"})
		if err != nil {
			return err
		}
		for i, letter := range letters {
			if _, err := b.Add(ctx, strings.NewReader(letter), client.ClassifyOptions{Filename: fmt.Sprintf("%d.txt", i)}); err != nil {
				return err
			}
		}
		if _, err := b.Close(ctx); err != nil {
			return err
		}
		if _, err := b.Wait(ctx, func(p client.Progress) { log.Println(p.Documents.Queued, "to go") }); err != nil {
			return err
		}
		for one, err := range b.Results(ctx) {
			if err != nil {
				return err
			}
			fmt.Println(one.Document.Filename, one.Classification, one.Err())
		}
		return nil
	}
	_ = work
}

func localServer() http.Handler {
	classifier, err := docsift.New(docsift.Options{Policy: "local"})
	if err != nil {
		log.Fatal(err)
	}
	return httpapi.New(httpapi.Options{Classifier: classifier, Log: slog.New(slog.DiscardHandler)})
}
