package webui

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/access"
	"github.com/docsift/docsift/internal/seal"
)

// sessionLife is how long somebody stays signed in: a working day.
const sessionLife = 8 * time.Hour

// Sessions keeps people signed in: a cookie holds the id of their key, sealed, and never the key. A key
// that no longer counts ends its sessions. It is safe for concurrent use, and serves several processes that
// have one secret.
type Sessions struct {
	Keys   *access.Keyring
	Secret *seal.Key
}

// session is what the cookie holds.
type session struct {
	Key   string `json:"k"` // its id
	Until int64  `json:"u"` // seconds from 1970
}

const purpose = "session of the page"

// Under TLS a cookie's name can promise that no other host has set it.
const (
	plainCookie  = "docsift_session"
	secureCookie = "__Host-docsift_session"
)

func encrypted(r *http.Request) bool {
	return r.TLS != nil || strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https")
}

// Key returns the key of who has signed in. It is access.Unauthorized for who has not, and found is then
// whether a session has ended.
func (s *Sessions) Key(r *http.Request) (k access.Key, found bool, err error) {
	name := plainCookie
	if encrypted(r) {
		name = secureCookie
	}
	c, err := r.Cookie(name)
	if err != nil || c.Value == "" {
		return k, false, fault.New(access.Unauthorized, nil, "nobody has signed in")
	}
	over := fault.New(access.Unauthorized, nil, "the session is over: sign in again")
	text, err := s.Secret.Unseal(c.Value, purpose)
	if err != nil {
		return k, true, over
	}
	var in session
	if err := json.Unmarshal([]byte(text), &in); err != nil || time.Now().Unix() >= in.Until {
		return k, true, over
	}
	k, err = s.Keys.Current(in.Key)
	return k, true, err
}

// begin has who shows a key stay signed in.
func (s *Sessions) begin(w http.ResponseWriter, r *http.Request, whole string) error {
	k, err := s.Keys.Find(whole)
	if err != nil {
		return err
	}
	text, err := json.Marshal(session{k.ID, time.Now().Add(sessionLife).Unix()})
	if err != nil {
		return err
	}
	s.set(w, r, s.Secret.Seal(string(text), purpose), int(sessionLife.Seconds()))
	return nil
}

func (s *Sessions) set(w http.ResponseWriter, r *http.Request, value string, age int) {
	c := http.Cookie{Name: plainCookie, Value: value, Path: "/", MaxAge: age, HttpOnly: true, SameSite: http.SameSiteStrictMode}
	if encrypted(r) {
		c.Name, c.Secure = secureCookie, true
	}
	http.SetCookie(w, &c)
}

type signInPage struct {
	Next    string
	Message string
}

// askKey answers GET /signin.
func (u *UI) askKey(w http.ResponseWriter, r *http.Request, v Viewer) {
	u.show(w, r, Viewer{}, page{file: "signin.html", title: "Sign in", main: signInPage{Next: ours(r.URL.Query().Get("next"))}})
}

// ours returns a path of this server, whatever it is given.
func ours(next string) string {
	at, err := url.Parse(next)
	if err != nil || at.Scheme != "" || at.Host != "" || at.Opaque != "" || !strings.HasPrefix(next, "/") ||
		strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return "/"
	}
	return next
}

// signIn answers POST /signin. Requests of other sites do not come this far.
func (u *UI) signIn(w http.ResponseWriter, r *http.Request, _ Viewer) {
	r.Body = http.MaxBytesReader(w, r.Body, 16<<10)
	next := ours(r.PostFormValue("next"))
	err := u.opts.Sessions.begin(w, r, strings.TrimSpace(r.PostFormValue("key")))
	if err != nil {
		status := http.StatusUnauthorized
		if fault.KindOf(err) == fault.Storage {
			status = http.StatusServiceUnavailable
		}
		u.show(w, r, Viewer{}, page{"signin.html", "Sign in", status, signInPage{next, fault.Message(err)}})
		return
	}
	guard(w.Header())
	http.Redirect(w, r, next, http.StatusSeeOther)
}

// signOut answers POST /signout.
func (u *UI) signOut(w http.ResponseWriter, r *http.Request, _ Viewer) {
	u.opts.Sessions.set(w, r, "", -1)
	guard(w.Header())
	w.Header().Set("Clear-Site-Data", `"storage"`)
	http.Redirect(w, r, "/signin", http.StatusSeeOther)
}
