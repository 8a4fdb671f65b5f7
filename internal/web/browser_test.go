package web_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/ponshealth/pons/internal/web"
)

// browser starts Chromium once for a test and returns a context that drives it.
func browser(t *testing.T) context.Context {
	t.Helper()
	var path string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		t.Skip("SKIPPED: no chromium on PATH, the pages were not looked at in a browser (Debian: apt-get install chromium)")
	}
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()))
	alloc, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(func() {
		chromedp.Cancel(ctx) // waits until the browser has gone
		cancel()
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("chromium does not start: %v", err)
	}
	ctx, cancel = context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// complaints collects what a page's console says: errors, warnings, refusals of
// the security policy.
type complaints struct {
	mu  sync.Mutex
	all []string
}

func listen(t *testing.T, ctx context.Context) *complaints {
	c := &complaints{}
	err := chromedp.Listen(ctx, func(event any) {
		c.mu.Lock()
		defer c.mu.Unlock()
		switch e := event.(type) {
		case *log.EventEntryAdded:
			c.all = append(c.all, fmt.Sprintf("%s: %s (%s)", e.Entry.Level, e.Entry.Text, e.Entry.URL))
		case *runtime.EventConsoleAPICalled:
			c.all = append(c.all, "console."+string(e.Type))
		case *runtime.EventExceptionThrown:
			c.all = append(c.all, "exception: "+e.ExceptionDetails.Text)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *complaints) take() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := c.all
	c.all = nil
	return all
}

// run takes an action in the browser and fails the test if it fails.
func run[T any](t *testing.T, ctx context.Context, a chromedp.Action[T]) T {
	t.Helper()
	v, err := chromedp.Run(ctx, a)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

type look struct {
	name          string
	width, height int64
	scheme        string
}

// looks are the ways in which every page is looked at.
var looks = []look{
	{"wide-light", 1400, 900, "light"}, {"wide-dark", 1400, 900, "dark"},
	{"phone-light", 375, 812, "light"}, {"phone-dark", 375, 812, "dark"},
}

func show(t *testing.T, ctx context.Context, l look) {
	t.Helper()
	run(t, ctx, chromedp.EmulateViewport(l.width, l.height))
	scheme := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: l.scheme}}
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: scheme}); err != nil {
		t.Fatal(err)
	}
}

