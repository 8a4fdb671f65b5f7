# Every command that a developer needs. `make` alone prints this list.
GO      ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
FUZZTIME ?= 10s
BUILD    = $(GO) build -trimpath -ldflags "-s -w -X main.version=$(VERSION)"

.DEFAULT_GOAL := help
.PHONY: help build demo run test check fuzz generate bench

help: ## print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo '  ARGS passes flags on: make demo ARGS=--once'

build: ## build bin/pons
	$(BUILD) -o bin/pons ./cmd/pons

demo: build ## start everything on loopback and play a small hospital at it
	./bin/pons demo $(ARGS)

run: build ## start the engine: MLLP 127.0.0.1:2575, HTTP 127.0.0.1:8080, data in ./pons-data
	./bin/pons serve $(ARGS)

test: ## run all tests
	$(GO) test ./...

check: ## what .ci/run checks beside the tests: format, vet, floors, generated files, links
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo 'run gofmt on the files above'; exit 1; }
	$(GO) vet ./...
	$(GO) test -run Floors .
	$(GO) test -run Links ./e2e
	$(GO) run ./internal/gen/grammar -check
	$(GO) run ./internal/gen/r4 -out fhir/r4 -check
	$(GO) run ./internal/gen/search -out fhir/search/parameters.txt -check
	$(GO) run ./internal/gen/ucum -check
	$(GO) run ./internal/gen/profile -out fhir/profile/base.bin -check

fuzz: ## run every fuzz target for FUZZTIME (a time, or a count as in 3000x; 10s)
	@for p in $$($(GO) list ./...); do for f in $$($(GO) test -list '^Fuzz' $$p | grep '^Fuzz'); do \
		echo "$$p $$f"; $(GO) test -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x $$p || exit 1; done; done

generate: ## make the generated files again from their pinned sources
	$(GO) generate ./...

bench: build ## measure fsync, durable answers and delivery on this machine
	./bin/pons bench $(ARGS)
