package hl7

// redactTypes says what becomes of the parts of a data type: words in lower case are
// actions, the others are types of their own. Parts that are not named, and types that
// are not listed, are masked.
const redactTypes = `
TS date code
HD id id code
EI id id id code
EIP EI EI
CX id id code HD code HD date date CWE CWE text code
CK id id code HD
CWE coded label code coded label code code code text coded label code code code code TS code code TS code code TS
CE coded label code coded label code
CNE coded label code coded label code code code text coded label code code code code TS code code TS code code TS
CF coded text code coded text code
FN name name name name name
XPN FN name name code code code code code CWE DR code TS TS code name
PN name name name code code code
XCN id FN name name code code code code HD code id code code HD code CWE DR code TS TS code CWE CWE text code
PPN id FN name name code code code code HD code id code code HD TS code CWE DR code TS TS code CWE CWE text code
CN id name name name code code code code HD
CNN id name name name code code code code id id code
NDL CNN TS TS id id id HD code code id id
XON name code id id code HD code HD code id
SAD text text text
XAD SAD text name text id code code text text text code DR TS TS CWE code code code name text number CWE EI
AD text text name text id code code text
XTN id code code id id id id id text id id id TS TS CWE CWE EI number
TN id
PL HD HD HD HD code code HD HD text EI HD
SN sign number sign number
CQ number CWE
MO number code
CP MO code number number CWE code
DR TS TS
ED HD mime mime code data
RP text HD mime mime
MSG code code code
VID code CWE CWE
PT code code
ERL code number number number number number
ELD code number number CWE
DLN id text date
DLD code date
FC CWE TS
JCC CWE CWE text
MOC MO CWE
RPT CWE code number number clock number code code code number code
PRL CWE text text
CCD code TS
DDI number MO number
`

