package deploy_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerui"
	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

var dockerfiles = []string{"Dockerfile", "deploy/release/Dockerfile"}

// registry has every image, and nothing in it.
type registry struct{}

// ResolveImageConfig returns an image of Linux.
func (registry) ResolveImageConfig(_ context.Context, ref string, _ sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	return ref, "", []byte(`{"architecture": "amd64", "os": "linux", "config": {}}`), nil
}

var _ llb.ImageMetaResolver = registry{}

// image reads a Dockerfile as a build would, and returns the image that would come of it. What BuildKit's linter has
// to say is an error.
func image(t *testing.T, file string) dockerspec.DockerOCIImageConfig {
	t.Helper()
	res, err := dockerfile2llb.Dockerfile2LLB(t.Context(), []byte(read(t, filepath.Join(root, file))), dockerfile2llb.ConvertOpt{
		MetaResolver: registry{}, TargetPlatform: &ocispecs.Platform{OS: "linux", Architecture: "arm64"}, AllStages: true,
		Config: dockerui.Config{
			BuildPlatforms: []ocispecs.Platform{{OS: "linux", Architecture: "amd64"}},
			LinterConfig:   &linter.Config{ExperimentalAll: true},
		},
		Warn: func(rule, description, _, detail string, at []parser.Range) {
			t.Errorf("%s: %s: %s %s %v", file, rule, description, detail, at)
		},
	})
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return res.Image.Config
}

// Both Dockerfiles are clean, and their images run alike: as nobody in particular, with one program and a check of its health.
func TestImages(t *testing.T) {
	for _, file := range dockerfiles {
		t.Run(file, func(t *testing.T) {
			c := image(t, file)
			if c.User != "65532:65532" {
				t.Errorf("it runs as %q", c.User)
			}
			if got := strings.Join(append(c.Entrypoint, c.Cmd...), " "); got != "/usr/bin/docsift serve" {
				t.Errorf("it runs %q", got)
			}
			if c.Healthcheck == nil || strings.Join(c.Healthcheck.Test, " ") != "CMD /usr/bin/docsift health" {
				t.Errorf("its health is asked by %v", c.Healthcheck)
			}
			for _, name := range []string{"title", "description", "source", "documentation", "licenses"} {
				if c.Labels["org.opencontainers.image."+name] == "" {
					t.Errorf("it has no label %s", name)
				}
			}
			for _, dir := range []string{"/data", "/tmp"} {
				if _, ok := c.Volumes[dir]; !ok {
					t.Errorf("%s is no volume, so a read-only root would close it", dir)
				}
			}
			if _, ok := c.ExposedPorts["8080/tcp"]; !ok {
				t.Errorf("it opens %v", c.ExposedPorts)
			}
		})
	}
}

// What git does not know stays out of the image's context, above all secrets, and nothing else does: the version of
// the program would say that files were changed.
func TestContext(t *testing.T) {
	var ignored []string
	for line := range strings.Lines(read(t, filepath.Join(root, ".dockerignore"))) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			ignored = append(ignored, line)
		}
	}
	for _, secret := range []string{".env", "deploy/compose/secrets"} {
		if !slices.Contains(ignored, secret) {
			t.Errorf(".dockerignore lets %s in", secret)
		}
	}
	if _, err := os.Stat(filepath.Join(root, ".git")); err != nil {
		t.Skip("this is no clone")
	}
	for _, pattern := range ignored {
		if out, err := run(t, "git", "-C", root, "ls-files", "--", ":(glob)"+pattern, ":(glob)"+pattern+"/**"); err != nil || out != "" {
			t.Errorf(".dockerignore leaves out what git knows: %v %s", err, out)
		}
	}
}
