package mapping

import "strings"

func (l *rowLister) vocabulary(v *rawVocabulary) {
	for i := range v.Rows {
		r := &v.Rows[i]
		from, to, does := r.Code, r.To, "translates"
		if system := r.System; system != "" {
			from += " of " + system
		}
		if r.In != "" {
			to += " of " + r.In
		}
		if r.Display != "" {
			does += ", displayed as " + r.Display
		}
		l.add(TableRow{
			Class: "vocabulary", Table: v.Vocabulary, ID: r.ID, From: from, To: to, Does: does, Why: r.Why, Off: r.Off,
		}, r.where)
	}
}

// rest lists what is no map: one table for each file.
func (l *rowLister) rest(t *rawTables) {
	for i := range t.identity {
		r := &t.identity[i]
		does := "told apart by " + strings.Join(r.Keys, ", else ")
		if r.Merge {
			does += "; two of one identity are one"
		}
		if r.Scope != "" {
			does += "; a number without system is one of the " + r.Scope
		}
		l.add(TableRow{Class: "identity", Table: "identity", ID: r.Type, From: r.Type, Does: does, Why: r.Why}, r.where)
	}
	for i := range t.defaults {
		r := &t.defaults[i]
		does := "writes \"" + r.Value + "\" where nothing stands"
		if r.Ref != "" {
			does = "refers to " + r.Ref + " where nothing stands"
		}
		l.add(TableRow{Class: "default", Table: "defaults", ID: r.ID, From: r.On, To: r.On + "." + r.To, Does: does, Why: r.Why}, r.where)
	}
	for i := range t.rules {
		r := &t.rules[i]
		from := r.On
		if r.Each != "" {
			from += "." + r.Each
		}
		l.add(TableRow{Class: "rule", Table: "defaults", ID: r.ID, From: from, When: r.when(), Does: r.Else, Why: r.Why}, r.where)
	}
	for i := range t.systems {
		r := &t.systems[i]
		does := "names the code system"
		if r.OID != "" {
			does += " with OID " + r.OID
		}
		l.add(TableRow{Class: "system", Table: "systems", ID: r.Name, From: r.Name, To: r.URI, Does: does, Why: r.Why}, r.where)
	}
}

// when says when a rule takes effect: what it asks for is not so.
func (r *rawRule) when() string {
	var parts []string
	if r.Has != "" {
		part := r.Has + " is there"
		if r.Is != "" {
			part = r.Has + " is " + r.Is
		}
		parts = append(parts, part)
	}
	if len(r.Any) > 0 {
		parts = append(parts, "none is there of "+strings.Join(r.Any, ", "))
	}
	if len(r.None) > 0 {
		parts = append(parts, "there is any of "+strings.Join(r.None, ", "))
	}
	if len(r.Ordered) > 0 {
		parts = append(parts, strings.Join(r.Ordered, ", ")+" are not in order")
	}
	return strings.Join(parts, " and ")
}
