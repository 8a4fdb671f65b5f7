package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"sync"
	"testing"
)

// TestDictionaryNeverChanges: bodies on disks out there need these very bytes.
// A better dictionary is a new file with a new number.
func TestDictionaryNeverChanges(t *testing.T) {
	const want = "4de0fa194cb010d71abebfddd23aab9853dbe1e188df44d9d7617003ed726c2f"
	if sum := sha256.Sum256(dictionary1); hex.EncodeToString(sum[:]) != want {
		t.Errorf("dictionary-1.txt is not the one that bodies were packed with")
	}
}

func TestPack(t *testing.T) {
	p, err := newPacker()
	if err != nil {
		t.Fatal(err)
	}
	bodies := [][]byte{{}, {0}, []byte("MSH|^~\\&|A"), bytes.Repeat([]byte("PID|1||"), 100_000), bytes.ToValidUTF8(dictionary1[500:3000], nil)}
	var wait sync.WaitGroup
	for _, body := range bodies {
		wait.Go(func() {
			for name, pack := range map[string]func([]byte) []byte{"message": p.message, "resource": p.resource} {
				packed := pack(body)
				if back, err := p.unpack(packed); err != nil || !bytes.Equal(back, body) {
					t.Errorf("%s of %d bytes: %d came back, %v", name, len(body), len(back), err)
				}
				if len(packed) > 2 {
					packed[len(packed)-1] ^= 1
					if back, err := p.unpack(packed); err == nil && !bytes.Equal(back, body) {
						t.Errorf("%s of %d bytes: damage was not seen", name, len(body))
					}
				}
			}
		})
	}
	wait.Wait()
	patient := []byte(`{"resourceType":"Patient","id":"1","meta":{},"name":[{"family":"Doe"}],"gender":"female","birthDate":"1950-01-01","maritalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-MaritalStatus","code":"M"}]}}`)
	if plain, known := len(p.message(patient)), len(p.resource(patient)); known*3 > plain*2 || strings.Contains(string(p.resource(patient)), "resourceType") {
		t.Errorf("the dictionary brings %d bytes to %d only", plain, known)
	}
}
