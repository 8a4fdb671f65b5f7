package fhirpath_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ponshealth/pons/fhir/fhirpath"
)

// table evaluates lines of "expression => result". The result is the texts of
// the items with commas; "!" is an error, and nothing is nothing.
func table(t *testing.T, on any, env *fhirpath.Env, lines string) {
	t.Helper()
	for line := range strings.Lines(lines) {
		expr, want, ok := strings.Cut(strings.TrimSpace(line), "=>")
		if !ok {
			continue
		}
		expr, want = strings.TrimSpace(expr), strings.TrimSpace(want)
		got := "!"
		e, err := fhirpath.Compile(expr)
		if err == nil {
			var c fhirpath.Collection
			if c, err = e.Evaluate(env, on); err == nil {
				var texts []string
				for _, i := range c {
					texts = append(texts, i.Text())
				}
				got = strings.Join(texts, ",")
			}
		}
		if got != want {
			t.Errorf("%s: got %q (%v), want %q", expr, got, err, want)
		}
	}
}

// N1, "Boolean logic": all nine cases of each operator.
func TestLogic(t *testing.T) {
	tables := map[string][9]string{ // true, false and nothing on the left, with each on the right
		"and":     {"true", "false", "", "false", "false", "false", "", "false", ""},
		"or":      {"true", "true", "true", "true", "false", "", "true", "", ""},
		"xor":     {"false", "true", "", "true", "false", "", "", "", ""},
		"implies": {"true", "false", "", "true", "true", "true", "true", "", ""},
	}
	sides := []string{"true", "false", "{}"}
	for op, want := range tables {
		for k, w := range want {
			expr := sides[k/3] + " " + op + " " + sides[k%3]
			if got := eval(t, expr, nil); got != w {
				t.Errorf("%s: got %q, want %q", expr, got, w)
			}
		}
	}
	table(t, patient(), nil, `
		true and 'x'             => true
		name and true            => !
		true or (1/0).not()      => true
		(1 | 2) or true          => !
		iif(true, 1, (1|2)+1)    => 1
		iif({}, 1, 2)            => 2
		iif(false, 1)            =>
	`)
}

// N1, "Equals" and "Comparison" of dates and times.
func TestMoments(t *testing.T) {
	table(t, nil, nil, `
		@2012 = @2012                                             => true
		@2012 = @2013                                             => false
		@2012-01 = @2012                                          =>
		@2012-01 ~ @2012                                          => false
		@2012-01 = @2013                                          => false
		@2012-01 < @2013                                          => true
		@2018-03 <= @2018-03-01                                   =>
		@2012-04-15 = @2012-04-15T                                => true
		@2012-04-15T15:00:00Z = @2012-04-15T10:00:00              =>
		@2012-04-15T15:00:00Z = @2012-04-17T10:00:00              => false
		@2012-04-15T15:00:00Z < @2012-04-17T10:00:00              => true
		@2012-04-15T23:30:00-01:00 = @2012-04-16T00:30:00Z        => true
		@2012-04-15T10:00Z < @2012-04-15T10:00:30Z                =>
		@T10:00 < @T10:30                                         => true
		@T10 < @T10:30                                            =>
		@T10:00 = @2012-01-01                                     => false
		@T10:00 < @2012-01-01                                     => !
		@2012-02-30                                               => !
		@2012-13                                                  => !
		@T24:00                                                   => !
		@2012-02-29 + 1 year                                      => 2013-02-28
		@2012-01-31 + 1 month                                     => 2012-02-29
		@2012-03-31 - 1 month                                     => 2012-02-29
		@2014 + 24 months                                         => 2016
		@2014 + 23 months                                         => 2015
		@2016 + 365 days                                          => 2017
		@2016 + 364 days                                          => 2016
		@2016 + 52 weeks                                          => 2016
		@2016-01 + 59 days                                        => 2016-02
		@2016T + 8760 hours                                       => 2017
		@2016-01-01 + 24 hours                                    => !
		@2016-01-01 + 7.9 days                                    => 2016-01-08
		@2016-01-01 + 1 'd'                                       => 2016-01-02
		@2016-01-01 + 1 'mo'                                      => !
		@2016-01-01 + 1 'g'                                       => !
		@2016-01-01 + 1                                           => !
		@2016-01-01T + 25 hours                                   => 2016-01-02
		@2016-01-01T10:00:00Z + 90 minutes                        => 2016-01-01T11:30:00Z
		@2016-01-01T10:00:00+02:00 + 0.5 seconds                  => 2016-01-01T10:00:00.500+02:00
		@2016-01-01T00:00:00Z - 1 millisecond                     => 2015-12-31T23:59:59.999Z
		@2016-01-01T00:00:00Z + 20000000000 's'                   => !
		@2016-01-01T00:00:00Z + 2000000000 's'                    => 2079-05-18T03:33:20Z
		@T23:30 + 1 hour                                          => 00:30
		@T01:00:00 - 2 hours                                      => 23:00:00
		@T10:00 + 1 day                                           => !
		@9999-12-31 + 1 day                                       =>
		@0001-01-01 - 1 day                                       =>
		'2012-01'.toDate() = @2012-01                             => true
		@2012-01-01T10:00:00Z.toDate()                            => 2012-01-01
		@2012-01-01.toDateTime() is DateTime                      => true
		'10:30'.toTime()                                          => 10:30
		'2012-1'.convertsToDate()                                 => false
	`)
	env := &fhirpath.Env{Now: time.Date(2024, 5, 17, 10, 20, 30, 123456789, time.FixedZone("", 3600))}
	table(t, nil, env, `
		now()             => 2024-05-17T10:20:30.123+01:00
		today()           => 2024-05-17
		timeOfDay()       => 10:20:30.123
		now() = now()     => true
	`)
}

