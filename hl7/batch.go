package hl7

import (
	"bytes"
	"strconv"
)

// CheckBatch compares a block or a file with what its batch headers and trailers
// promise (HL7 v2.9 2.10.3): BTS-1, the number of messages of a batch, and FTS-1, the
// number of batches of a file, where they are given, and that what begins ends.
// It returns what does not fit; nothing for what is not a batch.
//
// A batch whose counts do not fit is not whole: none of it should be taken in.
func CheckBatch(b []byte) []Warning {
	var c batchCheck
	for at := 0; at < len(b); {
		start := skipFraming(b, at)
		end := lineEnd(b, start)
		line := b[start:end]
		switch {
		case isHeader(line):
			c.messages++
		case isBatch(line):
			c.line(line)
		}
		at = end + 1
	}
	c.end()
	return c.found
}

// batchCheck is where CheckBatch stands in a file.
type batchCheck struct {
	found           []Warning
	inFile, inBatch bool
	batches         int // begun in this file
	messages        int // begun in this batch
	bhs, fhs        int // seen in all
}

// line takes a header or trailer line.
func (c *batchCheck) line(line []byte) {
	switch string(line[:3]) {
	case "FHS":
		c.endBatch("there is no BTS at its end")
		c.endFile("there is no FTS at its end")
		c.inFile, c.batches = true, 0
		c.fhs++
	case "BHS":
		c.endBatch("there is no BTS at its end")
		c.inBatch, c.messages = true, 0
		c.batches++
		c.bhs++
	case "BTS":
		if !c.inBatch {
			c.add("BTS", "there is no BHS before it")
		} else if n, given := count(line); given && n != c.messages {
			c.add("BTS("+strconv.Itoa(c.bhs)+")-1", "it is not the number of messages in the batch")
		}
		c.inBatch = false
	case "FTS":
		c.endBatch("there is no BTS at its end")
		if !c.inFile {
			c.add("FTS", "there is no FHS before it")
		} else if n, given := count(line); given && n != c.batches {
			c.add("FTS("+strconv.Itoa(c.fhs)+")-1", "it is not the number of batches in the file")
		}
		c.inFile = false
	}
}

func (c *batchCheck) end() {
	c.endBatch("there is no BTS at its end")
	c.endFile("there is no FTS at its end")
}

func (c *batchCheck) endBatch(problem string) {
	if c.inBatch {
		c.add("BHS("+strconv.Itoa(c.bhs)+")", problem)
	}
	c.inBatch = false
}

func (c *batchCheck) endFile(problem string) {
	if c.inFile {
		c.add("FHS("+strconv.Itoa(c.fhs)+")", problem)
	}
	c.inFile = false
}

func (c *batchCheck) add(at, problem string) { c.found = append(c.found, Warning{at, problem}) }

// count reads field 1 of a trailer; what is no number counts as -1, which fits nothing.
func count(line []byte) (n int, given bool) {
	if len(line) < 5 {
		return 0, false
	}
	field, _, _ := bytes.Cut(line[4:], line[3:4])
	if field = bytes.TrimSpace(field); len(field) == 0 {
		return 0, false
	}
	n, err := strconv.Atoi(string(field))
	if err != nil {
		return -1, true
	}
	return n, true
}
