package fault_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/ponshealth/pons/internal/fault"
)

func TestKindAndPlaceSurviveWrapping(t *testing.T) {
	err := fmt.Errorf("step 2: %w", fault.New(fault.Invalid, "PID-7", "not a date"))
	if k := fault.KindOf(err); k != fault.Invalid {
		t.Errorf("KindOf = %v, want invalid", k)
	}
	if at := fault.At(err); at != "PID-7" {
		t.Errorf("At = %q, want PID-7", at)
	}
	if got, want := err.Error(), "step 2: PID-7: not a date"; got != want {
		t.Errorf("text %q, want %q", got, want)
	}
}

func TestErrorWithoutKindIsInternal(t *testing.T) {
	if k := fault.KindOf(io.ErrUnexpectedEOF); k != fault.Internal {
		t.Errorf("KindOf = %v, want internal", k)
	}
	if at := fault.At(io.EOF); at != "" {
		t.Errorf("At = %q, want none", at)
	}
}

func TestWrap(t *testing.T) {
	if fault.Wrap(fault.Busy, "MSH-10", nil) != nil {
		t.Error("Wrap of nil is not nil")
	}
	err := fault.Wrap(fault.Busy, "", io.EOF)
	if !errors.Is(err, io.EOF) || fault.KindOf(err) != fault.Busy || err.Error() != "EOF" {
		t.Errorf("Wrap lost the cause, the kind or the text: %v", err)
	}
}

func TestEveryKindHasItsOwnName(t *testing.T) {
	seen := map[string]fault.Kind{}
	for _, k := range fault.Kinds() {
		if other, dup := seen[k.String()]; dup {
			t.Errorf("kinds %d and %d are both called %q", k, other, k)
		}
		seen[k.String()] = k
	}
	if len(seen) != int(fault.Busy)+1 {
		t.Errorf("%d kinds have names, want %d", len(seen), int(fault.Busy)+1)
	}
}
