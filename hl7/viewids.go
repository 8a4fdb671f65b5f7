package hl7

// HD is a hierarchic designator: who assigned something, or where it is (HL7 v2.9 2A,
// HD). Before 2.3 such fields are one text, which is Namespace.
type HD struct {
	Namespace string // HD.1
	Universal string // HD.2, such as an OID
	Type      string // HD.3, table 0301, such as "ISO"
}

// HD reads the value as a hierarchic designator.
func (v Value) HD() HD { return read[HD](v) }

func (x *HD) parts() []any { return []any{&x.Namespace, &x.Universal, &x.Type} }

// EI is an entity identifier, such as an order number (HL7 v2.9 2A, EI).
type EI struct {
	ID        string // EI.1
	Namespace string // EI.2
	Universal string // EI.3
	Type      string // EI.4, table 0301
}

// EI reads the value as an entity identifier.
func (v Value) EI() EI { return read[EI](v) }

func (x *EI) parts() []any { return []any{&x.ID, &x.Namespace, &x.Universal, &x.Type} }

// EIP is a pair of entity identifiers, as of an order and its parent (HL7 v2.9 2A, EIP).
type EIP struct {
	Placer EI // EIP.1
	Filler EI // EIP.2
}

// EIP reads the value as a pair of entity identifiers.
func (v Value) EIP() EIP { return read[EIP](v) }

func (x *EIP) parts() []any { return []any{&x.Placer, &x.Filler} }

// CX is an identifier with who assigned it (HL7 v2.9 2A, CX). The CK of versions up to
// 2.4 has its first four parts.
type CX struct {
	ID             string // CX.1
	CheckDigit     string // CX.2
	CheckScheme    string // CX.3, table 0061
	Authority      HD     // CX.4
	Type           string // CX.5, table 0203, such as "MR"
	Facility       HD     // CX.6
	Effective      string // CX.7, DT
	Expires        string // CX.8, DT
	Jurisdiction   CWE    // CX.9
	Agency         CWE    // CX.10
	Security       string // CX.11
	SecurityScheme string // CX.12
}

// CX reads the value as an identifier.
func (v Value) CX() CX { return read[CX](v) }

func (x *CX) parts() []any {
	return []any{&x.ID, &x.CheckDigit, &x.CheckScheme, &x.Authority, &x.Type, &x.Facility, &x.Effective, &x.Expires,
		&x.Jurisdiction, &x.Agency, &x.Security, &x.SecurityScheme}
}

// Coding is one of the three codes of a [CWE].
type Coding struct {
	Code            string // CWE.1, 4, 10
	Text            string // CWE.2, 5, 11
	System          string // CWE.3, 6, 12, table 0396
	Version         string // CWE.7, 8, 13
	SystemOID       string // CWE.14, 17, 20
	ValueSet        string // CWE.15, 18, 21
	ValueSetVersion string // CWE.16, 19, 22
}

// CWE is a coded value, the same thing said in up to three code systems (HL7 v2.9
// 2A, CWE). CNE has the same parts; CE the first six; CF has formatted texts. An ID or
// IS is Code alone.
type CWE struct {
	Coding           // the first
	Alternate Coding // the second
	Second    Coding // the third, "second alternate" in the standard
	Original  string // CWE.9, what a person wrote
}

// CWE reads the value as coded, be it a CWE, CNE, CE, CF, ID or IS.
func (v Value) CWE() CWE { return read[CWE](v) }

func (x *CWE) parts() []any {
	a, b, c := &x.Coding, &x.Alternate, &x.Second
	return []any{&a.Code, &a.Text, &a.System, &b.Code, &b.Text, &b.System, &a.Version, &b.Version, &x.Original,
		&c.Code, &c.Text, &c.System, &c.Version,
		&a.SystemOID, &a.ValueSet, &a.ValueSetVersion, &b.SystemOID, &b.ValueSet, &b.ValueSetVersion,
		&c.SystemOID, &c.ValueSet, &c.ValueSetVersion}
}

// MSG is a message type, MSH-9 (HL7 v2.9 2A, MSG).
type MSG struct {
	Code      string // MSG.1, table 0076, such as "ADT"
	Event     string // MSG.2, table 0003, such as "A01"
	Structure string // MSG.3, table 0354, such as "ADT_A01"
}

// MSG reads the value as a message type.
func (v Value) MSG() MSG { return read[MSG](v) }

func (x *MSG) parts() []any { return []any{&x.Code, &x.Event, &x.Structure} }
