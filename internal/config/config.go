// Package config holds what a person may set, as plain structs, and reads them
// from a YAML file in which an unknown or repeated key is an error.
package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"
)

// Config is everything that can be set. Default gives values that work without
// a file.
type Config struct {
	Data       string            `yaml:"data"`       // folder of the database; made when it is not there
	MLLP       MLLP              `yaml:"mllp"`       // where HL7 v2 messages come in
	HTTP       HTTP              `yaml:"http"`       // where FHIR and the pages are served
	Zone       string            `yaml:"zone"`       // IANA time zone of senders that give none; "" leaves such times without one
	Trials     bool              `yaml:"trials"`     // training and debugging messages (MSH-11 T, D) are stored like those of production
	Namespaces map[string]string `yaml:"namespaces"` // assigning authority (HD.1) -> identifier system URI
	Overlays   []string          `yaml:"overlays"`   // folders that change and add to the mapping tables
	Script     Script            `yaml:"script"`     // JavaScript on messages and Bundles
}

// MLLP is the listener for HL7 v2.
type MLLP struct {
	Listen         string        `yaml:"listen"`          // host:port; port 0 takes a free one
	MaxMessage     int           `yaml:"max_message"`     // bytes of one frame
	MaxConnections int           `yaml:"max_connections"` // in all
	MaxPerAddress  int           `yaml:"max_per_address"` // connections from one address
	Idle           time.Duration `yaml:"idle"`            // a silent connection is closed after this
	Charset        string        `yaml:"charset"`         // of messages that declare none and are not UTF-8
	TLS            TLS           `yaml:"tls"`             // without it everything travels in the clear
	Release2       bool          `yaml:"release2"`        // commits of MLLP release 2, which the senders must expect
	Bare           bool          `yaml:"bare"`            // takes frames without their start byte, if they begin with MSH
	OriginalAck    bool          `yaml:"original_ack"`    // answers AA, AE or AR whatever MSH-15 and MSH-16 ask
	ProcessingIDs  []string      `yaml:"processing_ids"`  // values of MSH-11 that are taken beside P, D and T
	Sequence       bool          `yaml:"sequence"`        // follows the sequence number protocol with senders that fill in MSH-13
}

// Script is the JavaScript of a site and its limits.
type Script struct {
	File   string        `yaml:"file"`
	Time   time.Duration `yaml:"time"`   // of one run; 1 s
	Memory int           `yaml:"memory"` // bytes; 64 MiB
}

// TLS names PEM files, which are read anew when they change, and who may come
// in.
type TLS struct {
	Cert     string   `yaml:"cert"`      // our certificate and those that lead to its authority
	Key      string   `yaml:"key"`       // its key
	ClientCA string   `yaml:"client_ca"` // authorities of senders; with it each must show a certificate
	Allow    []string `yaml:"allow"`     // narrows these down: dns:, ip:, uri:, email: or sha256: and what the sender's certificate has
}

// Mutual tells whether senders must show who they are.
func (t TLS) Mutual() bool { return t.ClientCA != "" || len(t.Allow) > 0 }

// HTTP is the listener for FHIR and the pages.
type HTTP struct {
	Listen  string `yaml:"listen"`   // host:port; port 0 takes a free one
	MaxBody int64  `yaml:"max_body"` // bytes of one request body
}

// Default returns a configuration that works without a file: all on loopback,
// data in ./pons-data.
func Default() Config {
	return Config{
		Data: "pons-data",
		MLLP: MLLP{
			Listen:         "127.0.0.1:2575",
			MaxMessage:     32 << 20,
			MaxConnections: 512,
			MaxPerAddress:  256,
			Idle:           10 * time.Minute,
			Charset:        "windows-1252",
		},
		HTTP: HTTP{Listen: "127.0.0.1:8080", MaxBody: 16 << 20},
		Namespaces: map[string]string{
			"NHS": "https://fhir.nhs.uk/Id/nhs-number",
			"NPI": "http://hl7.org/fhir/sid/us-npi",
		},
	}
}

// Load reads a file over the defaults. Namespaces of the file are added to the
// default ones.
func Load(file string) (Config, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return Config{}, err
	}
	cfg, err := Parse(b)
	if err != nil {
		return Config{}, fmt.Errorf("%s: %w", file, err)
	}
	return cfg, nil
}

// Parse reads YAML over the defaults and checks the result. An error says the
// line.
func Parse(b []byte) (Config, error) {
	cfg := Default()
	dec := yaml.NewDecoder(bytes.NewReader(b))
	dec.KnownFields(true)
	if err := dec.Decode(&cfg); err != nil && !errors.Is(err, io.EOF) {
		return Config{}, err
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return Config{}, errors.New("a second YAML document follows the first")
	}
	return cfg, cfg.Check()
}

// Check tells what is wrong with the values, all problems at once.
func (c Config) Check() error {
	var problems []error
	wrong := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if c.Data == "" {
		wrong("data: a folder is needed")
	}
	for _, l := range []struct{ key, addr string }{{"mllp.listen", c.MLLP.Listen}, {"http.listen", c.HTTP.Listen}} {
		if _, port, err := net.SplitHostPort(l.addr); err != nil || port == "" {
			wrong("%s: want host:port, as in 127.0.0.1:2575", l.key)
		}
	}
	for _, l := range []struct {
		key string
		n   int64
	}{
		{"mllp.max_message", int64(c.MLLP.MaxMessage)}, {"mllp.max_connections", int64(c.MLLP.MaxConnections)},
		{"mllp.max_per_address", int64(c.MLLP.MaxPerAddress)}, {"mllp.idle", int64(c.MLLP.Idle)}, {"http.max_body", c.HTTP.MaxBody},
	} {
		if l.n <= 0 {
			wrong("%s: must be above zero", l.key)
		}
	}
	if c.Script.Time < 0 || c.Script.Memory < 0 {
		wrong("script: time and memory must be above zero")
	}
	if t := c.MLLP.TLS; (t.Cert == "") != (t.Key == "") || t.Cert == "" && t.Mutual() {
		wrong("mllp.tls: cert and key are needed, both")
	}
	if slices.Contains(c.MLLP.ProcessingIDs, "") {
		wrong("mllp.processing_ids: an empty one is taken anyway")
	}
	if _, err := c.Location(); err != nil {
		wrong("zone: not the name of an IANA time zone, as in Europe/London")
	}
	for name, uri := range c.Namespaces {
		if u, err := url.Parse(uri); err != nil || !u.IsAbs() {
			wrong("namespaces.%s: want an absolute URI", name)
		}
	}
	return errors.Join(problems...)
}

// Location returns the zone of senders that give none, or nil.
func (c Config) Location() (*time.Location, error) {
	if c.Zone == "" {
		return nil, nil
	}
	return time.LoadLocation(c.Zone)
}