// TestPagesInBrowser looks at every page wide and narrow, light and dark: the
// console stays silent, nothing is wider than the window, and every text has
// the contrast that WCAG 2.2 AA asks for. PONS_SHOTS names a folder for pictures.
func TestPagesInBrowser(t *testing.T) {
	ctx := browser(t)
	heard := listen(t, ctx)
	for _, page := range scenes() {
		handler := web.New(converting(page.store, &bench{}))
		site := httptest.NewServer(handler)
		defer site.Close()
		for _, look := range looks {
			t.Run(page.name+"/"+look.name, func(t *testing.T) {
				show(t, ctx, look)
				run(t, ctx, chromedp.Navigate(site.URL+page.path))
				wide := run(t, ctx, chromedp.Evaluate[int64](`document.documentElement.scrollWidth`))
				wrong := run(t, ctx, chromedp.Evaluate[[]string](structureScript))
				faint := run(t, ctx, chromedp.Evaluate[[]string](contrastScript))
				if wide > look.width {
					t.Errorf("the page is %d px wide in a window of %d", wide, look.width)
				}
				for _, s := range wrong {
					t.Error(s)
				}
				for _, f := range faint {
					t.Error("too little contrast:", f)
				}
				for _, c := range heard.take() {
					if !strings.Contains(c, "404") && !strings.Contains(c, "422") || !page.fails { // Chromium says those itself
						t.Error("console:", c)
					}
				}
				if dir := os.Getenv("PONS_SHOTS"); dir != "" {
					name := strings.ReplaceAll(page.name, " ", "-") + "-" + look.name + ".png"
					if err := os.WriteFile(filepath.Join(dir, name), run(t, ctx, chromedp.FullScreenshot(100)), 0o644); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
}

// TestBrowserChecksCanFail shows that the checks above see what they look for.
func TestBrowserChecksCanFail(t *testing.T) {
	ctx := browser(t)
	heard := listen(t, ctx)
	site := httptest.NewServer(pages(&fake{}))
	defer site.Close()
	show(t, ctx, looks[2])
	run(t, ctx, chromedp.Navigate(site.URL+"/ui/"))
	run(t, ctx, chromedp.Evaluate[bool](`(() => {
		const add = (kind, what) => document.body.appendChild(Object.assign(document.createElement(kind), what));
		add('script', {textContent: 'document.title = "run"'});
		add('pre', {textContent: 'wide'.repeat(99)});
		add('style', {textContent: 'h1 { color: #999 }'});
		document.querySelector('h2').style.color = '#999'; // by the object model, which no policy forbids
		return true;
	})()`))
	if title := run(t, ctx, chromedp.Title()); title == "run" {
		t.Error("the policy let a script run")
	}
	if c := heard.take(); len(c) < 2 {
		t.Errorf("the console told of %d refusals, want those of the script and the style: %q", len(c), c)
	}
	if f := run(t, ctx, chromedp.Evaluate[[]string](contrastScript)); len(f) != 1 {
		t.Errorf("too little contrast in %q, want one", f)
	}
	if wide := run(t, ctx, chromedp.Evaluate[int64](`document.documentElement.scrollWidth`)); wide <= looks[2].width {
		t.Error("a line too long is not seen")
	}
}

// TestByKeyboard goes from the list to a dead message and replays it, without
// a mouse.
func TestByKeyboard(t *testing.T) {
	ctx := browser(t)
	heard := listen(t, ctx)
	f, ids := hospital()
	site := httptest.NewServer(pages(f))
	defer site.Close()
	show(t, ctx, looks[0])
	dead := "/ui/messages/" + ids[1].String()
	run(t, ctx, chromedp.Navigate(site.URL+"/ui/?state=dead"))

	at := func() string {
		return run(t, ctx, chromedp.Evaluate[string](`document.activeElement.getAttribute('href') || document.activeElement.tagName`))
	}
	// tab presses Tab until the focus is where it should be.
	tab := func(want string) {
		t.Helper()
		for range 60 {
			run(t, ctx, chromedp.KeyEvent(kb.Tab))
			if at() == want {
				return
			}
		}
		t.Fatalf("Tab does not come to %s", want)
	}
	run(t, ctx, chromedp.KeyEvent(kb.Tab))
	if at() != "#main" {
		t.Errorf("the first stop is %s, want the link to the content", at())
	}
	tab(dead)
	outline := run(t, ctx, chromedp.Evaluate[string](`getComputedStyle(document.activeElement.closest('tr')).outlineStyle`))
	if outline != "solid" {
		t.Errorf("the row with the focus has outline %s", outline)
	}
	enter := func(path, selector string) {
		t.Helper()
		run(t, ctx, chromedp.KeyEvent(kb.Enter))
		run(t, ctx, chromedp.WaitVisible(selector))
		if got := run(t, ctx, chromedp.Location()); got != site.URL+path {
			t.Fatalf("at %s, want %s", got, path)
		}
	}
	enter(dead, ".replay button")
	tab("#cause")
	enter(dead+"#cause", "div.hit:target")
	tab("BUTTON")
	enter(dead, ".title .state.received")
	if len(f.replayed) != 1 || f.replayed[0] != ids[1].String()+" fhir" {
		t.Errorf("replayed: %v", f.replayed)
	}
	for _, c := range heard.take() {
		t.Error("console:", c)
	}
}

// contrastScript returns each text whose contrast to what is behind it is
// under 4.5:1, or under 3:1 where it is large (WCAG 2.2, 1.4.3).
const contrastScript = `(() => {
	const parse = c => { const m = c.match(/[\d.]+/g).map(Number); return m.length < 4 ? [...m, 1] : m };
	const light = ([r, g, b]) => { const f = v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; return .2126 * f(r) + .7152 * f(g) + .0722 * f(b) };
	const behind = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c[3] === 1) return c; if (c[3] !== 0) return null } return [255, 255, 255, 1] };
	const found = new Set(), walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	let texts = 0;
	while (walk.nextNode()) {
		const e = walk.currentNode.parentElement;
		if (!walk.currentNode.data.trim() || !e.checkVisibility()) continue;
		texts++;
		const s = getComputedStyle(e), bg = behind(e), px = parseFloat(s.fontSize);
		if (!bg) { found.add('half transparent background behind ' + e.tagName); continue }
		const [a, b] = [light(parse(s.color)), light(bg)].sort((x, y) => y - x);
		const ratio = (a + .05) / (b + .05), large = px >= 24 || px >= 18.66 && s.fontWeight >= 700;
		if (ratio < (large ? 3 : 4.5)) found.add(e.tagName + '.' + e.className + ' ' + s.color + ' ' + ratio.toFixed(2));
	}
	if (!texts) found.add('no text at all');
	return [...found];
})()`

// structureScript returns what a screen reader or a keyboard would stumble on,
// and any script or style in the page.
const structureScript = `(() => {
	const bad = [], all = s => [...document.querySelectorAll(s)];
	const need = (ok, text) => { if (!ok) bad.push(text) };
	need(all('h1').length === 1, 'not one h1');
	need(all('main').length === 1 && all('header').length && all('footer').length, 'landmarks are missing');
	let level = 1;
	for (const h of all('h1, h2, h3, h4')) { const l = +h.tagName[1]; need(l <= level + 1, 'a heading skips a level: ' + h.textContent); level = l }
	const ids = all('[id]').map(e => e.id);
	for (const id of ids) need(ids.indexOf(id) === ids.lastIndexOf(id), 'id twice: ' + id);
	for (const e of all('[aria-labelledby]')) need(document.getElementById(e.getAttribute('aria-labelledby')), 'label is missing: ' + e.outerHTML.slice(0, 60));
	for (const a of all('a[href^="#"]')) need(document.getElementById(decodeURIComponent(a.hash.slice(1))), 'nothing at ' + a.hash);
	for (const a of all('a, button')) need(a.textContent.trim() || a.ariaLabel, 'no text: ' + a.outerHTML.slice(0, 60));
	for (const i of all('img')) need(i.hasAttribute('alt') && i.complete && i.naturalWidth, 'picture: ' + i.outerHTML);
	for (const t of all('table')) need(t.caption && t.querySelector('th[scope=col]'), 'table without caption or scope');
	for (const t of all('time')) need(!isNaN(Date.parse(t.dateTime)), 'time: ' + t.dateTime);
	need(!all('script:not([src]), style, [style], [onclick], [onerror], iframe, object').length, 'a script or a style stands in the page');
	for (const e of all('nav a, button, summary')) { const r = e.getBoundingClientRect(); need(!r.height || r.height >= 24, 'too small to hit: ' + e.outerHTML.slice(0, 60)) }
	return bad;
})()`
