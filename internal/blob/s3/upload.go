package s3

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/blob"
)

const checksum = "X-Amz-Checksum-Sha256"

// place returns the name of an upload's object.
func (s *Store) place(u blob.Upload) (string, error) {
	folder, err := blob.Folder(u.Tenant)
	if err == nil && (len(u.ID) != 36 || uuid.Validate(u.ID) != nil) {
		err = fault.New(fault.Invalid, nil, "%.64q is no id of an upload", u.ID)
	}
	return s.opts.Prefix + "uploads/" + folder + "/" + u.ID, err
}

// Presign signs the number of bytes, which the client's Content-Length must be, and their digest.
func (s *Store) Presign(ctx context.Context, u blob.Upload, valid time.Duration) (string, map[string]string, error) {
	key, err := s.place(u)
	if err != nil {
		return "", nil, err
	}
	signed := http.Header{"Content-Length": {strconv.FormatInt(u.Bytes, 10)}}
	header := make(map[string]string)
	if u.SHA256 != "" {
		raw, err := hex.DecodeString(u.SHA256)
		if err != nil {
			return "", nil, fault.New(fault.Invalid, err, "%.80q is no SHA-256 digest", u.SHA256)
		}
		header[checksum] = base64.StdEncoding.EncodeToString(raw)
		signed.Set(checksum, header[checksum])
	}
	address, err := s.public.PresignHeader(ctx, http.MethodPut, s.opts.Bucket, key, valid, nil, signed)
	if err != nil {
		return "", nil, failure(ctx, err)
	}
	return address.String(), header, nil
}

// OpenUpload asks for an upload.
func (s *Store) OpenUpload(ctx context.Context, u blob.Upload) (io.ReadCloser, error) {
	key, err := s.place(u)
	if err != nil {
		return nil, err
	}
	r, err := s.get(ctx, key)
	if err != nil || u.SHA256 == "" {
		return r, err
	}
	return blob.Verified(r, u.SHA256), nil
}

// Tidy removes uploads.
func (s *Store) Tidy(ctx context.Context, before time.Time) error {
	for o, err := range s.list(ctx, s.opts.Prefix+"uploads/") {
		if err != nil {
			return err
		}
		if !o.LastModified.Before(before) {
			continue
		}
		if err := s.remove(ctx, o.Key); err != nil {
			return err
		}
	}
	return nil
}
