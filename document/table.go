package document

import "strings"

// isTable reports whether text is separated values: nearly every line has the same
// number of fields, and the separator is not the comma of prose or the tab of a layout.
func isTable(text string) bool {
	return hasColumns(text, ",") || hasColumns(text, ";") || hasColumns(text, "\t") || hasColumns(text, "|")
}

func hasColumns(text, sep string) bool {
	const (
		look   = 50 // lines
		minRow = 3
	)
	// The last line of a sample may be cut short.
	if i := strings.LastIndexByte(text, '\n'); len(text) > sampleSize/2 && i > 0 {
		text = text[:i]
	}
	widths := map[int]int{}
	lines, seps, spaced, first := 0, 0, 0, 0
	for line := range strings.Lines(text) {
		if line = strings.Trim(line, " \r\n"); line == "" {
			continue
		}
		n, s := separators(line, sep[0])
		if widths[n]++; lines == 0 {
			first = n
		}
		seps, spaced = seps+n, spaced+s
		if lines++; lines == look {
			break
		}
	}
	width, rows := 0, 0
	for w, n := range widths {
		if n > rows {
			width, rows = w, n
		}
	}
	// A table of contents has tabs as well, but comes after a title.
	if sep == "\t" && first != width {
		return false
	}
	enough := rows >= minRow || (rows == lines && rows == 2 && width >= 2)
	return width >= 1 && enough && rows*10 >= lines*8 && spaced*2 <= seps
}

// separators counts the separators of a line outside quotes, and those that prose has, too.
func separators(line string, sep byte) (n, spaced int) {
	quoted := false
	for i := range len(line) {
		switch {
		case line[i] == '"':
			quoted = !quoted
		case line[i] == sep && !quoted:
			n++
			// A comma at the end of a line is one of prose, and a tab at its beginning sets it in.
			if ends := i+1 == len(line); sep == '\t' && i == 0 || sep != '\t' && (ends || line[i+1] == ' ') {
				spaced++
			}
		}
	}
	return n, spaced
}
