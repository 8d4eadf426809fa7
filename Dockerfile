# syntax=docker/dockerfile:1
# One node, or any other command: the arguments are those of `countersign`. docs/containers.md says how to run it.
# The tags are exact. For service, pin the digests of your registry's copies by these two arguments.
ARG BUILD_IMAGE=node:24.21.0-bookworm-slim
ARG BASE_IMAGE=debian:12.12-slim

FROM ${BUILD_IMAGE} AS build
WORKDIR /opt/countersign
COPY package.json package-lock.json .npmrc ./
# The image brings the runtime, so the package that holds it (optional) stays out.
RUN npm ci --omit=dev --omit=optional --ignore-scripts
COPY bin ./bin
COPY gen ./gen
COPY src ./src

FROM ${BASE_IMAGE}
LABEL org.opencontainers.image.title="Countersign" \
      org.opencontainers.image.licenses="Apache-2.0"
# No account of the base image has this id, and files of a volume keep it on every machine.
RUN groupadd --gid 10001 countersign \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /node --shell /usr/sbin/nologin countersign \
 && install --directory --owner=10001 --group=10001 --mode=0700 /node
COPY --from=build /usr/local/bin/node /usr/local/bin/node
COPY --from=build /opt/countersign /opt/countersign
ENV NODE_ENV=production
USER 10001:10001
# The node's folder: config.json and all that it names. Nothing else is written, so the root file system may be read-only.
WORKDIR /node
VOLUME ["/node"]
EXPOSE 7001 7101
# The process ends in order, and a store's last batch is synced before a vote is said: a kill loses nothing either.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=10s --start-period=60s --retries=3 \
  CMD ["node", "/opt/countersign/bin/countersign.js", "node", "status", "--config", "/node/config.json"]
ENTRYPOINT ["node", "/opt/countersign/bin/countersign.js"]
CMD ["node", "--config", "/node/config.json"]
