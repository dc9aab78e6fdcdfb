"""An image archive as a target: layers, environment, user and entrypoint, read without unpacking to disk."""

import os
import posixpath
import shlex
from collections.abc import Mapping
from typing import Any

from probe.formats.go_json import field
from probe.report import Remedies, Remedy, one_step
from probe.targets import Target, passwd, reasons
from probe.targets.access import User
from probe.targets.archive import open_archive, unpacked
from probe.targets.archive_errors import ArchiveError, within
from probe.targets.errors import TargetUnavailable
from probe.targets.layers import MemoryBudget, lay_over, read
from probe.targets.manifest import ImageManifest, LayerBlob, choose, compare, verify
from probe.targets.memory_fs import Inode, MemoryFiles, directory
from probe.targets.shared_layers import SharedLayers
from probe.targets.sources import Budget, Forward
from probe.targets.spool import STDIN, spooled

# Of memory for the tree of files: for any small archive, and of a large one for each eight bytes another.
_TREE_BYTES, _TREE_BYTES_MOST, _PACKED_A_BYTE = 56 << 20, 256 << 20, 8
MAX_BYTES = 16 << 30
MAX_SECONDS = 60.0
STREAM_SECONDS = 600.0  # whoever writes it may be slow
# What engines set where the image sets none (containerd oci/spec_opts.go, moby oci/defaults.go).
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_SHELLS = ("sh", "bash", "ash", "dash")
_INITS = ("tini", "dumb-init", "catatonit", "docker-init")
_ENGINE = User(0, 0, (), override=True, read_all=True)  # reads /etc/passwd before the user is known


def of_image(
    path: str,
    *,
    env: Mapping[str, str] | None = None,
    user: str | None = None,
    cwd: str | None = None,
    shared: SharedLayers | None = None,
) -> Target:
    """
    What a container of the image in *path* will see: `docker save`, or an OCI layout.

    *path* may be "-": standard input. *env* is laid over the image's environment, *user* (as for
    `docker run --user`) and *cwd* replace the image's own, *shared* holds layers of images that were
    examined before. Refused when it cannot be read, is not what its digests say, is malicious, or
    takes more than 60 s or 16 GiB to read.
    """
    try:
        if path == STDIN:
            path = "standard input"
            file = spooled(0, Budget(path, STREAM_SECONDS, MAX_BYTES))
        else:
            file = path
        budget = Budget(path, MAX_SECONDS, MAX_BYTES)
        image = choose(open_archive(file, budget), budget)
        root = _tree(image, budget, shared)
    except ArchiveError as problem:
        raise TargetUnavailable(
            problem.reason, path, f"{path}: {problem.why}", *_remedies(problem), certain=True
        ) from None
    except OSError as problem:
        reason = reasons.PERMISSION if isinstance(problem, PermissionError) else reasons.NOT_FOUND
        raise TargetUnavailable(
            reason, path, f"--image {path}: {problem.strerror}", _other_file(path)
        ) from None
    return _target(path, image, root, env or {}, user, cwd)


def _other_file(path: str) -> Remedy:
    """What to type instead: whoever names an image of the engine means what `docker save` gives."""
    if ":" in os.path.basename(path) and not os.path.exists(path):
        return one_step("start", "container", f"docker save {shlex.quote(path)} | probe check --image -")
    return one_step("ask", "probe", "name a file that you may read")


_EXPORT = one_step(
    "start",
    "container",
    "mkdir root && docker export $(docker create IMAGE:TAG) | tar -x -C root && probe check --root root",
)


def _remedies(problem: ArchiveError) -> Remedies:
    if problem.reason is reasons.COMPRESSION:
        other = "skopeo copy oci-archive:FILE docker-archive:OTHER.tar"
        return (
            one_step("shell", "container", "pip install zstandard"),
            one_step("start", "container", other),
        )
    if problem.reason is reasons.TOO_LARGE:
        return (_EXPORT,)
    if problem.reason is reasons.UNSAFE_ENTRY:  # saving it anew would bring the same
        return (one_step("ask", "image", "Build the image anew, without the entry that is named"),)
    return (one_step("start", "container", "docker save IMAGE:TAG -o FILE"),)


