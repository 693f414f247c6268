# One image for all our services, where a registry answers. Without one: npm run images:offline
ARG NODE_IMAGE
FROM ${NODE_IMAGE} AS packages
WORKDIR /app
COPY package.json package-lock.json ./
# The lab's own Postgres is an optional package, which no container needs.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

# The modes of a clone may keep others from reading it.
FROM packages AS sources
COPY services ./services
RUN chmod -R a+rX services package.json

FROM ${NODE_IMAGE}
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY --from=sources /app/package.json ./
COPY --from=sources /app/services ./services
USER 1000:1000
ENTRYPOINT ["node", "--disable-warning=ExperimentalWarning"]
