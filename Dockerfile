# Builds the program and runs the first command of README.md:
#
#   docker build --tag interregnum .
#   docker run --rm --volume interregnum-runs:/srv/runs interregnum
#
# Any other command follows the name of the image: docker run --rm --interactive interregnum uci

# The toolchain of rust-toolchain.toml.
ARG RUST=1.95.0

FROM rust:${RUST}-slim-trixie AS build
ARG RUST
# Otherwise rustup fetches the components of rust-toolchain.toml, which a build does not need.
ENV RUSTUP_TOOLCHAIN=${RUST}
WORKDIR /source
COPY . .
RUN cargo install --locked --path crates/interregnum --root /opt/interregnum
RUN /opt/interregnum/bin/interregnum man --out /opt/interregnum/share/man/man1 \
    && mkdir -p /opt/interregnum/share/bash-completion/completions \
    && /opt/interregnum/bin/interregnum completions bash > /opt/interregnum/share/bash-completion/completions/interregnum \
    && mkdir -p /opt/interregnum/share/interregnum \
    && cp -r models /opt/interregnum/share/interregnum/models

FROM debian:trixie-slim
COPY --from=build /opt/interregnum /usr/local
RUN useradd --create-home --uid 1000 player \
    && mkdir -p /srv/runs \
    && chown -R player /srv
USER player
WORKDIR /srv
ENTRYPOINT ["interregnum"]
CMD ["stress", "quick", "--out", "runs/quick"]
