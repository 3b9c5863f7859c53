package chat_test

import (
	"fmt"

	"github.com/docsift/docsift/model/chat"
	"github.com/docsift/docsift/taxonomy"
)

func ExampleParseAnswer() {
	t, err := taxonomy.New("mail", []string{"invoice", "bank_statement"})
	if err != nil {
		panic(err)
	}
	resp, err := chat.ParseAnswer(t, "Sure:\n```json\n{\"category\": \"Bank Statement\", \"confidence\": \"93%\"}\n```")
	if err != nil {
		panic(err)
	}
	fmt.Println(resp.Label, resp.Confidence, resp.Score)
	for _, note := range resp.Notes {
		fmt.Println(note)
	}
	// Output:
	// bank_statement 0.93 stated
	// category was written "Bank Statement"
	// confidence "93%" was read as a percentage
}