// redactFields says the type or the action of each field, from 1 on, of the segments
// that are common. Types are those of the newest version that has the field.
const redactFields = `
MSH - - HD HD HD HD TS text MSG id PT VID number id code code code charset CWE charset EI XON XON HD HD CWE CWE text
MSA code id text number code CNE number code
ERR ELD ERL CWE code CWE text text text CWE CWE CWE XTN
EVN code TS TS CWE XCN TS HD
PID number CX CX CX XPN XPN TS CWE XPN CWE XAD text XTN XTN CWE CWE CWE CX id DLN CX CWE text code number CWE CWE CWE TS code code CWE TS HD CWE CWE text CWE CWE XTN
PD1 CWE CWE XON XCN CWE CWE CWE CWE code CX CWE code date XON CWE CWE date date CWE CWE CWE date date
NK1 number XPN CWE XAD XTN XTN CWE date date text JCC CX XON CWE CWE TS CWE CWE CWE CWE CWE CWE code CWE CWE XPN CWE CWE CWE XPN XTN XAD CX CWE CWE CWE id text CWE XTN XTN
MRG CX CX CX CX CX CX XPN
PV1 number CWE PL CWE CX PL XCN XCN XCN CWE PL CWE CWE CWE CWE CWE XCN CWE CX FC CWE CWE CWE CWE date number number CWE CWE date CWE number number CWE date CWE DLD CWE CWE code CWE PL PL TS TS number number number number CX CWE XCN text CX
PV2 PL CWE CWE CWE text text CWE TS TS number number text XCN date code CWE date CWE code number CWE code XON CWE CWE date CWE date date CWE CWE code TS code code code code CWE CWE CWE CWE CWE CWE CWE CWE date TS TS CWE date
AL1 number CWE CWE CWE text date
IAM number CWE CWE CWE text CNE EI text CWE CWE date text TS XPN CWE CWE CWE XCN XON TS XCN TS XCN TS XCN TS CWE XON XON XON
DG1 number code CWE text TS CWE CE CE code code CE number CP text number XCN CWE code TS EI code EI CWE code CWE CWE
PR1 number code CNE text TS CWE number XCN CWE number XCN XCN CWE number CWE CNE CWE CWE EI code CWE CWE PL code EI
GT1 number CX XPN XPN XAD XTN XTN TS CWE CWE CWE id date date number XPN XAD XTN CX CWE XON code CWE TS code CWE CP number CX CWE date date CWE CWE CWE CWE CWE CWE code CWE CWE XPN CWE CWE XPN XTN CWE CWE text JCC XON CWE CWE FC CWE text CWE
IN1 number CWE CX XON XAD XPN XTN id XON CX XON date date AUI CWE XPN CWE TS XAD CWE CWE text code date code date CWE text TS XCN CWE CWE number number CWE id CP CP number CP CP CWE CWE XAD text CWE CWE CWE CX CWE date text CWE CX code CX
IN2 CX id XCN CWE CWE id XPN id XPN id CWE text text CWE CWE CWE date code code code text XPN text CWE CX CX CWE RMC PTA DDI CWE CWE CWE CWE CWE CWE code CWE CWE XPN CWE CWE CWE date date text JCC CWE XPN XTN CWE XPN XTN CWE date date CWE XTN CWE CWE CX CWE XTN XTN CWE code code code XON XON CWE CWE CP
ACC TS CWE text CWE code code XCN text text code XAD number EI
NTE number code text CWE XCN TS TS TS CWE
ORC code EI EI EI code code TQ EIP TS XCN XCN XCN PL XTN TS CWE CWE CWE XCN CWE XON XAD XTN XAD CWE CWE TS CWE CWE CNE CWE date CX CWE code DR TS EI
OBR number EI EI CWE code TS TS TS CQ XCN code CWE CWE TS SPS XCN XTN id id id id TS MOC code code PRL TQ XCN EIP code CWE NDL NDL NDL NDL TS number CWE CWE CWE code code CWE CNE CNE CWE CWE CWE CWE CWE EI EI CX EIP code
OBX number code CWE number value CWE range CWE number code code TS text TS CWE XCN CWE EI TS CWE EI CNE XON XAD XCN code CWE CWE code code code CWE EIP
TQ1 number CQ RPT clock CQ CQ TS TS CWE text text code CQ number
SPM number EIP EIP CWE CWE CWE CWE CWE CWE CWE CWE CQ number text CWE CWE DR TS TS code CWE CWE CWE CWE CQ number CWE CWE CWE CX CX EI TS TS code
SAC EI EI EI EI EI SPS TS CWE CWE EI NA CWE EI NA CWE number number number number CWE number number number CWE CWE CWE CWE CWE SN CWE SN number CWE number CWE number CWE number CWE CWE CWE CWE CWE CWE CQ CQ CWE CWE CWE
TXA number CWE code TS XCN TS TS TS XCN XCN XCN EI EI EI EI text code code code code text PPN XCN CWE text TS HD CWE CWE CWE EI
SCH EI EI number EI CWE CWE CWE CWE number CNE TQ XCN XTN XAD PL XCN XTN XAD PL XCN XTN PL EI EI CWE EI EI EIP
RGS number code CWE
AIS number code CWE TS number CNE number CNE CWE CWE CWE CWE
AIG number code CWE CWE CWE number CNE TS number CNE number CNE CWE CWE
AIL number code PL CWE CWE TS number CNE number CNE CWE CWE
AIP number code XCN CWE CWE TS number CNE number CNE CWE CWE
RXO CWE number number CWE CWE CWE CWE LA1 code CWE number CWE number XCN XCN code text number CWE CWE text CWE CQ CWE number CWE code number EI EI CNE CWE XAD PL XAD XTN
RXE TQ CWE number number CWE CWE CWE LA1 code number CWE number XCN XCN id number number TS CQ code CWE text text CWE number CWE CWE number CWE code CWE TS number CWE CWE code CWE CWE number CWE XAD PL XAD code XTN
RXD number CWE TS number CWE CWE id number text XCN code CQ LA2 code CWE number CWE text TS CWE CWE number CWE code CWE CWE CWE number CWE CWE XAD code CWE XTN EI
RXA number number TS TS CWE number CWE CWE CWE XCN LA2 text number CWE id TS CWE CWE CWE code code TS number CWE CWE code PL XAD EI
RXR CWE CWE CWE CWE CWE CWE
RXC code CWE number CWE number CWE CWE number CWE number CWE
FT1 number CX id DR TS CWE CWE text text number CP CP CWE CWE CP PL CWE CWE CWE XCN XCN CP EI XCN CNE CNE CWE CWE CWE CX number XON XON CWE text CWE CWE CX CX CWE CWE text CQ CWE CWE number date date date number MO MO CWE code CWE CWE
ROL EI code CWE XCN TS TS CWE CWE CWE CWE XAD XTN PL XON
PRT EI code CWE CWE XCN CWE CWE XON PL EI TS TS CWE XAD XTN EI TS TS text text EI CNE CWE PLN
QRD text code code id code TS CQ XCN CWE CWE VR code
QRF text TS TS text text code code code TQ number
QAK id code CWE number number number
QPD CWE id text
DSC id code
MFI CWE HD code TS TS code
MFE code id TS text code TS XCN
FHS - - HD HD HD HD TS text text text id id HD HD CWE CWE text
BHS - - HD HD HD HD TS text text text id id HD HD CWE CWE text
BTS number text number
FTS number text
PDA CWE PL code TS XCN code DR XCN code
DB1 number CWE CX code date date date date
`
