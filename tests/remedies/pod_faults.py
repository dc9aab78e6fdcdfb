"""Faults that a pod's fields, options of an engine or the shell before a program have made, and end."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from tests.remedies.scenes import CORP

Field = Mapping[str, Any]
USER: Field = {"securityContext": {"runAsUser": 65532, "runAsGroup": 65532}}
ROOTS = "echo '[{}]' | /oracle roots | grep -q '\"roots\":\\[\"'"  # real Go trusts something
_PEM = CORP.pem.encode()


class PodFault(NamedTuple):
    """One code, how a container gets it, and what has to hold in it once the remedy has been applied."""

    code: str
    check: str
    proof: str  # a command of the container's shell, which ends well after the remedy
    pod: tuple[Field, ...] = ()  # fields of the pod and of its container, put together
    files: Mapping[str, bytes] = {}  # the keys of the one volume
    mode: int = 0o644  # of a file that a job, and not the kubelet, has put into it
    flags: tuple[str, ...] = ()  # of `docker run`
    shell: tuple[str, ...] = ()  # what has been typed before the program
    settings: tuple[str, ...] = ()
    cluster: bool = True  # whether a kubelet has started it: what is advised is a pod's field
    profile: Mapping[str, Any] = {}  # of seccomp
    proof_fails: bool = True  # before the remedy
    capability: int = 0  # that /cap/app is given as a file


def _volume(kind: str, point: str, **more: Any) -> tuple[Field, ...]:
    source = {"secret": "secretName", "configMap": "name"}.get(kind)
    fields = {kind: {**({source: "corp"} if source else {}), **more}}
    return {"volumes": [{"name": "corp", **fields}]}, {"volumeMounts": [{"name": "corp", "mountPath": point}]}


def _env(**variables: str) -> Field:
    return {"env": [{"name": name, "value": value} for name, value in variables.items()]}


def roots() -> list[PodFault]:
    """Volumes that bring a root and are closed, or that hide those of the image."""
    named, key = _env(SSL_CERT_FILE="/corp/ca.crt", SSL_CERT_DIR="/scratch"), {"ca.crt": _PEM}
    own = (*_volume("hostPath", "/corp"), USER, named)
    return [
        *(
            PodFault("CA_BUNDLE_UNREADABLE", "ca-bundle", ROOTS, (*fields, USER, named), key)
            for kind in ("secret", "configMap")
            if (fields := _volume(kind, "/corp", defaultMode=0o400))
        ),
        PodFault("CA_BUNDLE_UNREADABLE", "ca-bundle", ROOTS, own, key, 0o640),
        PodFault(
            "CA_BUNDLE_HIDDEN", "ca-bundle", ROOTS, _volume("configMap", "/etc/ssl/certs"), {"about": b"x"}
        ),
    ]


def places() -> list[PodFault]:
    """Places that the user cannot write to, or run anything in."""

    def wanted(code: str, path: str, test: str, want: str = "write", **more: Any) -> PodFault:
        keys = [f"permissions.{key}=[]" for key in ("read", "write", "execute") if key != want]
        settings = (*keys, f'permissions.{want}=["{path}"]')
        return PodFault(code, "permissions", test, settings=settings, **more)

    write, key = "test -w /corp", {"ca.crt": _PEM}
    own = (*_volume("hostPath", "/corp"), USER)
    read_only = {"securityContext": {"readOnlyRootFilesystem": True}}
    run = "cp /bin/busybox /scratch/true && /scratch/true"
    return [
        wanted("PERMISSION_MODE", "/corp", write, pod=own, files=key),
        wanted("PERMISSION_NOT_IN_GROUP", "/team", "test -w /team", pod=(USER,)),
        wanted(
            "PERMISSION_NOT_IN_GROUP",
            "/team",
            "test -w /team",
            cluster=False,
            flags=("--user", "65532:65532"),
        ),
        wanted("PERMISSION_GROUP_NOT_IN_EFFECT", "/crew", "test -w /crew", pod=(USER,)),
        wanted("PERMISSION_READ_ONLY", "/scratch", "touch /scratch/a", pod=(read_only,)),
        wanted("PERMISSION_READ_ONLY", "/scratch", "touch /scratch/a", flags=("--read-only",), cluster=False),
        wanted("PERMISSION_NOEXEC", "/scratch", run, "execute", flags=("--tmpfs", "/scratch"), cluster=False),
        wanted(
            "PERMISSION_UMASK",
            "/shared",
            "touch /shared/a && test $(stat -c %a /shared/a) = 664",
            shell=("umask 0022",),
            pod=(USER, {"securityContext": {"supplementalGroups": [7000]}}),
        ),
    ]


def limits() -> list[PodFault]:
    """Limits of the container that the program has not been told of, or that leave too little."""
    memory: Field = {"resources": {"limits": {"memory": "256Mi"}}}
    processor: Field = {"resources": {"limits": {"cpu": "1"}}}
    named = ("go-version.binary=/app", "go-version.source=binary")
    fits = f"/app {256 << 20} 1"
    return [
        PodFault("LIMITS_GOMEMLIMIT_ABOVE", "limits", fits, (memory, _env(GOMEMLIMIT="1GiB"))),
        PodFault("LIMITS_GOMEMLIMIT_NEAR", "limits", fits, (memory, _env(GOMEMLIMIT="255MiB"))),
        PodFault("LIMITS_GOMAXPROCS_ABOVE", "limits", fits, (processor, _env(GOMAXPROCS="64"))),
        PodFault(
            "GO_CAPABILITIES_REFUSED",
            "go-version",
            "/cap/app",
            settings=("go-version.binary=/cap/app", "go-version.source=binary"),
            capability=12,  # NET_ADMIN
        ),
        PodFault("GO_ADDRESS_SPACE", "go-version", "/app", shell=("ulimit -Sv 300000",), settings=named),
        PodFault(
            "GO_KILLED",
            "go-version",
            "/greedy/go version",
            ({"resources": {"limits": {"memory": "64Mi"}}}, _env(PATH="/greedy:/bin")),
        ),
        PodFault("CLOCK_KERNEL_SILENT", "clock", "true", profile=_refusing("adjtimex"), proof_fails=False),
        PodFault("SYSCALL_REFUSED", "timezone", "true", profile=_refusing("clone3"), proof_fails=False),
        PodFault(
            "THREADS_LIMITED",
            "timezone,ca-bundle",
            "/app",
            flags=("--pids-limit", "11"),  # one is left for each process
            shell=("for i in 1 2 3 4 5 6 7 8 9; do sleep 60 & done",),
        ),
    ]


def _refusing(name: str) -> Field:
    """A profile that answers one system call with EPERM."""
    refused = {"names": [name], "action": "SCMP_ACT_ERRNO", "errnoRet": 1}
    return {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [refused]}


def all_of_them() -> list[PodFault]:
    return [*roots(), *places(), *limits()]
