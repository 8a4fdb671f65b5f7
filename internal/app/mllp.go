package app

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/ponshealth/pons/internal/config"
	"github.com/ponshealth/pons/internal/source"
	"github.com/ponshealth/pons/mllp"
)

// mllpSource is what takes in the messages of a listener.
func mllpSource(cfg config.MLLP, store source.Store, log *slog.Logger) *source.MLLP {
	return &source.MLLP{
		Channel:     Channel,
		Destination: Destination,
		Store:       store,
		Charset:     cfg.Charset,
		Original:    cfg.OriginalAck,
		Processing:  cfg.ProcessingIDs,
		Log:         log,
		Now:         time.Now,
	}
}

// mllpServer is the listener for HL7 v2.
func mllpServer(cfg config.MLLP, handler mllp.Handler, log *slog.Logger) (*mllp.Server, error) {
	s := &mllp.Server{
		Handler:       handler,
		Log:           log,
		MaxBlock:      cfg.MaxMessage,
		MaxConns:      cfg.MaxConnections,
		MaxConnsPerIP: cfg.MaxPerAddress,
		IdleTimeout:   cfg.Idle,
		Release2:      cfg.Release2,
	}
	if cfg.Bare {
		s.Bare = "MSH"
	}
	if cfg.TLS.Cert == "" {
		return s, nil
	}
	files := &mllp.TLSFiles{Cert: cfg.TLS.Cert, Key: cfg.TLS.Key, CA: cfg.TLS.ClientCA, Allow: cfg.TLS.Allow, Log: log}
	var err error
	if s.TLS, err = files.Server(); err != nil {
		return nil, fmt.Errorf("mllp.tls: %w", err)
	}
	return s, nil
}
