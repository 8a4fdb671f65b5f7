package web_test

import (
	"context"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/ponshealth/pons/internal/web"
)

// shot leaves a picture of the window, and tells what is wrong with its colours.
func shot(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	for _, f := range run(t, ctx, chromedp.Evaluate[[]string](contrastScript)) {
		t.Errorf("%s: too little contrast: %s", name, f)
	}
	if dir := os.Getenv("PONS_SHOTS"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, name+".png"), run(t, ctx, chromedp.CaptureScreenshot()), 0o644); err != nil {
			t.Error(err)
		}
	}
}

// element returns what finds an element of the result by its path.
func element(path string) string { return `document.querySelector('.e[data-p="` + path + `"]')` }

// field returns what finds a row of the message by its place.
func field(place string) string {
	return `[...document.querySelectorAll('.f')].find(f => f.textContent === '` + place + `')`
}

// litScript names what is lit: the places of rows and the paths of elements.
const litScript = `[...document.querySelectorAll('.panes .lit')].map(n => n.dataset.p || (n.querySelector('.f') || n).textContent).filter(s => s)`

const sayScript = `document.getElementById('trace').hidden ? '' : document.getElementById('trace').innerText.replace(/\s+/g, ' ')`

// hover brings the mouse over what a script finds.
func hover(t *testing.T, ctx context.Context, find string) {
	t.Helper()
	at := run(t, ctx, chromedp.Evaluate[[]float64](`(() => {
		const n = `+find+`;
		n.closest('details').open = true;
		n.scrollIntoView({block: 'center'});
		const r = n.getClientRects()[0];
		return [r.left + 4, r.top + r.height / 2];
	})()`))
	run(t, ctx, chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, at[0]+300, 2))
	run(t, ctx, chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, at[0], at[1]))
}

// TestConvertInBrowser pastes a message and follows what belongs together.
func TestConvertInBrowser(t *testing.T) {
	ctx := browser(t)
	heard := listen(t, ctx)
	site := httptest.NewServer(web.New(converting(&fake{}, &bench{})))
	defer site.Close()
	show(t, ctx, looks[0])
	run(t, ctx, chromedp.Navigate(site.URL+"/ui/convert"))
	run(t, ctx, chromedp.SetValue("#message", strings.ReplaceAll(string(file("baddate.hl7")), "\r", "\n")))
	run(t, ctx, chromedp.Click("#convert button[type=submit]"))
	run(t, ctx, chromedp.WaitVisible("#fhir"))
	lit := func() []string { return run(t, ctx, chromedp.Evaluate[[]string](litScript)) }
	says := func(wanted ...string) {
		t.Helper()
		wants(t, run(t, ctx, chromedp.Evaluate[string](sayScript)), wanted...)
	}
	is := func(want ...string) {
		t.Helper()
		if got := lit(); strings.Join(got, "; ") != strings.Join(want, "; ") {
			t.Errorf("lit is %q, want %q", got, want)
		}
	}

	// An element leads to its field and says its rows.
	hover(t, ctx, element("Patient.name[0].given[1]"))
	is("PID-5.3")
	says("Patient.name[0].given[1] from PID-5.3", "PID[Patient]#7", "PID-5 → name[1] by XPN[HumanName]", "XPN[HumanName]#5")
	shot(t, ctx, "convert-hover-element-light")
	// A field leads to its elements; the whole of a field to those of its parts.
	hover(t, ctx, field("PID-5.2"))
	is("Patient.name[0].given[0]")
	says("PID-5.2 Given Name makes Patient.name[0].given[0]")
	hover(t, ctx, field("PID-11.3"))
	is("Patient.address[0].city")
	hover(t, ctx, field("PID-5"))
	if got := strings.Join(lit(), " "); !strings.Contains(got, "Patient.name[0].family Patient.name[0].given[0]") {
		t.Errorf("PID-5 lights %q", got)
	}
	shot(t, ctx, "convert-hover-field-light")
	// A date that is none is marked where it stands, and said.
	hover(t, ctx, field("PID-7"))
	is()
	says("PID-7 Date/Time of Birth: nothing consumed it.")
	unused := run(t, ctx, chromedp.Evaluate[[]string](`[...document.querySelectorAll('.unused .f')].map(f => f.textContent)`))
	if !strings.Contains(strings.Join(unused, " "), "PID-7") {
		t.Errorf("marked as not used: %q", unused)
	}

	// By keyboard: one stop for each resource, arrows within, Enter holds.
	run(t, ctx, chromedp.Evaluate[bool](element("Patient.name[0].family")+`.closest('details').querySelector('.e').focus() || true`))
	for range 40 {
		run(t, ctx, chromedp.KeyEvent(kb.ArrowDown))
		if run(t, ctx, chromedp.Evaluate[string](`document.activeElement.dataset.p || ''`)) == "Patient.gender" {
			break
		}
	}
	is("PID-8")
	says("Patient.gender from PID-8 Administrative Sex", "PID[Patient]#13", "AdministrativeSex#")
	outline := run(t, ctx, chromedp.Evaluate[string](`getComputedStyle(document.activeElement).outlineStyle`))
	if outline != "solid" {
		t.Errorf("the element with the focus has outline %s", outline)
	}
	run(t, ctx, chromedp.KeyEvent(kb.Enter))
	hover(t, ctx, field("PID-5.2"))
	is("PID-8") // held
	shot(t, ctx, "convert-held-light")
	show(t, ctx, looks[1])
	shot(t, ctx, "convert-held-dark")
	run(t, ctx, chromedp.KeyEvent(kb.Escape))
	if got := lit(); len(got) > 0 {
		t.Errorf("after Escape %q is lit", got)
	}

	// A file that is dropped is read, also one that is not UTF-8.
	run(t, ctx, chromedp.Evaluate[bool](`(() => {
		const data = new DataTransfer();
		data.items.add(new File([new Uint8Array([77, 83, 72, 124, 13, 90, 124, 252])], 'm.hl7'));
		return document.getElementById('message').dispatchEvent(new DragEvent('drop', {dataTransfer: data, bubbles: true, cancelable: true}));
	})()`))
	run(t, ctx, chromedp.Poll[bool](`document.getElementById('message').value === 'MSH|\nZ|ü'`))
	for _, c := range heard.take() {
		t.Error("console:", c)
	}
}

