package hl7

// SN is a number with what stands around it: "> 100", "1:128", "2-5", "3+" (HL7 v2.9 2A,
// SN). [ParseNM] reads the numbers.
type SN struct {
	Comparator string // SN.1, such as ">"; empty means =
	Num1       string // SN.2, NM
	Separator  string // SN.3, such as "-", ":" or "+"
	Num2       string // SN.4, NM
}

// SN reads the value as a structured numeric.
func (v Value) SN() SN { return read[SN](v) }

func (x *SN) parts() []any { return []any{&x.Comparator, &x.Num1, &x.Separator, &x.Num2} }

// CQ is a quantity with its units (HL7 v2.9 2A, CQ).
type CQ struct {
	Quantity string // CQ.1, NM
	Units    CWE    // CQ.2
}

// CQ reads the value as a quantity with units.
func (v Value) CQ() CQ { return read[CQ](v) }

func (x *CQ) parts() []any { return []any{&x.Quantity, &x.Units} }

// DR is a span of time (HL7 v2.9 2A, DR). [ParseTime] reads its ends.
type DR struct {
	Start string // DR.1, DTM
	End   string // DR.2, DTM
}

// DR reads the value as a span of time.
func (v Value) DR() DR { return read[DR](v) }

func (x *DR) parts() []any { return []any{&x.Start, &x.End} }

// ED is a document inside a message (HL7 v2.9 2A, ED).
type ED struct {
	Source   HD     // ED.1
	Type     string // ED.2, table 0834, such as "application"
	Subtype  string // ED.3, table 0291, such as "pdf"
	Encoding string // ED.4, table 0299: "A" none, "Hex", "Base64"
	Data     string // ED.5, as it stands in that encoding
}

// ED reads the value as a document. For data of many megabytes that are not to be
// copied there is Component(5).Raw.
func (v Value) ED() ED { return read[ED](v) }

func (x *ED) parts() []any { return []any{&x.Source, &x.Type, &x.Subtype, &x.Encoding, &x.Data} }

// RP points at a document elsewhere (HL7 v2.9 2A, RP).
type RP struct {
	Pointer     string // RP.1
	Application HD     // RP.2
	Type        string // RP.3, table 0834
	Subtype     string // RP.4, table 0291
}

// RP reads the value as a pointer to a document.
func (v Value) RP() RP { return read[RP](v) }

func (x *RP) parts() []any { return []any{&x.Pointer, &x.Application, &x.Type, &x.Subtype} }
