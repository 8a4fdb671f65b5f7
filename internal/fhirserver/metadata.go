package fhirserver

import (
	"cmp"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/fhir/search"
)

// metadata answers with the CapabilityStatement (http.html#capabilities).
func (x *exchange) metadata() error {
	b, err := x.server.capabilities()
	if err != nil {
		return err
	}
	x.json(http.StatusOK, b)
	return nil
}

// buildCapabilities makes the statement when it is first asked for, from what
// the server does it with: the route table, the model and the search
// parameters. It does not name the server's URL, so that it is the same for all.
func (s *server) buildCapabilities() func() ([]byte, error) {
	started := s.Now().UTC().Format(time.RFC3339)
	return sync.OnceValues(func() ([]byte, error) {
		c := &r4.CapabilityStatement{
			Status: "active", Date: started, Kind: "instance", FhirVersion: "4.0.1",
			Name: "Pons", Title: "What this FHIR server can do",
			Software:       &r4.CapabilityStatementSoftware{Name: "Pons", Version: cmp.Or(s.Version, "dev")},
			Implementation: &r4.CapabilityStatementImplementation{Description: "FHIR R4 server of a Pons integration engine"},
			Format:         []string{fhirJSON, "json"},
			PatchFormat:    patchFormats,
		}
		rest := r4.CapabilityStatementRest{Mode: "server"}
		interactions := interactions()
		for _, name := range storable() {
			rest.Resource = append(rest.Resource, r4.CapabilityStatementRestResource{
				Type: name, Profile: "http://hl7.org/fhir/StructureDefinition/" + name,
				Interaction: interactions,
				Versioning:  "versioned", ReadHistory: r4.True, UpdateCreate: r4.True,
				ConditionalCreate: r4.True, ConditionalRead: "full-support", ConditionalUpdate: r4.True, ConditionalDelete: "not-supported",
				ReferencePolicy: []string{"literal", "logical"},
				SearchParam:     searchParams(name),
			})
		}
		c.Rest = []r4.CapabilityStatementRest{rest}
		return r4.Marshal(c)
	})
}

// interactions are those of the route table, once each.
func interactions() []r4.CapabilityStatementRestResourceInteraction {
	var list []r4.CapabilityStatementRestResourceInteraction
	for _, t := range routes {
		there := slices.ContainsFunc(list, func(i r4.CapabilityStatementRestResourceInteraction) bool { return i.Code == t.code })
		if t.code != "" && !there {
			list = append(list, r4.CapabilityStatementRestResourceInteraction{Code: t.code})
		}
	}
	return list
}

func searchParams(resourceType string) []r4.CapabilityStatementRestResourceSearchParam {
	var list []r4.CapabilityStatementRestResourceSearchParam
	for _, p := range search.Parameters(resourceType) {
		list = append(list, r4.CapabilityStatementRestResourceSearchParam{Name: p.Name, Type: p.Kind.String(), Definition: p.Definition})
	}
	return list
}
