package hl7

// SAD is a street address with its parts (HL7 v2.9 2A, SAD). Up to 2.4 it is one text,
// which is Street.
type SAD struct {
	Street string // SAD.1, the line as written
	Name   string // SAD.2, the street's name
	Number string // SAD.3, the dwelling's number
}

func (x *SAD) parts() []any { return []any{&x.Street, &x.Name, &x.Number} }

// XAD is an address (HL7 v2.9 2A, XAD). The AD of old versions has its first eight
// parts.
type XAD struct {
	Street         SAD    // XAD.1
	Other          string // XAD.2, other designation, such as an apartment
	City           string // XAD.3
	State          string // XAD.4, state or province
	Zip            string // XAD.5, zip or postal code
	Country        string // XAD.6, table 0399
	Use            string // XAD.7, address type, table 0190
	OtherArea      string // XAD.8, other geographic designation
	County         CWE    // XAD.9, table 0289
	CensusTract    CWE    // XAD.10, table 0288
	Representation string // XAD.11, table 0465
	Validity       DR     // XAD.12, withdrawn in 2.7
	Effective      string // XAD.13, DTM
	Expires        string // XAD.14, DTM
	ExpiryReason   CWE    // XAD.15
	Temporary      string // XAD.16, table 0136
	Bad            string // XAD.17, bad address indicator, table 0136
	Usage          string // XAD.18, table 0617
	Addressee      string // XAD.19
	Comment        string // XAD.20
	Preference     string // XAD.21, NM, 1 is the first choice
	Protection     CWE    // XAD.22
	ID             EI     // XAD.23
}

// XAD reads the value as an address.
func (v Value) XAD() XAD { return read[XAD](v) }

func (x *XAD) parts() []any {
	return []any{&x.Street, &x.Other, &x.City, &x.State, &x.Zip, &x.Country, &x.Use, &x.OtherArea, &x.County, &x.CensusTract,
		&x.Representation, &x.Validity, &x.Effective, &x.Expires, &x.ExpiryReason, &x.Temporary, &x.Bad, &x.Usage,
		&x.Addressee, &x.Comment, &x.Preference, &x.Protection, &x.ID}
}

// XTN is a telephone number or an electronic address (HL7 v2.9 2A, XTN). The TN of old
// versions is Number alone.
type XTN struct {
	Number          string // XTN.1, withdrawn in 2.7 and still what most senders fill
	Use             string // XTN.2, table 0201, such as "PRN"
	Equipment       string // XTN.3, table 0202, such as "PH"
	Address         string // XTN.4, e-mail and the like
	Country         string // XTN.5
	Area            string // XTN.6
	Local           string // XTN.7
	Extension       string // XTN.8
	Text            string // XTN.9
	ExtensionPrefix string // XTN.10
	SpeedDial       string // XTN.11
	Unformatted     string // XTN.12
	Effective       string // XTN.13, DTM
	Expires         string // XTN.14, DTM
	ExpiryReason    CWE    // XTN.15
	Protection      CWE    // XTN.16
	ID              EI     // XTN.17
	Preference      string // XTN.18, NM, 1 is the first choice
}

// XTN reads the value as a telephone number or an electronic address.
func (v Value) XTN() XTN { return read[XTN](v) }

func (x *XTN) parts() []any {
	return []any{&x.Number, &x.Use, &x.Equipment, &x.Address, &x.Country, &x.Area, &x.Local, &x.Extension, &x.Text,
		&x.ExtensionPrefix, &x.SpeedDial, &x.Unformatted, &x.Effective, &x.Expires, &x.ExpiryReason, &x.Protection,
		&x.ID, &x.Preference}
}

// PL is where a person is in an institution (HL7 v2.9 2A, PL). Its HD parts are single
// texts before 2.7, which are their Namespace.
type PL struct {
	PointOfCare HD     // PL.1, such as a ward
	Room        HD     // PL.2
	Bed         HD     // PL.3
	Facility    HD     // PL.4
	Status      string // PL.5, table 0306
	Type        string // PL.6, person location type, table 0305
	Building    HD     // PL.7
	Floor       HD     // PL.8
	Description string // PL.9
	ID          EI     // PL.10, comprehensive location identifier
	Authority   HD     // PL.11
}

// PL reads the value as a place in an institution.
func (v Value) PL() PL { return read[PL](v) }

func (x *PL) parts() []any {
	return []any{&x.PointOfCare, &x.Room, &x.Bed, &x.Facility, &x.Status, &x.Type, &x.Building, &x.Floor, &x.Description,
		&x.ID, &x.Authority}
}
