package config

import (
	"net/url"
	"strings"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/blob"
	"github.com/docsift/docsift/internal/blob/s3"
)

// Blobs says where the bytes of documents are kept and for how long.
type Blobs struct {
	// S3 is DOCSIFT_S3_BUCKET, and DOCSIFT_S3_ENDPOINT, _PUBLIC_ENDPOINT, _REGION, _PREFIX,
	// _ACCESS_KEY_ID, _SECRET_ACCESS_KEY and _PATH_STYLE. Without a bucket they are kept in the
	// folder documents in Config.Data.
	S3 s3.Options

	// Uploads is DOCSIFT_UPLOAD_URL: under what address those who bring uploads reach this server.
	// Default: the one under which they asked.
	Uploads string

	Retention blob.Retention // DOCSIFT_RETAIN_DOCUMENTS: 0, forever, or such as 12h or 7d; default 7d
}

func (c Config) blobs() (b Blobs, err error) {
	const name = "DOCSIFT_RETAIN_DOCUMENTS"
	b.S3 = s3.Options{
		Endpoint: c.Getenv("DOCSIFT_S3_ENDPOINT"), Public: c.Getenv("DOCSIFT_S3_PUBLIC_ENDPOINT"),
		Bucket: c.Getenv("DOCSIFT_S3_BUCKET"), Prefix: c.Getenv("DOCSIFT_S3_PREFIX"), Region: c.Getenv("DOCSIFT_S3_REGION"),
		AccessKeyID: c.Getenv("DOCSIFT_S3_ACCESS_KEY_ID"), SecretAccessKey: c.Getenv("DOCSIFT_S3_SECRET_ACCESS_KEY"),
		PathStyle: c.Getenv("DOCSIFT_S3_PATH_STYLE"),
	}
	if p := b.S3.Prefix; p != "" && !strings.HasSuffix(p, "/") {
		b.S3.Prefix += "/"
	}
	if b.S3.Bucket == "" && b.S3.Endpoint != "" {
		return b, fault.New(fault.Config, nil, "DOCSIFT_S3_ENDPOINT is set and DOCSIFT_S3_BUCKET is not: name the bucket that documents are kept in")
	}
	b.Uploads = strings.TrimSuffix(c.Getenv("DOCSIFT_UPLOAD_URL"), "/")
	if u, err := url.Parse(b.Uploads); b.Uploads != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "") {
		return b, fault.New(fault.Config, nil, "DOCSIFT_UPLOAD_URL is no address: it is like https://uploads.example.com")
	}
	value := c.or(name, "7d")
	if b.Retention, err = blob.ParseRetention(value); err != nil {
		err = fault.New(fault.Config, nil, "%s=%s: %s", name, value, fault.Message(err))
	}
	return b, err
}
