# coupler, the watcher too, in an image of nothing but itself: docker build -t coupler . && docker run --rm -i coupler render - < manifests.yaml
FROM rust:1.95-alpine AS build
RUN apk add --no-cache musl-dev
WORKDIR /src
COPY . .
RUN cargo build --locked --release --features watch --bin coupler

FROM scratch
COPY --from=build /src/target/release/coupler /coupler
USER 65532:65532
ENTRYPOINT ["/coupler"]
