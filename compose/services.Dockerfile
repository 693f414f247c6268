# Our sources on top of the packages, which change seldom: what the lab builds before a start.
ARG PACKAGES_IMAGE
FROM ${PACKAGES_IMAGE}
COPY services ./services
USER 1000:1000
ENTRYPOINT ["node", "--disable-warning=ExperimentalWarning"]
