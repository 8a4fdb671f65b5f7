package validate_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ponshealth/pons/fhir/profile"
	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/fhir/validate"
	"github.com/ponshealth/pons/internal/gen/r4/pack"
)

const suite = "../../../shared/fhir-test-cases/validator/"

const (
	r5    = "a case for R5, by a rule that R4 does not have: "
	other = "the Java validator runs this case with an option of its own: "
)

// caseReasons says why a case is judged otherwise than by the Java validator.
var caseReasons = map[string]string{
	"fhirpath-null":                    r5 + "its ctm-1 fails where a reference cannot be resolved, that of R4 does not",
	"primitive-good":                   r5 + "decimals have up to 18 digits before the point and 17 behind",
	"base64-whitespace":                r5 + "base64 has no white space; the same file as a case for R4 is good, here too",
	"params-ws":                        "R4 forbids control characters in strings (datatypes.html#string); R5, for which the case is, lets the Java validator only warn",
	"unicode-control-chars-json":       "as params-ws",
	"dr-example-org":                   other + "URLs of example.org are forbidden",
	"contained-resource-bad-id-ignore": other + "problems with the id of contained resources are left out; it is 65 long, and nothing refers to the resource (dom-3)",
	"obs-fio2":                         "the vital signs profile of R4 binds the units of components with strength required; the Java validator treats that binding as extensible",
}

// The rules by which a case is not compared.
var (
	ofAbsentSystem = regexp.MustCompile(`^Wrong Display Name .* for (http://loinc\.org|http://snomed\.info/sct|http://hl7\.org/fhir/sid/cvx)#`)
	ofServer       = regexp.MustCompile(`^Unable to resolve resource with reference '[^#]`)
	unknownHere    = regexp.MustCompile(`the (?:modifier )?(?:extension|profile) (\S+) is not known`)
)

type suiteCase struct{ Name, File, Outcome string }

// javaErrors are the errors of a recorded outcome.
func javaErrors(doc []byte) (errs []string, err error) {
	var o struct {
		Issue []struct {
			Severity string
			Details  struct{ Text string }
		}
	}
	err = json.Unmarshal(doc, &o)
	for _, i := range o.Issue {
		if i.Severity == "error" || i.Severity == "fatal" {
			errs = append(errs, i.Details.Text)
		}
	}
	return errs, err
}

// notCompared says what a case needs that is not here, "" if nothing: its
// recorded outcome rests on the content of a code system, a server, or
// definitions that the Java validator had.
func notCompared(java []byte, errs []string, got *r4.OperationOutcome) string {
	all := func(re *regexp.Regexp) bool {
		return len(errs) > 0 && !slices.ContainsFunc(errs, func(s string) bool { return !re.MatchString(s) })
	}
	switch {
	case all(ofAbsentSystem):
		return "the content of " + ofAbsentSystem.FindStringSubmatch(errs[0])[1]
	case all(ofServer):
		return "the server of the suite, which does not have what is referred to"
	}
	for _, i := range got.Issue {
		m := unknownHere.FindStringSubmatch(i.Details.Text)
		if m == nil || saysUnknown(java, m[1]) {
			continue
		}
		if others := errorsOf(got); i.Severity == "error" && slices.ContainsFunc(others, func(s string) bool { return !unknownHere.MatchString(s) }) {
			continue // wrong anyway
		}
		return "the definition " + m[1]
	}
	return ""
}

// saysUnknown says whether the Java validator did not have a definition either.
func saysUnknown(java []byte, url string) bool {
	for line := range strings.SplitSeq(string(java), "\n") {
		if strings.Contains(line, url) && (strings.Contains(line, "could not be found") || strings.Contains(line, "not been checked")) {
			return true
		}
	}
	return false
}

// suiteValidator judges as the Java validator does in the suite: extensions
// that are not known are errors, and vital signs have their profiles.
func suiteValidator(name string) *validate.Validator {
	o := validate.Options{Definitions: profile.Base(), Terminology: baseTerms(), UnknownExtensions: "error", VitalSigns: true, SearchParameter: searchParameter}
	switch name {
	case "json-comments-1-yes", "json-comments-2-yes":
		o.Comments = "information"
	case "pat-security-bad-string1", "bad-markdown-no-html":
		o.HTML = "error"
	default:
		return suiteStandard(o)
	}
	return mustNew(o)
}

