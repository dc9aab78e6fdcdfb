"""Where a path comes from: the image, or something that is mounted, which no RUN can change; and by whom."""

from probe.golang import filepath
from probe.lightweight import NamedTuple
from probe.remedies import actions, quoting
from probe.remedies.actions import remedy
from probe.remedies.lower_files import as_root
from probe.report import Action, Remedies, Remedy
from probe.targets import Mount, Target
from probe.targets.files import MAX_LINKS, Files

SECRET, CONFIG_MAP, VOLUME = "secret", "configMap", "volume"
_SYSTEM = ("/dev/", "/proc/", "/sys/")  # what every runtime mounts
_KUBELET = "/volumes/kubernetes.io~"
_PODS = "/kubelet/pods/"  # where a node keeps what it mounts into pods, /etc/hosts too
_TOKENS = "/run/secrets/kubernetes.io"
_NAMES = 100  # tried for one that is not taken


class Volume(NamedTuple):
    """What brings a path into the container after the image was made."""

    point: str  # where it is mounted
    kind: str  # SECRET, CONFIG_MAP or VOLUME
    mount: Mount | None  # None where only its shape tells


def volume(target: Target, path: str) -> Volume | None:
    """The mount or the kubelet's volume on which *path* lies, after its links; None: it is the image's."""
    full = target.path(path)
    for place in dict.fromkeys((*followed(target, full), full)):
        if place.startswith(_SYSTEM):
            return Volume(place, VOLUME, None)
        for point in filepath.parents(place):
            if point == "/":
                continue
            if mount := target.mount_over(point):
                return Volume(point, _kind(target, point, mount), mount)
            if _is_link(target, f"{point}/..data"):  # how the kubelet swaps contents: atomic_writer.go
                return Volume(point, CONFIG_MAP, None)
    return None


def in_pod(target: Target) -> bool:
    """Whether a kubelet has started the target: by the variable of its API server, or by what it mounts."""
    return "KUBERNETES_SERVICE_HOST" in target.env or any(
        _PODS in mount.root or _KUBELET in mount.root or _TOKENS in mount.point for mount in target.mounts
    )


def fitting(target: Target, beside: Action | Remedy, in_cluster: Action | Remedy) -> Remedies:
    """
    *beside*, what is typed beside the container, or *in_cluster*, the fields of a pod that do the same.

    Of a container that runs, the one that fits; of files, which may be run by either, both.
    """
    if in_pod(target):
        return actions.ways(in_cluster)
    return actions.ways(beside) if target.mounts else actions.ways(beside, in_cluster)


def writable(target: Target, path: str, *, runs: bool = False) -> Remedies:
    """A volume at *path* that may be written to, and where *runs* says so, started from."""
    word = quoting.word(path)
    volume = remedy(
        actions.pod("volumes: [{name: NAME, emptyDir: {}}]"),
        actions.pod(f"volumeMounts: [{{name: NAME, mountPath: {word}}}]"),
    )
    return fitting(target, actions.start(f"docker run --tmpfs {word}{':exec' if runs else ''} IMAGE"), volume)


def in_image(target: Target, path: str) -> bool:
    return volume(target, path) is None


def unused(target: Target, path: str) -> str:
    """*path*, or where something is there the same with -2, -3 and so on before its ending."""
    files = as_root(target)
    directory, slash, name = path.rpartition("/")
    stem, dot, ending = name.rpartition(".")
    stem, ending = (stem, dot + ending) if stem else (name, "")
    others = (f"{directory}{slash}{stem}-{number}{ending}" for number in range(2, _NAMES))
    return next((one for one in (path, *others) if not _is_there(files, one)), path)


def _is_there(files: Files, path: str) -> bool:
    try:
        files.stat(path, follow=False)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True  # as far as we can see
    return True


def _kind(target: Target, point: str, mount: Mount) -> str:
    source = mount.root if _KUBELET in mount.root else mount.source
    if _KUBELET + "configmap" in source:
        return CONFIG_MAP
    if _KUBELET + "secret" in source or (mount.kind == "tmpfs" and _is_link(target, f"{point}/..data")):
        return SECRET
    return CONFIG_MAP if _is_link(target, f"{point}/..data") else VOLUME


def followed(target: Target, path: str) -> list[str]:
    """*path* and where its links lead, one after another."""
    chain = [path]
    while len(chain) <= MAX_LINKS:
        try:
            text = target.readlink(chain[-1])
        except OSError:
            break
        chain.append(text if text.startswith("/") else filepath.join(chain[-1].rpartition("/")[0], text))
    return chain


def _is_link(target: Target, path: str) -> bool:
    try:
        return target.stat(path, follow=False).is_link
    except OSError:
        return False
