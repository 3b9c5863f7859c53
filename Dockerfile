# syntax=docker/dockerfile:1.7
# docsift in a container: one static program with the reader of letters inside, and nothing else. See docs/deploy.md.

FROM --platform=$BUILDPLATFORM golang:1.26-bookworm AS build
RUN apt-get update -q \
	&& DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends npm \
	&& rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY test/ocr-assets.sh test/tools.sh test/
COPY extract/ocr extract/ocr
RUN test/ocr-assets.sh
# Everything that git knows, and git's own folder: the version of the program comes from there.
COPY . .
ARG TARGETOS TARGETARCH
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
	CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
	go build -tags ocr -trimpath -ldflags='-s -w' -o /out/usr/bin/docsift ./cmd/docsift
# What a scratch image lacks: certificates of authorities, a name for the user, and folders that it may write to.
RUN mkdir -p /out/etc/ssl/certs /out/etc/docsift /out/data \
	&& cp /etc/ssl/certs/ca-certificates.crt /out/etc/ssl/certs/ \
	&& echo 'docsift:x:65532:65532::/data:/sbin/nologin' >/out/etc/passwd \
	&& echo 'docsift:x:65532:' >/out/etc/group \
	&& install -d -m 1777 /out/tmp \
	&& chown 65532:65532 /out/data

FROM scratch AS docsift
LABEL org.opencontainers.image.title="docsift" \
	org.opencontainers.image.description="Sorts documents into categories, through finer and finer sieves" \
	org.opencontainers.image.source="https://github.com/docsift/docsift" \
	org.opencontainers.image.documentation="https://github.com/docsift/docsift/blob/main/docs/deploy.md" \
	org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /out/ /
# The root file system may be read-only: all that is written goes to /data, and large uploads through /tmp.
ENV PATH=/usr/bin \
	DOCSIFT_ADDR=:8080 \
	DOCSIFT_DATA=/data \
	XDG_CACHE_HOME=/data/cache
VOLUME ["/data", "/tmp"]
# Settings may also come in a file /etc/docsift/.env.
WORKDIR /etc/docsift
USER 65532:65532
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["/usr/bin/docsift", "health"]
ENTRYPOINT ["/usr/bin/docsift"]
CMD ["serve"]
