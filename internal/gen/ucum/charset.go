package main

import (
	"fmt"
	"io"
	"strings"
)

func charset(name string, r io.Reader) (io.Reader, error) {
	if strings.EqualFold(name, "ascii") {
		return r, nil
	}
	return nil, fmt.Errorf("character set %s", name)
}
