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
	case Int:
		text = v.String()
	default:
		_, text, _ = primitiveIn(v)
	}
	return text, text != ""
}

// primitiveIn returns the type and the text of a primitive as it stands in a
// choice; ok is false for anything else.
func primitiveIn(v any) (p prim, text string, ok bool) {
	switch v := v.(type) {
	case String:
		return primString, string(v), true
	case Code:
		return primCode, string(v), true
	case Bool:
		return primBoolean, v.String(), true
	case DateTime:
		return primDateTime, string(v), true
	case Decimal:
		return primDecimal, string(v), true
	case Integer:
		return primInteger, strconv.Itoa(int(v)), true
	case URI:
		return primURI, string(v), true
	case Canonical:
		return primCanonical, string(v), true
	case Date:
		return primDate, string(v), true
	case Instant:
		return primInstant, string(v), true
	case Time:
		return primTime, string(v), true
	case Markdown:
		return primMarkdown, string(v), true
	case PositiveInt:
		return primPositiveInt, strconv.Itoa(int(v)), true
	case UnsignedInt:
		return primUnsignedInt, strconv.Itoa(int(v)), true
	case URL:
		return primURL, string(v), true
	case ID:
		return primID, string(v), true
	case Base64Binary:
		return primBase64Binary, string(v), true
	case OID:
		return primOID, string(v), true
	case UUID:
		return primUUID, string(v), true
	}
	return 0, "", false
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
