# docsift: what people run most. `make help` lists the targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help
export CGO_ENABLED ?= 0

STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
BENCH ?= .
COUNT ?= 5
RATE ?= 1000
SEED ?= 1
# Folders of real and of nasty documents, which are no part of this repository.
CORPUS ?= ../shared/corpus
HOSTILE ?= ../shared/hostile

.PHONY: help
help: ## show this list
	@grep -hE '^[a-z][a-z-]*:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.PHONY: build
build: ## build bin/docsift, static and stripped
	go build -trimpath -ldflags='-s -w' -o bin/docsift ./cmd/docsift
	@du -h bin/docsift

.PHONY: build-ocr
build-ocr: ocr-assets ## the same with a reader of letters inside, as releases are: 3 MB more, no tesseract to install
	go build -tags ocr -trimpath -ldflags='-s -w' -o bin/docsift ./cmd/docsift
	@du -h bin/docsift

.PHONY: ocr-assets
ocr-assets:
	@./test/ocr-assets.sh

.PHONY: test
test: tools lint race ocr sdk openapi chaos-quick crash-quick ## install what the tests need and run them (what CI runs; check-long has what takes longer)

.PHONY: check
check: test ## the same, under the name that reviewers use

.PHONY: quick
quick: ## vet and test without the race detector
	go vet ./... && go test ./...

.PHONY: lint
lint: ## gofmt, vet, staticcheck, go.mod tidy
	@unformatted=$$(gofmt -l $$(git ls-files -co --exclude-standard '*.go')); \
		if [ -n "$$unformatted" ]; then echo "not gofmt-ed:"; echo "$$unformatted"; exit 1; fi
	go vet ./...
	go run $(STATICCHECK) ./...
	go mod tidy -diff
	go build ./...

.PHONY: race
race: ## all tests under the race detector, the floors among them
	@# Compiling the PDF reader takes seconds, under the race detector minutes: fill its cache without it, and race where readers meet.
	go test ./extract/pdf
	CGO_ENABLED=1 go test -race -run 'Concurrent|Wait|Cancel|Close|Trapped|Start' ./extract/pdf
	CGO_ENABLED=1 go test -race -timeout 20m $$(go list ./... | grep -v 'extract/pdf$$')
	@# The scripts that run the command are no matter of races. Neither are servers that others die beside: see ocr.
	@# Limits of memory are held to where nothing else takes memory.
	go test -timeout 20m ./cmd/docsift ./internal/chaos ./extract/child

.PHONY: ocr
ocr: ocr-assets ## the tests of the embedded reader of letters, and of a server with it inside
	go vet -tags ocr ./...
	go test -tags ocr -timeout 20m ./extract/ocr ./internal/app

.PHONY: sdk
sdk: ## hold our wire formats to the official SDKs' types
	cd test/sdk && go vet ./... && go test ./...

DEPLOY_TOOLS := systemd-analyze systemd openssl openssl git git

.PHONY: deploy-check
deploy-check: ## hold the Dockerfile, compose.yaml, the chart and the units to the tools that will read them (compiles Helm: minutes, the first time)
	@./test/tools.sh $(DEPLOY_TOOLS)
	cd test/deploy && go vet ./... && go test ./...

TARGETS := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64

.PHONY: release-check
release-check: ocr-assets ## check the configuration of releases, compile for all that they are for, and try one where goreleaser is installed; takes minutes
	cd test/deploy && go test -run TestRelease ./...
	@for target in $(TARGETS); do echo "$$target"; \
		GOOS=$${target%/*} GOARCH=$${target#*/} go build -tags ocr -o /dev/null ./cmd/docsift || exit 1; done
	@if command -v goreleaser >/dev/null; then goreleaser check && goreleaser build --snapshot --single-target --clean; \
		else echo "goreleaser is not installed: no release was tried"; fi

.PHONY: openapi
openapi: ## hold the API's document to the OpenAPI specification
	cd test/openapi && go vet ./... && go test ./...

.PHONY: bench
bench: ## run the benchmarks (BENCH=regexp COUNT=n)
	go test -run '^$$' -bench '$(BENCH)' -benchmem -count $(COUNT) ./...
	./test/bench.sh

.PHONY: bench-log
bench-log: tools ## what is done for a document, beside a log of ten million rows in PostgreSQL and a million in SQLite; takes half an hour
	DOCSIFT_BENCH_ROWS=10000000 go test -count 1 -v -run GrownLog -timeout 2h ./internal/store/postgres
	DOCSIFT_BENCH_ROWS=1000000 go test -count 1 -v -run GrownLog -timeout 1h ./internal/store/sqlite

.PHONY: bench-list
bench-list: tools ## lists and searches beside a million classifications, in SQLite and in PostgreSQL; takes a quarter of an hour
	DOCSIFT_BENCH_ROWS=1000000 go test -count 1 -v -run Listed -timeout 1h ./internal/store/sqlite
	DOCSIFT_BENCH_ROWS=1000000 go test -count 1 -v -run Listed -timeout 1h ./internal/store/postgres

.PHONY: bench-extract
bench-extract: build ## what reading costs, beside poppler on the same files (CORPUS=folder)
	@./test/tools.sh pdftotext poppler-utils
	go run ./test/benchextract $(CORPUS)

