"""The commands of the pages that need a Docker Engine, and what each ends with."""

from typing import NamedTuple


class Documented(NamedTuple):
    """Where one is typed, and what comes of it."""

    where: str  # below the checkout
    code: int = 0
    says: str = ""


BEHIND_A_PROXY = "docker build --tag probe --secret id=ca,src=corp-ca.pem --secret id=pip,src=pip.conf ."
COMMANDS = {
    "docker build --tag probe .": Documented("."),
    "docker build --tag probe ../../..": Documented("deploy/examples/go-scratch"),
    "docker build --tag broken --file Dockerfile.broken . && docker run --rm broken": Documented(
        "deploy/examples/go-scratch", 1, "fail CA_BUNDLE_MISSING: "
    ),
    "docker build --tag fixed .": Documented("deploy/examples/go-scratch"),
    # It has no network here; tests/containers/test_example.py starts the same image with its upstream.
    "docker run --rm --env UPSTREAM=api.internal:443 "
    "--env PROBE_CA_BUNDLE__ENDPOINTS=api.internal:443 fixed": (
        Documented("deploy/examples/go-scratch", 1, "unhealthy: TLS_RESOLVER_FAILED")
    ),
    "docker save app:1.2 | docker run -i --rm probe check --image -": Documented(
        ".", 1, "fail CA_BUNDLE_MISSING: "
    ),
    'docker run --env PROBE_GO_VERSION__BINARY=/app --health-cmd "/opt/probe/bin/probe status" '
    "--health-interval 10s --health-timeout 6s --health-start-period 20s --health-retries 3 IMAGE": (
        Documented("deploy/docker", 0, "health of the image")
    ),
    'id=$(docker create probe) && docker cp "$id:/opt/probe" /opt && docker rm "$id"': Documented("."),
}
