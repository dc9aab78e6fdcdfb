# The image that is nothing but the bundle:
#
#     docker build --tag probe .
#
# with BuildKit, which is the default from Docker 23 on, together with its package docker-buildx; before,
# DOCKER_BUILDKIT=1. Behind a proxy that has a CA of its own, or with a mirror of the package index:
#
#     docker build --tag probe --secret id=ca,src=corp-ca.pem --secret id=pip,src=pip.conf .
#
# and then, in any other Dockerfile, scratch included:
#
#     COPY --from=probe /opt/probe /opt/probe
#
# deploy/bundle/README.md tells of other bases, of builds without a network and of other architectures.

# Debian, because its libraries are in every scanner's database and get security updates for years; 13,
# because its OpenSSL verifies every signature that Go does, ML-DSA too (from 3.5 on). For a build that can be repeated, give
# the digest too: --build-arg BASE_DIGEST=sha256:...
ARG BASE=debian:trixie-slim
ARG BASE_DIGEST=""

# What makes the bundle. A base that holds all of these packages already is left as it is, so that
# `docker build --target tools`, kept in a registry, is a base for builds that need no archive.
FROM ${BASE}${BASE_DIGEST:+@${BASE_DIGEST}} AS tools
COPY deploy/bundle/packages /packages
# hadolint ignore=DL3008
RUN if ! xargs dpkg-query --status </packages >/dev/null 2>&1; then \
        apt-get update && \
        xargs apt-get install -y --no-install-recommends </packages && \
        rm -rf /var/lib/apt/lists/*; \
    fi

FROM tools AS build
# A folder of the context that holds the wheels, for a build without a network; empty: from the index.
ARG WHEELHOUSE=""
COPY deploy/bundle /src/deploy/bundle
# Only these wheels: every file has to have a hash that is in the list, and nothing is compiled.
# Neither secret has to be there; neither stays.
RUN --mount=type=bind,target=/context --mount=type=secret,id=ca --mount=type=secret,id=pip \
    if [ -e /run/secrets/ca ]; then export PIP_CERT=/run/secrets/ca; fi && \
    if [ -e /run/secrets/pip ]; then export PIP_CONFIG_FILE=/run/secrets/pip; fi && \
    python3 -m pip download --quiet --disable-pip-version-check --no-cache-dir \
        --require-hashes --only-binary :all: ${WHEELHOUSE:+--no-index --find-links "/context/$WHEELHOUSE"} \
        --requirement /src/deploy/bundle/requirements.txt --dest /wheels && \
    python3 -m pip install --quiet --root-user-action=ignore --disable-pip-version-check --no-cache-dir \
        --no-index --no-deps --no-compile --target /packages-of-python /wheels/*.whl
COPY LICENSE /src/LICENSE
COPY probe /src/probe
WORKDIR /src/deploy/bundle
RUN mkdir /programs && \
    for name in launcher supervisor; do \
        musl-gcc -static -Os -s -Wall -Wextra -Werror -o "/programs/$name" "$name.c" \
            "-DVERSION=\"$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')\"" || exit 1; \
    done && \
    python3 -X no_debug_ranges -B build.py --source /src --packages /packages-of-python --wheels /wheels \
        --programs /programs --into /bundle/opt/probe && \
    find /bundle -exec touch --no-dereference --date=@0 {} +

# Nothing but the bundle: no shell, no package manager, nothing to update beside it.
FROM scratch
ARG SOURCE=""
ARG REVISION=""
ARG VERSION=""
LABEL org.opencontainers.image.title="probe" \
      org.opencontainers.image.description="Tells whether a Go program will work in this container." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.version="${VERSION}"
COPY --from=build /bundle /
# "nonroot" of distroless: a number that no distribution gives to anybody, and Kubernetes' runAsNonRoot
# accepts numbers only. What is in the bundle belongs to root and can be read by everybody.
USER 65532:65532
# What `kubectl debug --image=probe … -- probe check` looks in.
ENV PATH=/opt/probe/bin
ENTRYPOINT ["/opt/probe/bin/probe"]
CMD ["check"]
# With an agent in the container this asks it; without one it is a check of its own, within its 5 s. An
# engine before 25 does not know --start-interval; for it the first answer comes after --interval.
HEALTHCHECK --interval=10s --timeout=6s --start-period=20s --retries=3 \
    CMD ["/opt/probe/bin/probe", "status"]
