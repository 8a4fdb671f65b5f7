package hl7

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// byteOrderMark is U+FEFF in UTF-8.
const byteOrderMark = "\xef\xbb\xbf"

// charset is a character set of HL7 table 0211 or a name seen in the wild.
type charset struct {
	name string            // as table 0211 writes it
	enc  encoding.Encoding // nil for ASCII and UTF-8
}

var (
	ascii       = charset{"ASCII", nil}
	utf8cs      = charset{"UNICODE UTF-8", nil}
	jis         = charset{"ISO IR87", japanese.ISO2022JP}
	latin1      = charset{"8859/1", charmap.ISO8859_1}
	windows1252 = charset{"WINDOWS-1252", charmap.Windows1252}
	cns11643    = charset{"CNS 11643-1992", eucTW{}}
)

// charsets maps a name, folded by foldCharset, to its set: all of table 0211, where of
// CNS 11643-1992 there are the first two planes in the form of EUC-TW, and names that
// senders use.
var charsets = map[string]charset{
	"ASCII": ascii, "USASCII": ascii, "ISOIR6": ascii, "ISO646": ascii,
	"UNICODE": utf8cs, "UNICODEUTF8": utf8cs, "UTF8": utf8cs,
	"88591": latin1, "88592": {"8859/2", charmap.ISO8859_2}, "88593": {"8859/3", charmap.ISO8859_3},
	"88594": {"8859/4", charmap.ISO8859_4}, "88595": {"8859/5", charmap.ISO8859_5},
	"88596": {"8859/6", charmap.ISO8859_6}, "88597": {"8859/7", charmap.ISO8859_7},
	"88598": {"8859/8", charmap.ISO8859_8}, "88599": {"8859/9", charmap.ISO8859_9},
	"885915":  {"8859/15", charmap.ISO8859_15},
	"LATIN1":  latin1,
	"ISOIR14": {"ISO IR14", japanese.ShiftJIS}, "ISOIR87": jis, "ISOIR159": {"ISO IR159", japanese.ISO2022JP},
	"JAS2020": {"JAS2020", japanese.ISO2022JP}, "JISX0202": {"JIS X 0202", japanese.ISO2022JP}, "ISO2022JP": jis,
	"SHIFTJIS": {"SHIFT_JIS", japanese.ShiftJIS}, "SJIS": {"SHIFT_JIS", japanese.ShiftJIS},
	"EUCJP":       {"EUC-JP", japanese.EUCJP},
	"GB180302000": {"GB 18030-2000", simplifiedchinese.GB18030}, "GB18030": {"GB 18030-2000", simplifiedchinese.GB18030},
	"GBK": {"GBK", simplifiedchinese.GBK}, "GB2312": {"GBK", simplifiedchinese.GBK},
	"KSX1001": {"KS X 1001", korean.EUCKR}, "EUCKR": {"KS X 1001", korean.EUCKR},
	"BIG5":         {"BIG-5", traditionalchinese.Big5},
	"CNS116431992": cns11643, "CNS11643": cns11643, "EUCTW": cns11643,
	"UNICODEUTF16": {"UNICODE UTF-16", unicode.UTF16(unicode.BigEndian, unicode.UseBOM)},
	"UTF16":        {"UNICODE UTF-16", unicode.UTF16(unicode.BigEndian, unicode.UseBOM)},
	"UTF16LE":      {"UTF-16LE", unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)},
	"UTF16BE":      {"UTF-16BE", unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)},
	"UNICODEUTF32": {"UNICODE UTF-32", utf32.UTF32(utf32.BigEndian, utf32.UseBOM)},
	"UTF32":        {"UNICODE UTF-32", utf32.UTF32(utf32.BigEndian, utf32.UseBOM)},
	"UTF32LE":      {"UTF-32LE", utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM)},
	"UTF32BE":      {"UTF-32BE", utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM)},
	"WINDOWS1250":  {"WINDOWS-1250", charmap.Windows1250}, "CP1250": {"WINDOWS-1250", charmap.Windows1250},
	"WINDOWS1251": {"WINDOWS-1251", charmap.Windows1251}, "CP1251": {"WINDOWS-1251", charmap.Windows1251},
	"WINDOWS1252": windows1252, "CP1252": windows1252,
	"ANSI":        windows1252,
	"WINDOWS1253": {"WINDOWS-1253", charmap.Windows1253}, "WINDOWS1254": {"WINDOWS-1254", charmap.Windows1254},
	"WINDOWS1255": {"WINDOWS-1255", charmap.Windows1255}, "WINDOWS1256": {"WINDOWS-1256", charmap.Windows1256},
	"WINDOWS1257": {"WINDOWS-1257", charmap.Windows1257}, "WINDOWS1258": {"WINDOWS-1258", charmap.Windows1258},
	"IBM850": {"IBM850", charmap.CodePage850}, "CP850": {"IBM850", charmap.CodePage850},
	"IBM437": {"IBM437", charmap.CodePage437}, "CP437": {"IBM437", charmap.CodePage437},
	"KOI8R": {"KOI8-R", charmap.KOI8R},
}

