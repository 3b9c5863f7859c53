//go:build unix

package main

import (
	"context"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
)

// poppler has poppler's commands do the same work, a process for each document and command.
func poppler(ctx context.Context, docs []source, w work) error {
	for _, d := range docs {
		commands := [][]string{{"pdftotext", "-l", "3", d.path, "-"}}
		if w == textAndPage {
			commands = append(commands, []string{"pdftoppm", "-jpeg", "-l", "1", "-scale-to", strconv.Itoa(side), d.path})
		}
		for _, c := range commands {
			out, err := exec.CommandContext(ctx, c[0], c[1:]...).Output()
			if err == nil && len(out) == 0 {
				err = errNothing
			}
			if err != nil {
				return fmt.Errorf("%s: %w", strings.Join(c, " "), err)
			}
		}
	}
	return nil
}

func popplerVersion() string {
	out, err := exec.Command("pdftotext", "-v").CombinedOutput()
	if err != nil {
		return "no poppler"
	}
	first, _, _ := strings.Cut(string(out), "\n")
	return first
}
