package validate

import "strings"

// Elements and attributes that a narrative may use: those of chapters 7 to 11
// (without section 4 of chapter 9) and 15 of HTML 4.0, a with href or name, and
// images.
var (
	htmlElements = wordSet("p br div h1 h2 h3 h4 h5 h6 a span b em i strong small big tt dfn q var abbr acronym cite blockquote hr " +
		"address bdo kbd code pre samp sub sup ul ol li dl dt dd table caption colgroup col thead tr tfoot tbody th td img map area " +
		"center strike s u font ins del")
	htmlAttributes = wordSet("title style class id lang xml:lang dir accesskey tabindex")
	ofElement      = map[string]map[string]bool{
		"a":          wordSet("charset type name href hreflang rel rev shape coords"),
		"span":       wordSet("value"),
		"img":        wordSet("src alt longdesc height width usemap ismap align border hspace vspace"),
		"map":        wordSet("name"),
		"area":       wordSet("shape coords href nohref alt"),
		"br":         wordSet("clear"),
		"table":      wordSet("summary width border frame rules cellspacing cellpadding align bgcolor"),
		"colgroup":   wordSet("span width align valign char charoff"),
		"col":        wordSet("span width align valign char charoff"),
		"thead":      wordSet("align valign char charoff"),
		"tfoot":      wordSet("align valign char charoff"),
		"tbody":      wordSet("align valign char charoff"),
		"tr":         wordSet("align valign char charoff bgcolor"),
		"th":         wordSet("abbr axis headers scope rowspan colspan align valign char charoff nowrap width height bgcolor"),
		"td":         wordSet("abbr axis headers scope rowspan colspan align valign char charoff nowrap width height bgcolor"),
		"ul":         wordSet("type compact"),
		"ol":         wordSet("type compact start"),
		"li":         wordSet("type value"),
		"dl":         wordSet("compact"),
		"p":          wordSet("align"),
		"div":        wordSet("align xmlns"),
		"h1":         wordSet("align"),
		"h2":         wordSet("align"),
		"h3":         wordSet("align"),
		"h4":         wordSet("align"),
		"h5":         wordSet("align"),
		"h6":         wordSet("align"),
		"caption":    wordSet("align"),
		"hr":         wordSet("align noshade size width"),
		"pre":        wordSet("width xml:space"),
		"q":          wordSet("cite"),
		"blockquote": wordSet("cite"),
		"font":       wordSet("size color face"),
		"ins":        wordSet("cite datetime"),
		"del":        wordSet("cite datetime"),
	}
	// inParagraph may not stand in a paragraph.
	blocks = wordSet("p div table ul ol dl h1 h2 h3 h4 h5 h6 hr pre blockquote address center")
)

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}

// shown is the name of an element or attribute of HTML as a text may show it.
// Anything else may be data.
func shown(name string) string {
	if htmlElements[name] || htmlAttributes[name] || otherHTML[strings.ToLower(name)] {
		return name
	}
	return "(another)"
}

var otherHTML = wordSet("script object iframe embed applet style link meta base html head body title form input button select option textarea label " +
	"fieldset frame frameset svg math video audio source canvas template noscript param " +
	"onclick ondblclick onload onerror onfocus onblur onchange onsubmit onkeydown onkeyup onkeypress onmouseover onmouseout onmousedown onmouseup " +
	"href src data action target method value type width height name align bgcolor color border id xmlns")
