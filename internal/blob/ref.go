package blob

import (
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"

	"github.com/docsift/docsift/fault"
)

// Ref names kept bytes.
type Ref struct {
	Tenant string
	SHA256 string // 64 hex digits in lower case
}

// maxTenant is how long the name of a tenant may be once it is written as one of a folder.
const maxTenant = 200

// Path returns what a Ref is kept under, tenant/ab/abcdef…, of lower-case letters, digits and "-_%"
// alone, whatever the name of the tenant. A Ref that is none is fault.Invalid.
func (r Ref) Path() (string, error) {
	folder, err := Folder(r.Tenant)
	if err != nil {
		return "", err
	}
	if !isDigest(r.SHA256) {
		return "", fault.New(fault.Invalid, nil, "%.80q is no SHA-256 digest: it has 64 hex digits in lower case", r.SHA256)
	}
	return folder + "/" + r.SHA256[:2] + "/" + r.SHA256, nil
}

// ParsePath returns the Ref that has a path.
func ParsePath(path string) (Ref, bool) {
	folder, rest, _ := strings.Cut(path, "/")
	_, digest, _ := strings.Cut(rest, "/")
	tenant, err := url.PathUnescape(folder)
	ref := Ref{tenant, digest}
	if err != nil {
		return ref, false
	}
	again, err := ref.Path()
	return ref, err == nil && again == path
}

// Folder returns the name of a tenant's folder.
func Folder(tenant string) (string, error) {
	var b strings.Builder
	for _, c := range []byte(tenant) {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02x", c)
		}
	}
	if n := b.Len(); n == 0 || n > maxTenant {
		return "", fault.New(fault.Invalid, nil, "%.80q cannot be the name of a tenant: it is empty or too long", tenant)
	}
	return b.String(), nil
}

func isDigest(s string) bool {
	raw, err := hex.DecodeString(s)
	return err == nil && len(raw) == 32 && strings.ToLower(s) == s
}
