package taxonomy_test

import (
	"fmt"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/taxonomy"
)

func ExampleParse() {
	t, err := taxonomy.Parse("pets.yaml", []byte("id: pets\ncategories:\n- invoice\n- name: dog_licence\n  titles: [dog licence]\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(t.ID, t.Names())

	_, err = taxonomy.Parse("pets.yaml", []byte("id: pets\ncategories:\n- invoice\n- Invoice\n"))
	fmt.Println(fault.Message(err))
	// Output:
	// pets [invoice dog_licence]
	// pets.yaml:4: "Invoice" is listed twice
}
