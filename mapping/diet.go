package mapping

import "strings"

// dietOfMeals says in words which diets (ODS-3) are for which meals (ODS-2), such as
// "Breakfast, Lunch: Low sodium, Soft".
func dietOfMeals(f *call) bool {
	words := func(field int) string {
		var all []string
		v := f.c.segs[f.v.at.seg()].field(field)
		for _, rep := range v.EachRep() {
			text := rep.Component(2).String()
			if text == "" {
				text = rep.Component(1).String()
			}
			if text = strings.TrimSpace(text); text != "" {
				all = append(all, text)
			}
		}
		return strings.Join(all, ", ")
	}
	meals, diets := words(2), words(3)
	return meals != "" && diets != "" && f.say(meals+": "+diets)
}
