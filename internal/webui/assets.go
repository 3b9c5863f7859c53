package webui

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"path"
	"strconv"
	"strings"
)

//go:embed assets/*
var assetFiles embed.FS

// assetsPath is where the files of the page are. What follows is a digest of all of them, so that each
// address stands for the same bytes for ever and scripts find each other by their names alone.
const assetsPath = "/assets/"

// asset is a file, as it is and compressed.
type asset struct {
	kind         string
	plain, small []byte // small is nil where that saves nothing
}

type assets struct {
	set  string // the digest
	file map[string]asset
}

func loadAssets() assets {
	a := assets{file: make(map[string]asset)}
	entries, err := assetFiles.ReadDir("assets")
	if err != nil {
		panic(err) // they are in the binary
	}
	sum := sha256.New()
	for _, e := range entries {
		data, err := assetFiles.ReadFile("assets/" + e.Name())
		if err != nil {
			panic(err)
		}
		sum.Write([]byte(e.Name()))
		sum.Write(data)
		a.file[e.Name()] = asset{kindOf(e.Name()), data, compressed(data)}
	}
	a.set = hex.EncodeToString(sum.Sum(nil))[:12]
	return a
}

func kindOf(name string) string {
	return map[string]string{
		".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8",
	}[path.Ext(name)]
}

func compressed(data []byte) []byte {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		panic(err) // the level is one that there is
	}
	z.Write(data) // to memory
	z.Close()
	if b.Len() >= len(data) {
		return nil
	}
	return b.Bytes()
}

// path returns the address of a file.
func (a assets) path(name string) string { return assetsPath + a.set + "/" + name }

// serve answers with a file. One of another build is not there: its page is another's too.
func (a assets) serve(w http.ResponseWriter, r *http.Request, _ Viewer) {
	f, ok := a.file[r.PathValue("name")]
	if !ok || r.PathValue("set") != a.set {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	a.write(w, r, f)
}

func (a assets) icon(w http.ResponseWriter, r *http.Request, _ Viewer) {
	w.Header().Set("Cache-Control", "public, max-age=86400")
	a.write(w, r, a.file["icon.svg"])
}

func (a assets) write(w http.ResponseWriter, r *http.Request, f asset) {
	guard(w.Header())
	h, body := w.Header(), f.plain
	h.Set("Content-Type", f.kind)
	h.Set("Vary", "Accept-Encoding")
	if f.small != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = f.small
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.Write(body) // the caller is gone if this fails
}
