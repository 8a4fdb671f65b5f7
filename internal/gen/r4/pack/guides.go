package pack

import "context"

// guides are published packages of profiles on R4, with differentials and the
// snapshots that the publisher made of them (CC0).
var guides = []pinned{
	{"hl7.fhir.au.base", "6.0.0", "5bd721ff4dc0a2f211d3410cb94afd6f479590138b68982cb03131b2880fb48a" +
		"00592a758a61a712c1bfc0a451388eba32010b9e22e2f24985709bd0816a081f"},
	{"hl7.fhir.uv.extensions.r4", "5.3.0-ballot-tc1", "9a13e65a3d1d66f202ec940b92ac53e36fd4a6823263016d4a22196e15ff02b7" +
		"d7f7a851e684ea36f014bcc0fe74c1f8e66e2618c435f56c82645a4fd4e2c46d"},
	{"hl7.fhir.uv.genomics-reporting", "3.0.0", "5cd8da5b167b649de96fb16e33136a8068cfb6cb228180032cd10e7006115769" +
		"e22c004231aa437488cfcbe7b14df08264677a48ebaf7b3362cdb0ad0337b720"},
	{"hl7.fhir.uv.ips", "2.0.0", "e0f593a09f5bd45817b26f4322f1e253a1cef59e66ef98f19347b43173a68459" +
		"5fda6dac964fdde91a2249820284a265be6b49ec66d17edb7b3e9865c2665c6d"},
	{"hl7.fhir.uv.sdc", "4.0.0-ballot", "a6042d77e0ad0a90b8fdec4d72a623132a1b42eff100547cc6e89c194c71e233" +
		"22654e0a5007f59f897338938b9f4796c38d78baf51cc270e4b549065b2b6533"},
}

// FetchGuides is like [Fetch] for published packages of profiles. It gives their
// paths by name.
func FetchGuides(ctx context.Context) (map[string]string, error) {
	paths := map[string]string{}
	for _, g := range guides {
		path, err := g.fetch(ctx)
		if err != nil {
			return nil, err
		}
		paths[g.name+" "+g.version] = path
	}
	return paths, nil
}
