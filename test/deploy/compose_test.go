package deploy_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

// project loads compose.yaml as docker compose does, with nothing set around it.
func project(t *testing.T) *types.Project {
	t.Helper()
	opts, err := cli.NewProjectOptions([]string{filepath.Join(root, "compose.yaml")}, cli.WithWorkingDirectory(root), cli.WithEnv(nil))
	if err != nil {
		t.Fatal(err)
	}
	p, err := opts.LoadProject(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// later are files of other parts of the repository, asked for as soon as their folders are there.
var later = regexp.MustCompile(`^deploy/(prometheus|grafana)/`)

func missing(t *testing.T, path string) bool {
	t.Helper()
	abs, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	rel, err := filepath.Rel(abs, path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err == nil {
		return false
	}
	if _, err := os.Stat(filepath.Dir(path)); err != nil && later.MatchString(rel) {
		return false
	}
	return true
}

func TestCompose(t *testing.T) {
	p := project(t)
	pinned := regexp.MustCompile(`:v?[0-9]+\.[0-9]+\.?[0-9]*(-[a-z0-9.]+)?$`)
	for name, s := range p.Services {
		t.Run(name, func(t *testing.T) {
			if !s.ReadOnly {
				t.Error("its root can be written to")
			}
			if len(s.CapDrop) != 1 || s.CapDrop[0] != "ALL" || len(s.CapAdd) > 0 || s.Privileged {
				t.Errorf("it keeps capabilities: drops %v, adds %v", s.CapDrop, s.CapAdd)
			}
			if strings.Join(s.SecurityOpt, " ") != "no-new-privileges:true" {
				t.Errorf("security options %v", s.SecurityOpt)
			}
			if s.Build == nil && !pinned.MatchString(s.Image) {
				t.Errorf("its image %s is not pinned", s.Image)
			}
			if s.HealthCheck == nil && s.Build == nil {
				t.Error("nobody asks for its health")
			}
			if s.Deploy == nil || s.Deploy.Resources.Limits == nil || s.Deploy.Resources.Limits.MemoryBytes == 0 || s.Deploy.Resources.Limits.Pids == 0 {
				t.Error("it may take all of the machine")
			}
			for _, port := range s.Ports {
				if port.HostIP != "127.0.0.1" {
					t.Errorf("port %s is open to %q", port.Published, port.HostIP)
				}
			}
			for _, v := range s.Volumes {
				if v.Type == types.VolumeTypeBind && (!v.ReadOnly || missing(t, v.Source)) {
					t.Errorf("%s at %s: it can be written to, or there is no such file", v.Source, v.Target)
				}
			}
			for of, value := range s.Environment {
				if value != nil && regexp.MustCompile(`PASSWORD|SECRET|KEY|TOKEN`).MatchString(of) && !strings.HasPrefix(*value, "/run/secrets/") {
					t.Errorf("%s stands in the environment, where 'docker inspect' shows it", of)
				}
			}
			for other, on := range s.DependsOn {
				if on.Condition == types.ServiceConditionStarted {
					t.Errorf("it does not wait until %s is healthy", other)
				}
			}
		})
	}
	for name, want := range map[string]string{"server1": "serve", "server2": "serve", "worker": "worker", "migrate": "migrate"} {
		if got := strings.Join(p.Services[name].Command, " "); got != want {
			t.Errorf("%s runs %q, want %q", name, got, want)
		}
	}
}

// What servers trust is nginx's address and no other, and databases are in a network that leads nowhere.
func TestComposeNetworks(t *testing.T) {
	p := project(t)
	nginx := p.Services["nginx"].Networks["front"].Ipv4Address
	for _, name := range []string{"server1", "server2"} {
		s := p.Services[name]
		if got := s.Environment["DOCSIFT_TRUSTED_PROXIES"]; got == nil || *got != nginx {
			t.Errorf("%s trusts %v, nginx has %s", name, got, nginx)
		}
		if at := s.Networks["front"].Ipv4Address; !strings.Contains(strings.Join(p.Services["nginx"].Command, " "), at+":8080") {
			t.Errorf("nginx does not know %s at %s", name, at)
		}
	}
	for _, name := range []string{"postgres", "redis"} {
		for network := range p.Services[name].Networks {
			if !p.Networks[network].Internal {
				t.Errorf("%s is in %s, which leads outside", name, network)
			}
		}
		if len(p.Services[name].Ports) > 0 {
			t.Errorf("%s is published", name)
		}
	}
}

// The lines that nginx's command replaces are there.
func TestComposeNginx(t *testing.T) {
	command := strings.Join(project(t).Services["nginx"].Command, " ")
	shipped := read(t, filepath.Join(root, "deploy/nginx/docsift.conf"))
	found := regexp.MustCompile(`s/([^/]+)/`).FindAllStringSubmatch(command, -1)
	if len(found) != 3 {
		t.Fatalf("%q replaces %d things", command, len(found))
	}
	for _, m := range found {
		if strings.Count(shipped, m[1]) != 1 {
			t.Errorf("deploy/nginx/docsift.conf has %q %d times", m[1], strings.Count(shipped, m[1]))
		}
	}
}

// The secrets are made once, each other than the others, in a folder that others cannot enter.
func TestComposeSecrets(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "secrets")
	script := filepath.Join(root, "deploy/compose/secrets.sh")
	if out, err := run(t, script, dir); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder: %v, %v", info, err)
	}
	database, settings := read(t, filepath.Join(dir, "postgres_password")), read(t, filepath.Join(dir, "docsift.env"))
	if len(database) != 48 || !strings.Contains(settings, ":"+database+"@postgres:5432/docsift") {
		t.Error("docsift and PostgreSQL have different passwords")
	}
	if redis := strings.TrimSpace(strings.TrimPrefix(read(t, filepath.Join(dir, "redis.conf")), "requirepass ")); len(redis) != 48 || redis == database || !strings.Contains(settings, ":"+redis+"@redis:6379") {
		t.Error("docsift and Redis have different passwords, or all have one")
	}
	names := known(t)
	for _, m := range regexp.MustCompile(`(?m)^([A-Z_]+)=`).FindAllStringSubmatch(settings, -1) {
		if !names[m[1]] {
			t.Errorf("docsift.env has %s, which is no setting", m[1])
		}
	}
	if out, err := run(t, script, dir); err != nil || !strings.Contains(out, "nothing is changed") || read(t, filepath.Join(dir, "docsift.env")) != settings {
		t.Errorf("the second time: %v: %s", err, out)
	}
	p := project(t)
	for name, s := range p.Secrets {
		if _, err := os.Stat(filepath.Join(dir, filepath.Base(s.File))); err != nil {
			t.Errorf("the secret %s is not made: %v", name, err)
		}
	}
}
