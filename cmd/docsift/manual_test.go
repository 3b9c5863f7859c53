//go:build !race

package main

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// freeAddress is one that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// Every command of the first page works as it stands, in an empty folder with the samples, without key
// or network. The blocks named sh are those commands.
func TestFirstFiveMinutes(t *testing.T) {
	page, err := os.ReadFile("../../docs/first-five-minutes.md")
	if err != nil {
		t.Fatal(err)
	}
	script := "set -eu\n"
	blocks := regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(page), -1)
	for _, b := range blocks {
		script += b[1]
	}
	if len(blocks) < 6 || !strings.Contains(script, "docsift serve") {
		t.Fatalf("the page has %d blocks of commands", len(blocks))
	}
	for _, fixed := range []string{"127.0.0.1:8080", "127.0.0.1:9090"} {
		script = strings.ReplaceAll(script, fixed, freeAddress(t))
	}
	samples, err := filepath.Abs("../../samples")
	if err != nil {
		t.Fatal(err)
	}
	caches, err := os.UserCacheDir() // the compiled PDF reader is kept between runs
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(samples, filepath.Join(dir, "samples")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-c", "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n"+script)
	cmd.Dir, cmd.WaitDelay = dir, 10*time.Second
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "XDG_STATE_HOME=" + filepath.Join(dir, "state"), "XDG_CACHE_HOME=" + caches}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{
		"invoice-quillmoor-print.pdf +invoice +9[0-9]%", `"evidence":\[\{"phrase"`, "boarding_pass", `"status":"ready"`,
		`"classification":"resume"`, `"provider_used":"local"`, `"classifications":\[`, "openai_gpt4o_mini|gpt-4o-mini", `today +\$0\.0`, "requests", "CHECK",
	} {
		if !regexp.MustCompile(want).Match(out) {
			t.Errorf("nothing says %q in\n%s", want, out)
		}
	}
}

// pages are the texts for people, by their paths below the root.
func pages(t *testing.T) map[string]string {
	t.Helper()
	all := make(map[string]string)
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/*/*.md"} {
		paths, err := filepath.Glob(filepath.Join("..", "..", pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			name, err := filepath.Rel(filepath.Join("..", ".."), path)
			if err != nil {
				t.Fatal(err)
			}
			all[filepath.ToSlash(name)] = string(text)
		}
	}
	return all
}

var (
	fence    = regexp.MustCompile("(?ms)^\\s*```.*?^\\s*```$")
	codeSpan = regexp.MustCompile("`[^`\n]*`")
	link     = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading  = regexp.MustCompile(`(?m)^#+ (.*)$`)
	mark     = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// anchors are those that a page's headings have where it is shown.
func anchors(text string) map[string]bool {
	all := make(map[string]bool)
	for _, h := range heading.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		all[strings.ReplaceAll(mark.ReplaceAllString(strings.ToLower(h[1]), ""), " ", "-")] = true
	}
	return all
}

// Every link within the repository leads somewhere, and every page of the manual is reached from its
// table of contents.
func TestLinks(t *testing.T) {
	all := pages(t)
	reached := make(map[string]bool)
	for name, text := range all {
		for _, m := range link.FindAllStringSubmatch(codeSpan.ReplaceAllString(fence.ReplaceAllString(text, ""), ""), -1) {
			if strings.Contains(m[1], "://") || strings.HasPrefix(m[1], "mailto:") {
				continue
			}
			path, anchor, _ := strings.Cut(m[1], "#")
			to := name
			if path != "" {
				to = filepath.ToSlash(filepath.Join(filepath.Dir(name), path))
			}
			if _, err := os.Stat(filepath.Join("..", "..", to)); err != nil {
				t.Errorf("%s: the link %s leads nowhere", name, m[1])
			}
			if anchor != "" && !anchors(all[to])[anchor] {
				t.Errorf("%s: %s has no heading %q", name, to, anchor)
			}
			if name == "docs/README.md" {
				reached[to] = true
			}
		}
	}
	for name := range all {
		if strings.HasPrefix(name, "docs/") && name != "docs/README.md" && !reached[name] {
			t.Errorf("docs/README.md does not lead to %s", name)
		}
	}
}
