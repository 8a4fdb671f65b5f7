package web

import (
	"context"
	"strconv"
)

// resources reads the versions that the message wrote, as long as there is
// room for them on the page.
func (s *server) resources(ctx context.Context, v *messageView, refs []Ref) error {
	here := map[string]string{}
	for i, ref := range refs {
		if i < maxResources {
			here[ref.Type+"/"+ref.ID] = "#" + anchor(ref)
		}
	}
	href := func(ref string) string {
		if at, ok := here[ref]; ok {
			return at
		}
		return "/fhir/" + ref
	}
	room, lines := maxJSON, 0
	for i, ref := range refs {
		out := view(ref)
		if i >= maxResources || room <= 0 {
			v.ResourcesLeft = append(v.ResourcesLeft, out)
			continue
		}
		body, err := s.Store.Resource(ctx, ref)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil: // it may have been removed since
			out.Problem = "This version can not be read any more."
		case len(body) == 0:
			out.Problem = "This version says that the resource is deleted."
		default:
			var n int
			out.Tokens, n, out.Left = prettyJSON(body, min(room, maxResource), href)
			room -= min(maxResource, max(n, len(body)))
			out.Open = lines < openLines
			lines += n
		}
		v.Resources = append(v.Resources, out)
	}
	return nil
}

func view(ref Ref) resourceView {
	href := "/fhir/" + ref.Type + "/" + ref.ID
	return resourceView{
		Type: ref.Type, ID: ref.ID, Version: ref.Version, Anchor: anchor(ref),
		Href: href, VersionHref: href + "/_history/" + strconv.Itoa(ref.Version),
	}
}

func anchor(ref Ref) string { return ref.Type + "-" + ref.ID + "-" + strconv.Itoa(ref.Version) }