// N1, "Math", and the quantities of "Equals", "Equivalent" and "Comparison".
func TestNumbers(t *testing.T) {
	table(t, nil, nil, `
		0.1 + 0.2 = 0.3                    => true
		1.50 + 1                           => 2.50
		1.0 * 1.00                         => 1.000
		2147483647 + 1                     =>
		2147483648                         => !
		-2147483647 - 1                    => -2147483648
		5 div 2                            => 2
		-5 div 2                           => -2
		5.5 div 0.7                        => 7
		5.5 mod 0.7                        => 0.6
		-5 mod 3                           => -2
		1 / 3 * 3 = 1                      => false
		1 / 0                              =>
		7 / 2                              => 3.5
		1 + 'x'                            => !
		1 + {}                             =>
		0.01.ceiling()                     => 1
		(-0.01).floor()                    => -1
		2.5.round()                        => 3
		(-2.5).round()                     => -3
		1.005.round(2)                     => 1.01
		1.round(-1)                        => !
		(-1.9).truncate()                  => -1
		2.sqrt()                           => 1.414213562373095048801688724209698
		16.log(2)                          => 4
		2.power(10)                        => 1024
		2.power(31)                        =>
		2.0.power(31)                      => 2147483648
		99999999999.5.ceiling()            =>
		2.power(-1)                        => 0.5
		(-8).power(0.5)                    =>
		0.ln()                             =>
		1.exp()                            => 2.718281828459045235360287471352662
		'x'.abs()                          => !
		3 'm' + 3 'cm' = 303 'cm'          => true
		3 'm' + 3 'cm'                     => 303 'cm'
		3 'm' + 3 'g'                      =>
		12 'cm' * 3 'cm' = 36 'cm2'        => true
		12 'cm2' / 3 'cm' = 4 'cm'         => true
		10 'km' / 10 'km' = 1              => true
		1 'cm' = 10 'mm'                   => true
		1 'cm' = 1 'g'                     =>
		1 'cm' ~ 1 'g'                     => false
		1 'cm' < 1 'g'                     =>
		1 'nonsense' = 2 'other'           =>
		37 'Cel' > 98 '[degF]'             => true
		1 year = 12 months                 => true
		1 year = 365 days                  => true
		1 year = 1 'a'                     =>
		1 year ~ 1 'a'                     => true
		1 week = 7 'd'                     => true
		1 second = 1000 'ms'               => true
		0.67 ~ 0.666                       => true
		0.66 ~ 0.67                        => false
		1.00 = 1                           => true
		4 'g' ~ 4040 'mg'                  => true
		1.toQuantity()                     => 1 '1'
		'2.5 \'mg\''.toQuantity('g')       => 0.0025 'g'
		52 'cm'.toQuantity('m')            => 0.52 'm'
		45.toQuantity('m')                 => 45 'm'
		24 'm'.toQuantity('kg')            =>
		1 'a'.toQuantity('d')              => 365.25 'd'
		7 days.toQuantity('wk')            => 1 'wk'
		182.5 days.toQuantity('a')         => 0.5 'a'
		1 'h'.toQuantity('minutes')        => 60 minutes
		1 year.comparable(1 'a')           => false
		6 months > 1 year                  => false
		10 'm/s' * 10 's'                  => 100 'm'
		12 'cm' * 3 'cm2'                  => 36 'cm3'
		12 'cm2' / 3 'cm'                  => 4 'cm'
		120 'm' / 60 's'                   => 2 'm/s'
		60 / 1 's'                         => 60 '/s'
		2 'mm[Hg]' * 3 '10*3/uL'           => 6 'mm[Hg].10*3/uL'
		2 'N.(m/s)' * 3 's'                => 6 '(N.(m/s)).(s)'
		'2 months'.toQuantity()            => 2 months
		'2 mo'.toQuantity()                =>
		'+1'.toInteger()                   => 1
		'99999999999'.toInteger()          =>
		'1.'.toDecimal()                   =>
		'T'.toBoolean()                    => true
		'2'.toBoolean()                    =>
		1.1.toBoolean()                    =>
	`)
}

