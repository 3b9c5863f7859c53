package deploy_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/goreleaser/goreleaser/v2/pkg/config"
)

// goreleaser knows every word of its configuration, and what packages and images are made of is there, which it looks
// for only when it releases.
func TestRelease(t *testing.T) {
	c, err := config.Load(root + "/.goreleaser.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if len(c.NFPMs) != 1 || len(c.DockersV2) != 1 {
		t.Fatalf("%d kinds of packages and %d images", len(c.NFPMs), len(c.DockersV2))
	}
	files := []string{c.DockersV2[0].Dockerfile}
	for _, content := range c.NFPMs[0].Contents {
		files = append(files, content.Source)
	}
	for _, script := range []string{c.NFPMs[0].Scripts.PostInstall, c.NFPMs[0].Scripts.PreRemove} {
		files = append(files, script)
		if out, err := run(t, "sh", "-n", filepath.Join(root, script)); err != nil {
			t.Errorf("%s: %v: %s", script, err, out)
		}
	}
	for _, file := range files {
		if _, err := os.Stat(filepath.Join(root, file)); err != nil {
			t.Error(err)
		}
	}
}