def _tree(image: ImageManifest, budget: Budget, shared: SharedLayers | None) -> Inode:
    size = sum({layer.digest or layer.diff_id: layer.blob.size for layer in image.layers}.values())
    root = directory()
    room = MemoryBudget(min(_TREE_BYTES + size // _PACKED_A_BYTE, _TREE_BYTES_MOST))
    for layer in image.layers:
        with within(layer.name):
            upper = shared.tree(layer, room, budget, _layer) if shared else _layer(layer, room, budget)
            lay_over(root, upper)
    return root


def _layer(layer: LayerBlob, room: MemoryBudget, budget: Budget) -> Inode:
    source = unpacked(layer.blob.source)
    plain = source is layer.blob.source
    if layer.digest and not (plain and layer.digest.startswith("sha256:")):
        verify(layer.name, layer.blob, layer.digest, budget)
    reader = Forward(source, budget, hashing=True)
    try:
        tree = read(reader, source, room)
    except ArchiveError as problem:
        # What is damaged is no wonder when it is not what was promised.
        if problem.reason is not reasons.TOO_LARGE:
            compare(f"{layer.name}, unpacked", f"sha256:{reader.finish()}", layer.diff_id)
        raise
    digest = f"sha256:{reader.finish()}"
    if plain and layer.digest:
        compare(layer.name, digest, layer.digest)
    compare(f"{layer.name}, unpacked", digest, layer.diff_id)
    return tree


def _target(
    path: str, image: ImageManifest, root: Inode, env: Mapping[str, str], user: str | None, cwd: str | None
) -> Target:
    config = field(image.config, "config")
    settings = config if isinstance(config, dict) else {}
    spec = user if user is not None else _text(field(settings, "User"))
    files = MemoryFiles(root, _ENGINE)
    who = passwd.find(spec, files)
    settled = _environment(settings, passwd.home(who.uid, files)) | dict(env)
    target = Target(
        f"image {image.name or path}",
        MemoryFiles(root, who),
        settled,
        cwd or posixpath.join("/", _text(field(settings, "WorkingDir"))),
        who,
        layers=tuple(layer.blob.size for layer in image.layers),
    )
    return target._replace(executable=_executable(target, _command(settings)))


def _command(settings: Mapping[str, Any]) -> list[str]:
    """Entrypoint and command; of a shell form, the program that the shell starts."""
    argv = [*_texts(field(settings, "Entrypoint")), *_texts(field(settings, "Cmd"))]
    if argv and os.path.basename(argv[0]) in _INITS:
        rest = argv[argv.index("--") + 1 :] if "--" in argv else argv[1:]
        argv = rest or argv
    if len(argv) > 2 and os.path.basename(argv[0]) in _SHELLS and argv[1] == "-c":
        try:
            words = shlex.split(argv[2])
        except ValueError:
            return argv
        argv = [word for word in words if word != "exec"] or argv
    return argv


def _executable(target: Target, argv: list[str]) -> str:
    """What the first word means: a path, a file found on PATH as execvp(3) looks for it, else the word."""
    if not argv or not argv[0]:
        return ""
    if "/" in argv[0]:
        return target.path(argv[0])
    folders = [folder.rstrip("/") if folder else "." for folder in target.env["PATH"].split(":")]
    places = [target.path(f"{folder}/{argv[0]}") for folder in folders]
    files = [place for place in places if target.is_file(place)]
    return next((place for place in files if _runs(target, place)), files[0] if files else argv[0])


def _runs(target: Target, path: str) -> bool:
    try:
        target.access(path, os.X_OK)
    except OSError:
        return False
    return True


def _environment(settings: Mapping[str, Any], home: str) -> dict[str, str]:
    env = {"PATH": _PATH, "HOME": home}
    for entry in _texts(field(settings, "Env")):
        name, equals, value = entry.partition("=")
        if name and equals and "\0" not in entry:
            env[name] = value
    return env


def _texts(value: Any) -> list[str]:
    """The strings of a list; a string alone is a list of one (moby api/types/strslice)."""
    listed = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    return [_text(item) for item in listed if isinstance(item, str)]


def _text(value: Any) -> str:
    """A string of the configuration; half a surrogate pair becomes U+FFFD, as in Go's encoding/json."""
    if not isinstance(value, str):
        return ""
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
