package hl7

// FN is a family name with its parts (HL7 v2.9 2A, FN). Up to 2.3 it is one text,
// which is Surname.
type FN struct {
	Surname       string // FN.1
	OwnPrefix     string // FN.2, such as "van"
	Own           string // FN.3
	PartnerPrefix string // FN.4
	Partner       string // FN.5
}

func (x *FN) parts() []any {
	return []any{&x.Surname, &x.OwnPrefix, &x.Own, &x.PartnerPrefix, &x.Partner}
}

// XPN is the name of a person (HL7 v2.9 2A, XPN). The PN of old versions has its first
// six parts.
type XPN struct {
	Family             FN     // XPN.1
	Given              string // XPN.2
	Further            string // XPN.3, second and further given names or initials
	Suffix             string // XPN.4, such as "Jr."
	Prefix             string // XPN.5, such as "Dr."
	Degree             string // XPN.6, withdrawn in 2.7
	Use                string // XPN.7, name type code, table 0200, such as "L"
	Representation     string // XPN.8, table 0465
	Context            CWE    // XPN.9
	Validity           DR     // XPN.10, withdrawn in 2.7
	Assembly           string // XPN.11, table 0444
	Effective          string // XPN.12, DTM
	Expires            string // XPN.13, DTM
	ProfessionalSuffix string // XPN.14
	CalledBy           string // XPN.15
}

// XPN reads the value as the name of a person.
func (v Value) XPN() XPN { return read[XPN](v) }

func (x *XPN) parts() []any {
	return []any{&x.Family, &x.Given, &x.Further, &x.Suffix, &x.Prefix, &x.Degree, &x.Use, &x.Representation, &x.Context,
		&x.Validity, &x.Assembly, &x.Effective, &x.Expires, &x.ProfessionalSuffix, &x.CalledBy}
}

// XCN is a person with an identifier, such as a physician (HL7 v2.9 2A, XCN). The CN of
// old versions has its first nine parts.
type XCN struct {
	ID                 string // XCN.1
	Family             FN     // XCN.2
	Given              string // XCN.3
	Further            string // XCN.4
	Suffix             string // XCN.5
	Prefix             string // XCN.6
	Degree             string // XCN.7, withdrawn in 2.7
	SourceTable        CWE    // XCN.8
	Authority          HD     // XCN.9
	Use                string // XCN.10, name type code, table 0200
	CheckDigit         string // XCN.11
	CheckScheme        string // XCN.12, table 0061
	Type               string // XCN.13, identifier type code, table 0203
	Facility           HD     // XCN.14
	Representation     string // XCN.15, table 0465
	Context            CWE    // XCN.16
	Validity           DR     // XCN.17, withdrawn in 2.7
	Assembly           string // XCN.18, table 0444
	Effective          string // XCN.19, DTM
	Expires            string // XCN.20, DTM
	ProfessionalSuffix string // XCN.21
	Jurisdiction       CWE    // XCN.22
	Agency             CWE    // XCN.23
	Security           string // XCN.24
	SecurityScheme     string // XCN.25
}

// XCN reads the value as a person with an identifier.
func (v Value) XCN() XCN { return read[XCN](v) }

func (x *XCN) parts() []any {
	return []any{&x.ID, &x.Family, &x.Given, &x.Further, &x.Suffix, &x.Prefix, &x.Degree, &x.SourceTable, &x.Authority,
		&x.Use, &x.CheckDigit, &x.CheckScheme, &x.Type, &x.Facility, &x.Representation, &x.Context, &x.Validity,
		&x.Assembly, &x.Effective, &x.Expires, &x.ProfessionalSuffix, &x.Jurisdiction, &x.Agency, &x.Security, &x.SecurityScheme}
}

// XON is an organization with its name (HL7 v2.9 2A, XON).
type XON struct {
	Name           string // XON.1
	Use            CWE    // XON.2, name type code, table 0204
	Number         string // XON.3, withdrawn in 2.7
	CheckDigit     string // XON.4, withdrawn in 2.7
	CheckScheme    string // XON.5, withdrawn in 2.7
	Authority      HD     // XON.6
	Type           string // XON.7, identifier type code, table 0203
	Facility       HD     // XON.8
	Representation string // XON.9, table 0465
	ID             string // XON.10, from 2.5 on
}

// XON reads the value as an organization.
func (v Value) XON() XON { return read[XON](v) }

func (x *XON) parts() []any {
	return []any{&x.Name, &x.Use, &x.Number, &x.CheckDigit, &x.CheckScheme, &x.Authority, &x.Type, &x.Facility,
		&x.Representation, &x.ID}
}
