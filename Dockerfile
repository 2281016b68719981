# An image that contains only coupler, with the watcher: docker build -t coupler . && docker run --rm -i coupler render - < manifests.yaml
# A release replaces the tag by its digest: --build-arg RUST_IMAGE=rust:1.95-alpine@sha256:… (SECURITY.md)
ARG RUST_IMAGE=rust:1.95-alpine
FROM ${RUST_IMAGE} AS build
RUN apk add --no-cache musl-dev
WORKDIR /src
COPY . .
# the build has no .git: --build-arg COUPLER_COMMIT="$(git rev-parse --short=12 HEAD)" makes it a part of the version
ARG COUPLER_COMMIT=
RUN .ci/build --release --features watch --bin coupler

FROM scratch
COPY --from=build /src/target/release/coupler /coupler
USER 65532:65532
ENTRYPOINT ["/coupler"]