.PHONY: bench-ocr
bench-ocr: tools ocr-assets ## the embedded reader of letters beside tesseract, on every scan of a folder: words and CPU; takes minutes
	go run -tags ocr ./test/ocr/recall $(CORPUS)

.PHONY: bench-views
bench-views: tools ocr-assets ## pictures for models by size and quality: bytes, tokens, words still legible
	go run -tags ocr ./test/ocr/views $(CORPUS)

.PHONY: bench-gateway
bench-gateway: build ## what docsift costs between a client and its provider, beside another gateway; takes minutes (RATE=requests a second)
	./test/bench-gateway.sh -rate $(RATE)

.PHONY: bench-service
bench-service: tools build ## how fast the service takes documents in and works through them, beside what it should; takes half an hour (SERVICE=flags)
	go run ./test/benchservice $(SERVICE)

.PHONY: bench-metrics
bench-metrics: ## what metrics, log and traces add to a document, and what a scrape costs
	go test -run '^$$' -bench 'Watch|Sync|Scrape' -benchmem ./internal/app

.PHONY: chaos-quick
chaos-quick: build ## the lines of chaos with 300 documents each instead of 5,000: a minute and a half
	bin/docsift chaos --seed $(SEED) --requests 300

.PHONY: chaos
chaos: build ## have simulated providers die in every way under a running server; fails when a promise breaks (SEED=n)
	bin/docsift chaos --seed $(SEED)

.PHONY: chaos-long
chaos-long: build ## the same at six times the size, with longer outages; takes tens of minutes
	bin/docsift chaos --seed $(SEED) --requests 30000

CRASH := go test -count 1 -v -timeout 12h ./test/crash -docsift $(CURDIR)/bin/docsift -seed $(SEED)

.PHONY: crash-quick
crash-quick: build tools ## kill servers, workers, PostgreSQL and Redis a dozen times under load; a minute
	$(CRASH) -run TestCrash -kills 12 -pause 700ms -rate 20 -lease 3s

.PHONY: crash
crash: build tools ## the same 200 times at 50 documents a second, and die at each step on the way of a document; ten minutes (SEED=n)
	$(CRASH) -kills 200 -steps

.PHONY: crash-long
crash-long: build tools ## the same 3,000 times; hours
	$(CRASH) -kills 3000 -steps

.PHONY: browser
browser: build ## people use the page in Chromium: drop, review, sign in, lose the server; both themes, axe; screenshots in test/browser/out
	@./test/tools.sh chromium chromium node nodejs npm npm
	cd test/browser && npm ci --ignore-scripts --no-audit --no-fund && node run.mjs

.PHONY: pictures
pictures: browser ## the pictures of docs/page.md anew, from what the browser saw
	@./test/tools.sh cwebp webp
	@mkdir -p docs/pictures
	@for p in home document documents review dashboard providers planner keys taxonomy; do \
		cwebp -quiet -q 82 -m 6 test/browser/out/$$p.png -o docs/pictures/$$p.webp; done; du -ch docs/pictures/*.webp | tail -1

.PHONY: hostile
hostile: build ## send nasty files through a running server; fails when a rule breaks (HOSTILE=folder)
	go run ./test/hostile $(HOSTILE)

.PHONY: hidden
hidden: ## hide foreign messages in PDFs in every way; fails when too few are found (HOSTILE=folder)
	DOCSIFT_TEST_INJECTION=$(abspath $(HOSTILE))/injection.jsonl go test -count 1 -run OfAFile -v -timeout 30m ./extract/pdf

.PHONY: eval
eval: build ## how good the local model is on sources that it did not learn from (CORPUS=folder with a manifest.tsv); writes bin/eval.html
	bin/docsift eval --folds group --plain --also test/written --taxonomy by-industry --html bin/eval.html $(CORPUS)

.PHONY: eval-categories
eval-categories: build ## and on categories of which it has seen no document
	bin/docsift eval --folds category --plain --also test/written --taxonomy by-industry $(CORPUS)

.PHONY: eval-written
eval-written: build ## and on the invented documents of this repository, which are harder
	bin/docsift eval --folds group --plain --taxonomy by-industry test/written

.PHONY: model
model: build ## train the built-in local model anew; the same documents give the same file
	bin/docsift train -q --plain --also test/written -o model/local/builtin.json $(CORPUS)

.PHONY: corpus-read
corpus-read: build ## read a folder of documents and sum up by format (CORPUS=folder)
	bin/docsift classify -q --json --policy local $(CORPUS) | go run ./test/corpusread

.PHONY: check-long
check-long: check browser deploy-check release-check fuzz hostile hidden corpus-read chaos-long crash-long ## everything that takes longer, before a release

.PHONY: fuzz
fuzz: ## fuzz every parser of foreign bytes for 30 s each
	./test/fuzz.sh 30s

.PHONY: samples
samples: ## make the sample documents again
	go run ./internal/samplegen -o samples

.PHONY: tools
tools:
	@./test/tools.sh git git curl curl gcc "gcc libc6-dev" tesseract tesseract-ocr redis-server redis-server psql "postgresql postgresql-client" nginx nginx-light
	@./test/versitygw.sh
	@./test/prometheus.sh