// lookupCharset finds a set by its name in table 0211 or as senders write it, "" among
// what it does not find.
func lookupCharset(name string) (charset, bool) {
	fold := foldCharset(name)
	c, ok := charsets[strings.TrimPrefix(fold, "ISO")]
	if !ok {
		c, ok = charsets[fold]
	}
	return c, ok
}

// foldCharset writes a name without case, blanks and punctuation, which do not count;
// lookupCharset also takes "ISO-8859-1" for "8859/1".
func foldCharset(name string) string {
	fold := make([]byte, 0, 16)
	for i := range len(name) {
		switch c := name[i]; {
		case 'a' <= c && c <= 'z':
			fold = append(fold, c-'a'+'A')
		case isAlnum(c):
			fold = append(fold, c)
		}
	}
	return string(fold)
}

// decode turns bytes of the set into UTF-8. It refuses bytes that are not in
// the set, for which there would only be U+FFFD. The control characters that
// the one-byte sets have from 80 to 9F are no text and count as not in them.
func (c charset) decode(b []byte) ([]byte, bool) {
	switch enc := c.enc.(type) {
	case nil:
		if c == ascii {
			return b, isASCII(b)
		}
		return b, utf8.Valid(b)
	case *charmap.Charmap:
		return decodeBytes(b, enc, func(byte) rune { return utf8.RuneError })
	}
	text, err := c.enc.NewDecoder().Bytes(b)
	return text, err == nil && !bytes.Contains(text, []byte("\ufffd"))
}

// decodeLoosely is decode for bytes that are nothing else either: in one-byte
// sets it lets control characters from 80 to 9F through, and reads those of
// 8859/1 as windows-1252, which is what their senders mean.
func (c charset) decodeLoosely(b []byte) ([]byte, bool) {
	table, ok := c.enc.(*charmap.Charmap)
	if !ok {
		return c.decode(b)
	}
	return decodeBytes(b, table, func(b byte) rune {
		if b > 0x9f {
			return utf8.RuneError
		}
		if r := charmap.Windows1252.DecodeByte(b); c == latin1 && r != utf8.RuneError {
			return r
		}
		return rune(b)
	})
}

// decodeBytes decodes a set of one byte per character; other says what a byte is
// that the set lacks.
func decodeBytes(b []byte, table *charmap.Charmap, other func(byte) rune) ([]byte, bool) {
	text := make([]byte, 0, len(b)+len(b)/8)
	for _, c := range b {
		r := table.DecodeByte(c)
		if r == utf8.RuneError || 0x80 <= r && r <= 0x9f {
			if r = other(c); r == utf8.RuneError {
				return nil, false
			}
		}
		text = utf8.AppendRune(text, r)
	}
	return text, true
}
