package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
)

//go:embed assets/*
var assetFiles embed.FS

// assets are the files beside the pages, each with a tag made of its content:
// an address with the tag can be kept for ever.
type assets map[string]asset

type asset struct {
	body []byte
	kind string // content type
	tag  string
}

var assetKinds = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

func loadAssets() assets {
	all := assets{}
	files, err := fs.ReadDir(assetFiles, "assets")
	if err != nil {
		panic(err) // embedded: a bug, found by every test
	}
	for _, f := range files {
		body, err := fs.ReadFile(assetFiles, "assets/"+f.Name())
		if err != nil {
			panic(err)
		}
		sum := sha256.Sum256(body)
		all[f.Name()] = asset{body: body, kind: assetKinds[path.Ext(f.Name())], tag: hex.EncodeToString(sum[:6])}
	}
	return all
}

func (a assets) href(name string) string { return "/ui/assets/" + name + "?v=" + a[name].tag }

func (a assets) serve(w http.ResponseWriter, r *http.Request) {
	f, ok := a[r.PathValue("name")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	cache := "no-cache"
	if r.URL.Query().Get("v") == f.tag {
		cache = "public, max-age=31536000, immutable"
	}
	h := w.Header()
	h.Set("Cache-Control", cache)
	h.Set("Content-Type", f.kind)
	h.Set("ETag", `"`+f.tag+`"`)
	if r.Header.Get("If-None-Match") == `"`+f.tag+`"` {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Write(f.body)
}
