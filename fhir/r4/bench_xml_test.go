package r4_test

import (
	"encoding/xml"
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
)

// The benchmarks named Tagged do the same with encoding/xml and the tagged
// structs of z_plain_xml_gen_test.go, which can hold the same documents. Compare
//
//	go test -run xxx -bench XML ./fhir/r4

// eachPatientXML runs fn with the documents of eachPatient as XML.
func eachPatientXML(b *testing.B, fn func(b *testing.B, doc []byte)) {
	eachPatient(b, func(b *testing.B, doc []byte) {
		x, err := r4.MarshalXML(read(b, doc))
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(len(x)))
		fn(b, x)
	})
}

func BenchmarkXMLParse(b *testing.B) {
	eachPatientXML(b, func(b *testing.B, doc []byte) {
		for b.Loop() {
			if _, err := r4.UnmarshalXML(doc); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkXMLParseTagged(b *testing.B) {
	eachPatientXML(b, func(b *testing.B, doc []byte) {
		for b.Loop() {
			var p taggedPatient
			if err := xml.Unmarshal(doc, &p); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkXMLWrite(b *testing.B) {
	eachPatientXML(b, func(b *testing.B, doc []byte) {
		r, err := r4.UnmarshalXML(doc)
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if _, err := r4.MarshalXML(r); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkXMLWriteTagged(b *testing.B) {
	eachPatientXML(b, func(b *testing.B, doc []byte) {
		var p taggedPatient
		if err := xml.Unmarshal(doc, &p); err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if _, err := xml.Marshal(&p); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// Lenient reading of what is right costs as much as strict reading; with a
// problem at the end it costs the whole.
func BenchmarkLenient(b *testing.B) {
	eachPatient(b, func(b *testing.B, doc []byte) {
		bad := append([]byte{}, doc...)
		for i := len(bad) - 1; bad[i] != '}'; i-- {
			bad = bad[:i]
		}
		bad = append(bad[:len(bad)-1], `,"gendre":1}`...)
		b.Run("right", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if d, err := r4.ParseLenient(doc); err != nil || len(d.Problems) > 0 {
					b.Fatal(err)
				}
			}
		})
		b.Run("wrong", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if d, err := r4.ParseLenient(bad); err != nil || len(d.Problems) != 1 {
					b.Fatal(err, d.Problems)
				}
			}
		})
	})
}
