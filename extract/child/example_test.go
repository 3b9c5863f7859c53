package child_test

import (
	"context"
	"fmt"
	"os"

	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/extract/child"
)

// A program that reads documents in children of its own begins with the question whether it is
// one of them.
func Example() {
	var readers extract.Extractor // such as all.New(all.Options{})
	if len(os.Args) > 1 && os.Args[1] == "read-for-me" {
		if err := child.Serve(context.Background(), os.Stdin, os.Stdout, child.Handler{Extractor: readers}); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	pool := child.New(child.Options{Command: []string{os.Args[0], "read-for-me"}, Children: 2})
	defer pool.Close()
	// pool is an extract.Extractor: docsift.New takes it as any other.
}
