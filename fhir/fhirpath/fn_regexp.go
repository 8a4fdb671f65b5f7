package fhirpath

import (
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
	"sync/atomic"
)

// Regular expressions (N1, "matches", "replaceMatches"). They are those of RE2:
// without back references and without looking ahead or behind, and matching
// takes linear time. As the language says, a dot matches line ends too. matches
// looks for a match anywhere; matchesFull for one of the whole.
var regexpFunctions = map[string]function{
	"matches":        regexpFunction(1, "", "", matches),
	"matchesFull":    regexpFunction(1, `\A(?:`, `)\z`, matches),
	"replaceMatches": regexpFunction(2, "", "", replaceMatches),
}

// Limits of regular expressions.
const (
	maxPattern = 1024  // bytes
	maxProgram = 20000 // instructions it compiles to
	maxMatches = 1 << 17
)

// pattern is a compiled regular expression.
type pattern struct {
	text string
	re   *regexp.Regexp
	size int // instructions
}

func newPattern(text, before, after string) (*pattern, error) {
	if len(text) > maxPattern {
		return nil, problem("a regular expression of more than 1024 bytes")
	}
	const flags = syntax.Perl | syntax.DotNL
	whole := before + text + after
	tree, err := syntax.Parse(text, flags) // alone, for ")(" is none
	if err == nil {
		tree, err = syntax.Parse(whole, flags)
	}
	if err != nil {
		return nil, problem("not a regular expression of RE2")
	}
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil || len(prog.Inst) > maxProgram {
		return nil, problem("a regular expression that is too large")
	}
	re, err := regexp.Compile("(?s)" + whole)
	if err != nil {
		return nil, problem("not a regular expression of RE2")
	}
	return &pattern{text, re, len(prog.Inst)}, nil
}

// regexpFunction makes a function whose first argument is a regular expression.
// A literal one is compiled with the expression, another one is kept from one
// evaluation to the next.
func regexpFunction(args int, before, after string, f func(m *machine, s string, p *pattern, args []string) (Collection, error)) function {
	return function{least: args, most: args, build: func(t *tree, evals []eval) (apply, error) {
		var kept atomic.Pointer[pattern]
		if t.kids[1].op == opString {
			p, err := newPattern(t.kids[1].name, before, after)
			if err != nil {
				return nil, err
			}
			kept.Store(p)
		}
		run := onString(args, func(m *machine, s string, args []string) (Collection, error) {
			p := kept.Load()
			if p == nil || p.text != args[0] {
				if err := m.step(100 + len(args[0])); err != nil {
					return nil, err
				}
				var err error
				if p, err = newPattern(args[0], before, after); err != nil {
					return nil, err
				}
				kept.Store(p)
				if err := m.step(p.size); err != nil {
					return nil, err
				}
			}
			if err := m.step((len(s) * p.size) >> 6); err != nil {
				return nil, err
			}
			return f(m, s, p, args)
		})
		return run.build(t, evals)
	}}
}

func matches(_ *machine, s string, p *pattern, _ []string) (Collection, error) {
	return boolean(p.re.MatchString(s)), nil
}

// replaceMatches replaces every match. $1 and ${name} in the replacement stand
// for groups, $$ for a dollar. An empty pattern changes nothing.
func replaceMatches(m *machine, s string, p *pattern, args []string) (Collection, error) {
	if p.text == "" {
		return m.single(String(s))
	}
	var b strings.Builder
	from := 0
	add := func(piece string) error {
		b.WriteString(piece)
		return m.text(len(piece))
	}
	found := p.re.FindAllStringSubmatchIndex(s, maxMatches)
	if len(found) == maxMatches {
		return nil, tooMuchText
	}
	for _, at := range found {
		if err := add(s[from:at[0]]); err != nil {
			return nil, err
		}
		from = at[1]
		if err := expand(add, args[1], s, p.re, at); err != nil {
			return nil, err
		}
	}
	if err := add(s[from:]); err != nil {
		return nil, err
	}
	return m.single(String(b.String()))
}

// expand adds the replacement for one match.
func expand(add func(string) error, template, s string, re *regexp.Regexp, at []int) error {
	for {
		plain, rest, found := strings.Cut(template, "$")
		if err := add(plain); err != nil || !found {
			return err
		}
		group, n := groupOf(rest, re)
		text := "$"
		switch {
		case strings.HasPrefix(rest, "$"):
			n = 1
		case n > 0 && at[2*group] >= 0:
			text = s[at[2*group]:at[2*group+1]]
		case n > 0:
			text = ""
		}
		if err := add(text); err != nil {
			return err
		}
		template = rest[n:]
	}
}

// groupOf reads the group behind a dollar, by as many digits as there are groups
// or by its name in braces. n is 0 when there is no such group.
func groupOf(s string, re *regexp.Regexp) (group, n int) {
	if rest, ok := strings.CutPrefix(s, "{"); ok {
		name, _, closed := strings.Cut(rest, "}")
		if !closed {
			return 0, 0
		}
		group = re.SubexpIndex(name)
		if g, err := strconv.Atoi(name); err == nil && g >= 0 && g <= re.NumSubexp() {
			group = g
		}
		if group < 0 {
			return 0, 0
		}
		return group, len(name) + 2
	}
	for n < len(s) && isDigit(s[n]) && group*10+int(s[n]-'0') <= re.NumSubexp() {
		group = group*10 + int(s[n]-'0')
		n++
	}
	return group, n
}