var suiteStandard = func() func(o validate.Options) *validate.Validator {
	var once sync.Once
	var v *validate.Validator
	return func(o validate.Options) *validate.Validator {
		once.Do(func() { v = mustNew(o) })
		return v
	}
}()

// searchParameter finds an official search parameter.
func searchParameter(url string) (*r4.SearchParameter, error) {
	if p := officialSearchParameters()[url]; p != nil {
		return p, nil
	}
	return nil, errors.New("not known")
}

var officialSearchParameters = sync.OnceValue(func() map[string]*r4.SearchParameter {
	found := map[string]*r4.SearchParameter{}
	cached, err := os.UserCacheDir()
	if err != nil {
		return found
	}
	keep := func(name string) bool {
		return strings.HasPrefix(name, "SearchParameter-AllergyIntolerance") || strings.HasPrefix(name, "SearchParameter-Organization") || strings.HasPrefix(name, "SearchParameter-clinical")
	}
	_ = pack.Each(cached+"/pons/hl7.fhir.r4.examples-4.0.1.tgz", keep, func(name string, doc []byte) error {
		if p, err := r4.Unmarshal(doc); err == nil {
			if p, ok := p.(*r4.SearchParameter); ok {
				found[p.URL] = p
			}
		}
		return nil
	})
	return found
})

// casesSection runs the cases and writes what came of them.
func casesSection(t *testing.T, b *bytes.Buffer) bool {
	text, err := os.ReadFile(suite + "manifest.json")
	if err != nil {
		t.Log("SKIPPED: ", suite, " is not here")
		return false
	}
	var manifest struct{ Cases []suiteCase }
	if err := json.Unmarshal(text, &manifest); err != nil {
		t.Fatal(err)
	}
	var agree int
	var differ, apart []string
	for _, c := range manifest.Cases {
		doc, err := os.ReadFile(suite + c.File)
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
			continue
		}
		java, err := os.ReadFile(suite + c.Outcome)
		if c.Outcome == "" || err != nil {
			apart = append(apart, "| "+c.Name+" | a recorded outcome |\n")
			continue
		}
		errs, err := javaErrors(java)
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
		}
		got := suiteValidator(c.Name).Validate(t.Context(), doc)
		same := validate.Valid(got) == (len(errs) == 0)
		why, need := caseReasons[c.Name], notCompared(java, errs, got)
		switch {
		case need != "":
			apart = append(apart, "| "+c.Name+" | "+need+" |\n")
		case same:
			agree++
			if why != "" {
				t.Errorf("%s agrees now: take its reason away", c.Name)
			}
		case why == "":
			t.Errorf("%s: without a reason otherwise than the Java validator (%q): %q", c.Name, errs, errorsOf(got))
		default:
			judged := "an error in Java only"
			if len(errs) == 0 {
				judged = "an error here only"
			}
			differ = append(differ, "| "+c.Name+" | "+judged+" | "+why+" |\n")
		}
	}
	share := float64(agree) / float64(agree+len(differ))
	if share < 0.95 {
		t.Errorf("only %.1f %% agree", 100*share)
	}
	fmt.Fprintf(b, "## Validation (fhir/validate)\n\n### Against the Java validator\n\nOf the %d cases of fhir-test-cases `validator` for R4 (and some for R5, read as R4), %d are judged as by the Java validator\n"+
		"(error or no error), %d otherwise: %.1f %% agree. %d cannot be compared.\n\n", len(manifest.Cases), agree, len(differ), 100*share, len(apart))
	b.WriteString("The options are UnknownExtensions error and VitalSigns, as the Java validator does; json-comments-1-yes and json-comments-2-yes\n" +
		"are run with comments allowed, pat-security-bad-string1 and bad-markdown-no-html with HTML in texts as an error, which is what they are about.\n\n")
	b.WriteString("| otherwise | | why |\n|---|---|---|\n" + strings.Join(differ, ""))
	b.WriteString("\nNot compared, because the recorded outcome rests on something that is not here:\n\n| case | needs |\n|---|---|\n" + strings.Join(apart, ""))
	return true
}
