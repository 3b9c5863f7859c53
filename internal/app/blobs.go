package app

import (
	"path/filepath"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/blob"
	"github.com/docsift/docsift/internal/blob/disk"
	"github.com/docsift/docsift/internal/blob/s3"
	"github.com/docsift/docsift/internal/config"
)

// OpenBlobs returns where the bytes of documents are kept: a bucket if one is named, else the folder
// documents of the data. A bucket's server may be down.
func OpenBlobs(c config.Config) (blob.Store, error) {
	if c.Blobs.S3.Bucket != "" {
		s, err := s3.Open(c.Blobs.S3)
		if err != nil {
			return nil, err
		}
		return s, nil
	}
	if c.Data == "" {
		return nil, fault.New(fault.Config, nil, "there is no folder for documents: set DOCSIFT_DATA")
	}
	s, err := disk.Open(filepath.Join(c.Data, "documents"))
	if err != nil {
		return nil, err
	}
	return s, nil
}
