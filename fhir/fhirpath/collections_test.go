package fhirpath_test

import (
	"testing"

	"github.com/ponshealth/pons/fhir/fhirpath"
	"github.com/ponshealth/pons/fhir/r4"
)

// N1, "Existence", "Filtering and projection", "Subsetting", "Combining",
// "Aggregates" and "Tree navigation".
func TestCollections(t *testing.T) {
	table(t, patient(), nil, `
		{}.exists()                                        => false
		{}.all(false)                                      => true
		{}.allTrue() and {}.allFalse()                     => true
		{}.anyTrue() or {}.anyFalse()                      => false
		(true | false).anyFalse()                          => true
		(true | 1).allTrue()                               => !
		{}.subsetOf(1)                                     => true
		(1 | 2).supersetOf(2)                              => true
		(1 | 2).subsetOf({})                               => false
		{}.isDistinct()                                    => true
		name.given.isDistinct()                            => true
		name.given.combine(name.given).isDistinct()        => false
		name.given.combine('Jim').distinct().count()       => 3
		(1 | 1.0).count()                                  => 1
		(1 | 1.5 | 2).where($this > 1)                     => 1.5,2
		(5 | 6 | 7).select($index)                         => 0,1,2
		(5 | 6).select((1 | 2).select($index)).count()     => 4
		(5 | 6).where((7 | 8 | 9)[$index] = 8)             => 6
		name.where(given).count()                          => !
		name.select(given.first())                         => Peter,Jim
		name.given.skip(1)                                 => James,Jim
		name.given.skip(-1).count()                        => 3
		name.given.take(2)                                 => Peter,James
		name.given.take(-1)                                =>
		name.given.tail().last()                           => Jim
		name.given[3]                                      =>
		name.given[-1]                                     =>
		name.given['x']                                    => !
		name.given.single()                                => !
		name.given.exclude('Jim')                          => Peter,James
		name.given.intersect('Jim' | 'James' | 'Ada')      => James,Jim
		(1 | 2 | 3).aggregate($this + $total, 0)           => 6
		(1 | 2 | 3).aggregate($this + $index + $total, 0)  => 9
		(1 | 2).aggregate(iif($total.empty(), $this, $total * 10 + $this)) => 12
		(3 | 1 | 2).sort()                                 => 1,2,3
		(3 | 1 | 2).sort(-$this)                           => 3,2,1
		name.sort(family).given.first()                    => Jim
		('a' | 1).sort()                                   => !
		name.given.join('-')                               => Peter-James-Jim
		name.children().count()                            => 6
		name.repeat(children()).count()                    => 6
		1 in {}                                            => false
		{} in (1 | 2)                                      =>
		(1 | 2) in (1 | 2)                                 => !
		{} contains 1                                      => false
		name = name                                        => true
		name[0] = name[1]                                  => false
		name ~ name                                        => true
		(name[1] | name[0]) ~ name                         => true
		(name[1] | name[0]) = name                         => false
		name.given = ('Peter' | 'James')                   => false
		$this.id                                           => p1
		id.iif($this = 'p1', 'yes', 'no')                  => yes
	`)
}

// Large collections of strings are told apart without comparing each to each.
func TestDistinctMany(t *testing.T) {
	p := &r4.Patient{}
	for k := range 30_000 {
		p.Name = append(p.Name, r4.HumanName{Family: string(rune(0x4e00 + k%20_000))})
	}
	env := &fhirpath.Env{MaxSteps: 500_000}
	table(t, p, env, `
		name.family.distinct().count()              => 20000
		name.family.isDistinct()                    => false
		(name.family | name.family).count()         => 20000
		name.family.exclude(name.family).count()    => 0
		name.family.subsetOf(name.family)           => true
		name.distinct().count()                     => !
	`)
}

// An Expression may be evaluated by many at once.
func TestConcurrent(t *testing.T) {
	e := fhirpath.MustCompile("descendants().ofType(string).where(matches('J' & '.*')).count()")
	done := make(chan string)
	for range 8 {
		go func() {
			last := ""
			for range 200 {
				c, err := e.Evaluate(nil, patient())
				if err != nil {
					last = err.Error()
					break
				}
				last = c[0].Text()
			}
			done <- last
		}()
	}
	for range 8 {
		if got := <-done; got != "2" {
			t.Error(got)
		}
	}
}
