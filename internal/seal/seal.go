// Package seal keeps secrets so that who reads the database does not learn them.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/docsift/docsift/fault"
)

// size is how many bytes a key has.
const size = 32

// prefix of what is sealed says how.
const prefix = "v1:"

// Key seals and unseals. It is safe for concurrent use.
type Key struct {
	ring []cipher.AEAD // the first seals, all of them unseal
}

// Open returns the key that value is: 32 bytes in base64. Several stand between commas when a key
// is replaced: the first seals, and what any of them has sealed can be read. Without a value the key
// is in the file path, which is made on first use; no other user of the machine can read it then. A
// key that is none is fault.Config, and its text is not repeated.
func Open(value, path string) (*Key, error) {
	if value != "" {
		return parse(value, "DOCSIFT_SECRET_KEY")
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err = create(path); err == nil {
			text, err = os.ReadFile(path)
		}
	}
	if err != nil {
		return nil, fault.New(fault.Config, err, "the file of the secret key %s cannot be used", path)
	}
	return parse(string(text), path)
}

func parse(text, from string) (*Key, error) {
	k := new(Key)
	for part := range strings.SplitSeq(text, ",") {
		raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(part))
		if err != nil || len(raw) != size {
			return nil, fault.New(fault.Config, nil, "%s is no secret key: it is %d bytes in base64, as 'openssl rand -base64 %d' prints them", from, size, size)
		}
		block, err := aes.NewCipher(raw)
		if err != nil {
			return nil, err
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, err
		}
		k.ring = append(k.ring, aead)
	}
	return k, nil
}

// create makes a file with a new key. Of several processes that do so at once one wins.
func create(path string) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".secret-*") // nobody else can read it
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	raw := make([]byte, size)
	rand.Read(raw) // it never fails
	_, err = f.WriteString(base64.StdEncoding.EncodeToString(raw) + "\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(dir)
}

// syncDir makes a new name outlive the machine: what is sealed is lost without its key.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrInvalid) && !errors.Is(err, fs.ErrPermission) {
		return err // some systems cannot, and say so in these ways
	}
	return nil
}

// Seal returns plain so that only the key can read it, and only for the same purpose: what is
// sealed for one row of a table is worth nothing in another. It is ASCII, and another text each time.
func (k *Key) Seal(plain, purpose string) string {
	return prefix + base64.RawURLEncoding.EncodeToString(k.ring[0].Seal(nil, nil, []byte(plain), []byte(purpose)))
}

// Unseal returns what was sealed for a purpose. What another key has sealed, or what was changed
// since, is fault.Config.
func (k *Key) Unseal(sealed, purpose string) (string, error) {
	text, ok := strings.CutPrefix(sealed, prefix)
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if ok && err == nil {
		for _, aead := range k.ring {
			if plain, err := aead.Open(nil, nil, raw, []byte(purpose)); err == nil {
				return string(plain), nil
			}
		}
	}
	return "", fault.New(fault.Config, nil, "a secret was sealed with another key than DOCSIFT_SECRET_KEY, or the file secret.key, is now")
}
