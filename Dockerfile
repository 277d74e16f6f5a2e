# The image of promtrade: built from this tree, run by a user without privileges, PAPER only. Built on no machine of the project's tests, where no Docker engine
# runs: linted there (dev/deploy_test.py), and the same packages and commands build the product on a bare Debian 12.
FROM debian:bookworm-20250520-slim AS build
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends bash ca-certificates git make && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
# Debian's stable release is the pin of the packages: a version number here would only break when a security update replaces it.
RUN apt-get update && dev/install_packages.sh run && dev/build.sh release promtrade && dev/install.sh /opt/promtrade && rm -rf /var/lib/apt/lists/*

FROM debian:bookworm-20250520-slim
LABEL org.opencontainers.image.title="promtrade" org.opencontainers.image.licenses="MIT"
# What the executable is linked with, time zones, CA certificates.
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates libarchive13 libexpat1 libfmt9 libhiredis0.14 liblz4-1 libncursesw6 libpqxx-6.4 \
    libprometheus-cpp-core1.0 librdkafka1 libsimdjson14 libsleef3 libsqlite3-0 libssl3 tzdata \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --system --uid 10001 --home-dir /var/lib/promtrade --create-home --shell /usr/sbin/nologin promtrade
# Prompts, migrations, instruments and bundled data stand under /opt/promtrade/share/promtrade, where the executable looks.
COPY --from=build /opt/promtrade /opt/promtrade
ENV PATH=/opt/promtrade/bin:$PATH PROMTRADE_STATE=/var/lib/promtrade
USER 10001
VOLUME /var/lib/promtrade
EXPOSE 8081
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 CMD ["promtrade", "health"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["promtrade"]
CMD ["run", "--replay"]
