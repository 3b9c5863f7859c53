package webhook

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// secretPrefix tells a signing secret from other keys.
const secretPrefix = "whsec_"

// newSecret returns a secret of 32 random bytes.
func newSecret() string {
	raw := make([]byte, 32)
	rand.Read(raw) // it never fails
	return secretPrefix + base64.StdEncoding.EncodeToString(raw)
}

// sign sets the headers of Standard Webhooks 1.0, with a signature for each secret.
func sign(h http.Header, secrets []string, id string, at time.Time, body string) error {
	stamp := strconv.FormatInt(at.Unix(), 10)
	var all []string
	for _, secret := range secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, secretPrefix))
		if err != nil {
			return errors.New("a signing secret is not base64") // its own text would repeat some of it
		}
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(id + "." + stamp + "." + body))
		all = append(all, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	h.Set("webhook-id", id)
	h.Set("webhook-timestamp", stamp)
	h.Set("webhook-signature", strings.Join(all, " "))
	return nil
}