// TestTrialInBrowser takes a row into an overlay, changes it, and sees what
// comes of it; then makes a fault in it.
func TestTrialInBrowser(t *testing.T) {
	ctx := browser(t)
	site := httptest.NewServer(web.New(converting(&fake{}, &bench{})))
	defer site.Close()
	show(t, ctx, looks[0])
	run(t, ctx, chromedp.Navigate(site.URL+"/ui/convert?example"))
	run(t, ctx, chromedp.Evaluate[bool](`(() => { const e = `+element("Patient.birthDate")+`; e.closest('details').open = true; e.click(); return true })()`))
	run(t, ctx, chromedp.Click("#trace .rows button"))
	if got := run(t, ctx, chromedp.Value("#overlay_file")); got != "segments/PID[Patient].yaml" {
		t.Errorf("the file is %q", got)
	}
	const want = "map: 'PID[Patient]'\nrows:\n- {id: 10, from: PID-7, to: birthDate}\n"
	if got := run(t, ctx, chromedp.Value("#overlay")); got != want {
		t.Errorf("the overlay is %q, want %q", got, want)
	}
	send := func(rows, wait string) {
		run(t, ctx, chromedp.SetValue("#overlay", rows))
		run(t, ctx, chromedp.Click("#convert button[type=submit]"))
		run(t, ctx, chromedp.WaitVisible(wait))
	}
	send(strings.Replace(want, "to: birthDate", "to: deceasedDateTime", 1), ".tried")
	if !run(t, ctx, chromedp.Evaluate[bool](element("Patient.deceasedDateTime")+` !== null && `+element("Patient.birthDate")+` === null`)) {
		t.Error("the changed row made no difference")
	}
	send(strings.Replace(want, "to:", "too:", 1), "#problem")
	wants(t, run(t, ctx, chromedp.Evaluate[string](`document.getElementById('problem').innerText`)), "segments/PID[Patient].yaml:3:", "- {id: 10, from: PID-7, too: birthDate}")
	shot(t, ctx, "convert-trial-wrong-light")
	if got := run(t, ctx, chromedp.Value("#message")); !strings.HasPrefix(got, "MSH|^~\\&|PAS") {
		t.Errorf("the message in the form is %q", got)
	}
}

// TestConvertOnPhone taps an element, on a screen of a phone.
func TestConvertOnPhone(t *testing.T) {
	ctx := browser(t)
	site := httptest.NewServer(web.New(converting(&fake{}, &bench{})))
	defer site.Close()
	for _, l := range []look{{"light", 390, 844, "light"}, {"dark", 390, 844, "dark"}} {
		show(t, ctx, l)
		run(t, ctx, chromedp.Navigate(site.URL+"/ui/convert?example"))
		run(t, ctx, chromedp.Evaluate[bool](`(() => { const e = `+element("Patient.gender")+`; e.closest('details').open = true; e.scrollIntoView({block: 'start'}); e.click(); return true })()`))
		wants(t, run(t, ctx, chromedp.Evaluate[string](sayScript)), "Patient.gender from PID-8 Administrative Sex")
		shot(t, ctx, "convert-phone-"+l.name)
		run(t, ctx, chromedp.Click("#trace .head a")) // to the field
		over := run(t, ctx, chromedp.Evaluate[float64](`(() => { const r = `+field("PID-8")+`.getBoundingClientRect(), b = document.getElementById('trace').getBoundingClientRect(); return Math.max(-r.top, r.bottom - b.top) })()`))
		if over > 0 {
			t.Errorf("the field that was gone to is %v px outside of what is seen", over)
		}
		shot(t, ctx, "convert-phone-field-"+l.name)
		if wide := run(t, ctx, chromedp.Evaluate[int64](`document.documentElement.scrollWidth`)); wide > l.width {
			t.Errorf("the page is %d px wide in a window of %d", wide, l.width)
		}
	}
}