// N1, "String Manipulation".
func TestStrings(t *testing.T) {
	table(t, patient(), nil, `
		'größe'.length()                                  => 5
		'größe'.substring(2, 2)                           => öß
		'abc'.substring(3)                                =>
		'abc'.substring(-1)                               =>
		'abc'.substring(1, 0)                             =>
		'größe'.indexOf('e')                              => 4
		'aXbX'.lastIndexOf('X')                           => 3
		'abc'.toChars()                                   => a,b,c
		'a,b'.split(',')                                  => a,b
		'abcdefg'.replace('cde', '')                      => abfg
		'x'.replace('x', {})                              =>
		'FHIR'.matches('^F.*R$')                          => true
		'x'.matches('(?=x)')                              => !
		'x'.matches(')(')                                 => !
		'11/30/1972'.replaceMatches('(?<m>\\d+)/(?<d>\\d+)/(\\d+)', '${d}-${m}-$3 $$') => 30-11-1972 $
		'abc'.replaceMatches('(b)', '$1$1$9')             => abb$9c
		'abc'.matchesFull('b')                            => false
		'a' + 'b'                                         => ab
		'a' & {} & 'b'                                    => ab
		'a' + {}                                          =>
		1.startsWith('1')                                 => !
		name.given.upper()                                => !
		name.first().family.upper()                       => CHALMERS
		name.given.select(length())                       => 5,5,3
		birthDate.startsWith('19')                        => !
		birthDate.toString().startsWith('19')             => true
		'\u00e4\ud83d\ude00' = 'ä😀'                      => true
		'\p\u005' & '\\p'                                 => pu005\p
		'\ud83d'                                          => !
		'a  b' ~ 'a b'                                    => false
		'open                                             => !
		'a\tb' ~ 'A b'                                    => true
		'ab' ~ 'A b'                                      => false
		'7a'.decode('hex')                                => z
		'zz'.decode('hex')                                =>
		'ff'.decode('hex')                                =>
		'x'.encode('rot13')                               => !
	`)
}
