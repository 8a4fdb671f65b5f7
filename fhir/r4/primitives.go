package r4

import "strconv"

// Bool is a boolean that may be absent. The zero value is absent.
type Bool uint8

// The values of Bool.
const (
	False Bool = 1 + iota
	True
)

// BoolOf returns True or False.
func BoolOf(v bool) Bool {
	if v {
		return True
	}
	return False
}

// Present says whether there is a value.
func (b Bool) Present() bool { return b == True || b == False }

// True says whether the value is there and true.
func (b Bool) True() bool { return b == True }

// String returns "true", "false", or "" when absent.
func (b Bool) String() string {
	switch b {
	case True:
		return "true"
	case False:
		return "false"
	}
	return ""
}

// Int is an integer, a positiveInt or an unsignedInt that may be absent. The
// zero value is absent; IntOf(0) is not.
type Int struct {
	value   int32
	present bool
}

// IntOf returns v as a present Int.
func IntOf(v int32) Int { return Int{v, true} }

// Get returns the value, and whether there is one.
func (i Int) Get() (v int32, ok bool) { return i.value, i.present }

// Present says whether there is a value.
func (i Int) Present() bool { return i.present }

// String returns the digits, or "" when absent.
func (i Int) String() string {
	if !i.present {
		return ""
	}
	return strconv.Itoa(int(i.value))
}

// Decimal is a decimal by its literal text, as in JSON: "1.50", "-3e2". The
// precision of the text is part of the value. "" is absent.
type Decimal string

// Primitives as they stand in a choice. A field that is no choice uses string,
// [Bool], [Int] and [Decimal] instead.
type (
	// Base64Binary is a base64Binary in a choice.
	Base64Binary string
	// Canonical is a canonical in a choice.
	Canonical string
	// Code is a code in a choice.
	Code string
	// Date is a date in a choice: 2024, 2024-05 or 2024-05-17.
	Date string
	// DateTime is a dateTime in a choice: a date, or 2024-05-17T10:00:00+01:00.
	DateTime string
	// ID is an id in a choice.
	ID string
	// Instant is an instant in a choice: 2024-05-17T10:00:00.123Z.
	Instant string
	// Integer is an integer in a choice.
	Integer int32
	// Markdown is a markdown text in a choice.
	Markdown string
	// OID is an oid in a choice, with its urn:oid: prefix.
	OID string
	// PositiveInt is a positiveInt in a choice.
	PositiveInt int32
	// String is a string in a choice.
	String string
	// Time is a time in a choice: 10:00:00.
	Time string
	// UnsignedInt is an unsignedInt in a choice.
	UnsignedInt int32
	// URI is a uri in a choice.
	URI string
	// URL is a url in a choice.
	URL string
	// UUID is a uuid in a choice, with its urn:uuid: prefix.
	UUID string
)

// Text returns the text of a primitive value: a string, a [Bool], [Int] or
// [Decimal], or one of the types of a choice. ok is false for anything else and
// for an absent value.
func Text(v any) (text string, ok bool) {
	switch v := v.(type) {
	case string:
		text = v
	case Bool:
		text = v.String()
	case Int:
		text = v.String()
	case Decimal:
		text = string(v)
	case Integer:
		return strconv.Itoa(int(v)), true
	case PositiveInt:
		return strconv.Itoa(int(v)), true
	case UnsignedInt:
		return strconv.Itoa(int(v)), true
	case String:
		text = string(v)
	case Code:
		text = string(v)
	case DateTime:
		text = string(v)
	case Date:
		text = string(v)
	case Instant:
		text = string(v)
	case Time:
		text = string(v)
	case URI:
		text = string(v)
	case URL:
		text = string(v)
	case Canonical:
		text = string(v)
	case ID:
		text = string(v)
	case Markdown:
		text = string(v)
	case Base64Binary:
		text = string(v)
	case OID:
		text = string(v)
	case UUID:
		text = string(v)
	}
	return text, text != ""
}

// inChoice makes the value that a choice holds for a primitive of type t. The
// text is known to have the right format.
func inChoice(t *Type, text string) any {
	switch t.prim {
	case primBoolean:
		return BoolOf(text == "true")
	case primInteger:
		return Integer(atoi(text))
	case primPositiveInt:
		return PositiveInt(atoi(text))
	case primUnsignedInt:
		return UnsignedInt(atoi(text))
	case primDecimal:
		return Decimal(text)
	case primString:
		return String(text)
	case primCode:
		return Code(text)
	case primDateTime:
		return DateTime(text)
	case primDate:
		return Date(text)
	case primInstant:
		return Instant(text)
	case primTime:
		return Time(text)
	case primURI:
		return URI(text)
	case primURL:
		return URL(text)
	case primCanonical:
		return Canonical(text)
	case primID:
		return ID(text)
	case primMarkdown:
		return Markdown(text)
	case primBase64Binary:
		return Base64Binary(text)
	case primOID:
		return OID(text)
	case primUUID:
		return UUID(text)
	}
	return nil
}

func atoi(text string) int32 {
	n, _ := strconv.ParseInt(text, 10, 32)
	return int32(n)
}
