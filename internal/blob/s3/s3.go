// Package s3 keeps the bytes of documents in a bucket of an S3-compatible server.
package s3

import (
	"cmp"
	"context"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/blob"
)

// What holds where Options leave it open.
const (
	DefaultEndpoint = "https://s3.amazonaws.com"
	DefaultRegion   = "us-east-1"
)

// Options configures a Store.
type Options struct {
	// Endpoint is the server's address. Default DefaultEndpoint.
	Endpoint string

	// Public is the address under which those who bring uploads reach the server. Default Endpoint.
	Public string

	Bucket string // required; it must exist
	Prefix string // stands before the name of every object, such as "docsift/"; default ""
	Region string // default DefaultRegion

	// AccessKeyID and SecretAccessKey are what the server knows us by. Default: those of AWS's own
	// settings in the environment, or of the machine that this runs on.
	AccessKeyID, SecretAccessKey string

	// PathStyle says whether the bucket stands in the path of an address (on) or before the host name
	// (off). Default auto: before it at AWS, Google and Alibaba, in the path elsewhere.
	PathStyle string

	// Patience is how long the server may take to begin an answer. Default 5s.
	Patience time.Duration
}

// slowest is how many bytes a second the server must take or give.
const slowest = 256 << 10

// Store is a bucket of documents.
type Store struct {
	opts   Options
	core   minio.Core
	public *minio.Client // which makes addresses for others
}

var _ blob.Direct = (*Store)(nil)

// Open returns the store in a bucket. The server is not asked for anything yet. Options that do
// not fit are fault.Config.
func Open(o Options) (*Store, error) {
	o.Endpoint = cmp.Or(o.Endpoint, DefaultEndpoint)
	o.Region = cmp.Or(o.Region, DefaultRegion)
	o.Patience = cmp.Or(o.Patience, 5*time.Second)
	mo := &minio.Options{Creds: identity(o), Region: o.Region, MaxRetries: 2, Transport: transport(o.Patience)}
	switch o.PathStyle {
	case "", "auto":
	case "on":
		mo.BucketLookup = minio.BucketLookupPath
	case "off":
		mo.BucketLookup = minio.BucketLookupDNS
	default:
		return nil, fault.New(fault.Config, nil, "DOCSIFT_S3_PATH_STYLE=%s: use auto, on or off", o.PathStyle)
	}
	client, err := connect("DOCSIFT_S3_ENDPOINT", o.Endpoint, mo)
	if err != nil {
		return nil, err
	}
	public, err := connect("DOCSIFT_S3_PUBLIC_ENDPOINT", cmp.Or(o.Public, o.Endpoint), mo)
	if err != nil {
		return nil, err
	}
	return &Store{opts: o, core: minio.Core{Client: client}, public: public}, nil
}

func connect(setting, address string, o *minio.Options) (*minio.Client, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.User != nil {
		return nil, fault.New(fault.Config, nil, "%s is no address of an S3 server: it is like https://s3.example.com", setting)
	}
	mine := *o
	mine.Secure = u.Scheme == "https"
	c, err := minio.New(u.Host, &mine)
	if err != nil {
		return nil, fault.New(fault.Config, err, "%s: %v", setting, err)
	}
	return c, nil
}

func identity(o Options) *credentials.Credentials {
	if o.AccessKeyID != "" || o.SecretAccessKey != "" {
		return credentials.NewStaticV4(o.AccessKeyID, o.SecretAccessKey, "")
	}
	machine := &credentials.IAM{Client: &http.Client{Timeout: o.Patience}}
	return credentials.NewChainCredentials([]credentials.Provider{&credentials.EnvAWS{}, machine})
}

func transport(patience time.Duration) *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: min(patience, 3*time.Second), KeepAlive: 15 * time.Second}).DialContext,
		TLSHandshakeTimeout:   patience,
		ResponseHeaderTimeout: patience,
		ExpectContinueTimeout: time.Second,
		MaxIdleConnsPerHost:   64,
		IdleConnTimeout:       time.Minute,
		DisableCompression:    true,
	}
}

// key returns the name of a document's object.
func (s *Store) key(ref blob.Ref) (string, error) {
	path, err := ref.Path()
	return s.opts.Prefix + "documents/" + path, err
}

// bounded returns the context of an exchange of so many bytes.
func (s *Store) bounded(ctx context.Context, bytes int64) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, s.time(bytes))
}

// time is how long an exchange of so many bytes may take, tried twice.
func (s *Store) time(bytes int64) time.Duration {
	return 3*s.opts.Patience + time.Duration(bytes/slowest)*time.Second
}

// Ping asks whether the bucket is there.
func (s *Store) Ping(ctx context.Context) error {
	inner, cancel := s.bounded(ctx, 0)
	defer cancel()
	there, err := s.core.BucketExists(inner, s.opts.Bucket)
	if err == nil && !there {
		return fault.New(fault.Storage, nil, "the bucket %s is not there", s.opts.Bucket)
	}
	return failure(ctx, err)
}

// failure gives an error of the server or of the way to it its kind. If ctx has ended, it is that.
func failure(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	switch r := minio.ToErrorResponse(err); {
	case r.Code == minio.NoSuchKey:
		return fault.New(fault.NotFound, err, "there is no such document, or not any more")
	case r.StatusCode == http.StatusInsufficientStorage, strings.Contains(r.Code, "QuotaExceeded"), strings.Contains(r.Code, "StorageFull"):
		return fault.New(fault.StorageFull, err, "there is no room left to store documents")
	}
	e := fault.New(fault.Storage, err, "the storage of documents does not answer")
	e.RetryAfter = time.Second
	return e
}
