package httpapi

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/blob"
	"github.com/docsift/docsift/internal/store"
)

// uploadAnswer says where and how an upload is to be brought.
type uploadAnswer struct {
	ID      string            `json:"id"` // what POST /v1/classifications takes as upload
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers"` // that the request must have
	Expires time.Time         `json:"expires_at"`
}

// announce answers POST /v1/uploads.
func (a *API) announce(w http.ResponseWriter, r *http.Request, c Caller) {
	body, leave, err := a.receiveJSON(w, r)
	defer leave()
	var u store.Upload
	if err == nil {
		u, err = a.readUpload(body, c)
	}
	if err != nil {
		a.problem(w, err)
		return
	}
	out, err := a.place(r, u)
	if err != nil {
		a.problem(w, err)
		return
	}
	writeJSON(w, http.StatusCreated, out)
}

// readUpload reads what is announced.
func (a *API) readUpload(body value, c Caller) (u store.Upload, err error) {
	if a.opts.Store == nil || a.opts.Blobs == nil {
		return u, fault.New(fault.NotFound, nil, "this server keeps no documents: send them with the request")
	}
	u.ID, u.Tenant = uuid.NewString(), c.Tenant
	for name, v := range body.fields() {
		switch name {
		case "bytes":
			u.Bytes, err = strconv.ParseInt(string(v.raw), 10, 64)
			if err != nil || u.Bytes <= 0 {
				return u, v.wrong("is no number of bytes above 0")
			}
		case "filename":
			u.Filename, err = v.text()
			u.Filename = cleanName(u.Filename)
		case "sha256":
			if u.SHA256, err = v.text(); err == nil {
				_, err = blob.Ref{Tenant: c.Tenant, SHA256: u.SHA256}.Path()
			}
		default:
			err = v.wrong("there is no such field; there are bytes, filename, sha256")
		}
		if err != nil {
			return u, err
		}
	}
	switch {
	case u.Bytes == 0:
		err = body.field("bytes").unlike("the number of bytes of the document")
	case u.Bytes > a.maxDocument():
		err = tooLarge(a.maxDocument())
	}
	return u, err
}

// place keeps an upload and says where it is to be brought: to the bucket itself, or to this server.
func (a *API) place(r *http.Request, u store.Upload) (uploadAnswer, error) {
	out := uploadAnswer{ID: u.ID, Method: http.MethodPut, Headers: map[string]string{}}
	token := ""
	if direct, ok := a.opts.Blobs.(blob.Direct); ok {
		var err error
		if out.URL, out.Headers, err = direct.Presign(r.Context(), u.Upload, blob.UploadLife); err != nil {
			return out, err
		}
	} else {
		token = rand.Text()
		out.URL = a.base(r) + "/v1/uploads/" + u.ID + "?token=" + token
	}
	var err error
	out.Expires, err = a.opts.Store.Announce(r.Context(), u, token, blob.UploadLife)
	return out, err
}

// base returns the address of this server, as far as it can know it.
func (a *API) base(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https"
	}
	return cmp.Or(a.opts.UploadURL, (&url.URL{Scheme: scheme, Host: r.Host}).String())
}

// bring answers PUT /v1/uploads/{id}. Who has its token need not say who they are.
func (a *API) bring(w http.ResponseWriter, r *http.Request) {
	i, err := a.takeUpload(w, r)
	if err != nil {
		a.problem(w, err)
		return
	}
	writeJSON(w, http.StatusOK, struct {
		ID     string `json:"id"`
		SHA256 string `json:"sha256"`
		Bytes  int64  `json:"bytes"`
	}{r.PathValue("id"), i.SHA256, i.Bytes})
}

func (a *API) takeUpload(w http.ResponseWriter, r *http.Request) (i blob.Info, err error) {
	if a.opts.Store == nil || a.opts.Blobs == nil {
		return i, fault.New(fault.NotFound, nil, "no such route")
	}
	if a.draining.Load() {
		return i, fault.New(fault.Stopping, nil, "shutting down")
	}
	leave, err := a.uploads.take()
	if err != nil {
		return i, err
	}
	defer leave()
	u, err := a.opts.Store.OfToken(r.Context(), r.PathValue("id"), r.URL.Query().Get("token"))
	if err != nil {
		return i, err
	}
	if r.ContentLength >= 0 && r.ContentLength != u.Bytes {
		w.Header().Set("Connection", "close")
		return i, otherSize(u.Bytes)
	}
	body := a.pace(w, r, u.Bytes)
	i, err = a.opts.Blobs.Put(r.Context(), u.Tenant, body, blob.PutOptions{SHA256: u.SHA256})
	if _, over := errors.AsType[*http.MaxBytesError](err); over || err == nil && i.Bytes != u.Bytes {
		err = otherSize(u.Bytes)
	} else if fault.KindOf(err) == fault.Internal {
		err = fault.New(fault.Invalid, err, "the upload was cut off")
	}
	if err = body.settle(err); err != nil {
		return i, err
	}
	return i, a.opts.Store.Receive(r.Context(), u.ID, i)
}

func otherSize(announced int64) error {
	return fault.New(fault.Invalid, nil, "the upload was announced with %d bytes, and has another number of them", announced)
}

// fetch puts an upload that a form names in the place of its file.
func (a *API) fetch(ctx context.Context, c Caller, form *upload) error {
	id := form.first("upload")
	switch {
	case id == "" && !form.hasFile:
		return fault.New(fault.Invalid, nil, "the field file is missing")
	case id == "":
		return nil
	case form.hasFile:
		return fault.New(fault.Invalid, nil, "give file or upload, not both")
	case a.opts.Store == nil || a.opts.Blobs == nil:
		return fault.New(fault.NotFound, nil, "there is no upload %.64q", id)
	}
	leave, err := a.uploads.take()
	if err != nil {
		return err
	}
	defer leave()
	u, err := a.opts.Store.FindUpload(ctx, c.Tenant, id)
	if err != nil {
		return err
	}
	r, err := a.openUpload(ctx, u)
	if err != nil {
		return err
	}
	defer r.Close()
	form.filename = u.Filename
	form.doc, form.docErr = document.Read(r, u.Filename, a.opts.Document)
	if !u.Received && fault.KindOf(form.docErr) == blob.Damaged {
		return fault.New(fault.Invalid, form.docErr, "what was uploaded is not what was announced")
	}
	return nil
}

func (a *API) openUpload(ctx context.Context, u store.Upload) (r io.ReadCloser, err error) {
	missing := fault.New(fault.Conflict, nil, "the upload %s has not come yet", u.ID)
	if u.Received {
		return a.opts.Blobs.Open(ctx, blob.Ref{Tenant: u.Tenant, SHA256: u.SHA256})
	}
	direct, ok := a.opts.Blobs.(blob.Direct)
	if !ok {
		return nil, missing
	}
	r, err = direct.OpenUpload(ctx, u.Upload)
	if fault.KindOf(err) == fault.NotFound {
		return nil, missing
	}
	return r, err
}
