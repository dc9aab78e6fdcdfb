"""Which configuration and which layers make up the image in an archive (docker save, OCI image-layout)."""

import re
from collections.abc import Iterator, Mapping
from hashlib import new
from typing import Any

from probe import syscalls
from probe.formats.go_json import decode, field
from probe.lightweight import NamedTuple
from probe.targets import image_config, reasons
from probe.targets.archive import Archive, Blob
from probe.targets.archive_errors import ArchiveError, within
from probe.targets.sources import PIECE, Budget

_JSON_BYTES = 2 << 20  # of all the JSON of an archive; in memory it takes up to forty times as much
_MAX_DESCRIPTORS = 4096  # of manifests, in all the indexes
_MAX_LAYERS = 512
_MAX_INDEXES = 3  # one in another
_MACHINES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm", "i686": "386", "ppc64le": "ppc64le"}
_REFERENCE = "vnd.docker.reference.type"  # marks a manifest that is a note about another one


class LayerBlob(NamedTuple):
    """One layer as it is stored."""

    name: str  # for messages
    blob: Blob
    digest: str  # that it must have as it is stored, "" when nothing says
    diff_id: str  # that what it unpacks to must have


class ImageManifest(NamedTuple):
    name: str  # a tag, "" when it has none
    config: Mapping[str, Any]
    layers: tuple[LayerBlob, ...]


def choose(archive: Archive, budget: Budget) -> ImageManifest:
    """The one image that is meant; every digest on the way to it is verified, those of the layers are not."""
    reader = _ManifestReader(archive, budget)
    layout = archive.find("oci-layout") and archive.find("index.json")
    if archive.find("manifest.json"):
        image = reader.from_docker()
        return reader.beside_index(image) if layout else image
    if layout:
        return reader.from_layout()
    raise ArchiveError(
        reasons.INVALID,
        "it is no image: neither docker save (manifest.json) nor OCI layout (oci-layout, index.json)",
    )


def verify(name: str, blob: Blob, expected: str, budget: Budget) -> None:
    """Broken, in the words of a registry, when *blob* has another digest than *expected* ("sha256:…")."""
    kind = expected.partition(":")[0]
    if not re.fullmatch(r"(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})", expected):
        raise ArchiveError(reasons.INVALID, f"the digest {expected[:140]!r} is of an unknown form")
    digest, offset = new(kind), 0
    while piece := blob.source.read_at(offset, PIECE):
        digest.update(piece)
        offset += len(piece)
        budget.take(len(piece))
    if offset < blob.size:
        raise ArchiveError(reasons.TRUNCATED, f"it ends after {offset} of {blob.size} bytes")
    compare(name, f"{kind}:{digest.hexdigest()}", expected)


def compare(name: str, got: str, expected: str) -> None:
    """Broken when they differ."""
    if got != expected:
        raise ArchiveError(
            reasons.DIGEST_MISMATCH, f"unexpected digest for {name}: got {got}, expected {expected}"
        )


class _ManifestReader:
    def __init__(self, archive: Archive, budget: Budget) -> None:
        self._archive, self._budget = archive, budget
        self._json_left, self._descriptors_left = _JSON_BYTES, _MAX_DESCRIPTORS

    def from_layout(self) -> ImageManifest:
        found = list(self._manifests(_list(self._json("index.json"), "manifests"), _MAX_INDEXES))
        chosen = _one(found)
        manifest = self._described(chosen, "the manifest")
        config = image_config.config(self._described(_mapping(manifest, "config"), "the configuration"))
        digests = [_string(descriptor, "digest") for descriptor in _list(manifest, "layers")]
        layers = self._layers([(_path(digest), digest) for digest in digests], config)
        names = _mapping(chosen, "annotations")
        tag = names.get("io.containerd.image.name") or names.get("org.opencontainers.image.ref.name")
        return ImageManifest(tag if isinstance(tag, str) else "", config, layers)

    def beside_index(self, image: ImageManifest) -> ImageManifest:
        """
        *image*, which `docker load` takes, with its digests; its name says so where index.json means another.

        The stores of containerd and podman go by index.json.
        """
        try:
            other = self.from_layout()
        except ArchiveError as problem:
            if problem.reason in (reasons.TOO_LARGE, reasons.UNSAFE_ENTRY):
                raise
            return image._replace(name=f"{image.name} (of manifest.json; index.json is wrong: {problem.why})")
        if other.config != image.config:
            return image._replace(name=f"{image.name} (of manifest.json; index.json names another image)")
        return other._replace(name=image.name or other.name)

    def from_docker(self) -> ImageManifest:
        entries = self._json("manifest.json")
        if not isinstance(entries, list) or not entries:
            raise ArchiveError(reasons.INVALID, "manifest.json lists no image")
        entries = [image_config.entry(one) for one in entries]
        tags = [tag for entry in entries for tag in _list(entry, "RepoTags") if isinstance(tag, str)]
        if not all(_same(one, entries[0]) for one in entries):
            _ambiguous(len(entries), tags)
        name = _string(entries[0], "Config")
        config = image_config.config(self._json(name, _digest_in(name)))
        names = [item for item in _list(entries[0], "Layers") if isinstance(item, str)]
        stored = [(item, _digest_in(item) if item.startswith("blobs/") else "") for item in names]
        return ImageManifest(tags[0] if tags else "", config, self._layers(stored, config))

    def _layers(self, stored: list[tuple[str, str]], config: Any) -> tuple[LayerBlob, ...]:
        layers = []
        for number, ((path, digest), diff_id) in enumerate(_paired(stored, config), 1):
            name = f"layer {number} of {len(stored)}"
            layers.append(LayerBlob(name, self._blob(path, name), digest, diff_id))
        return tuple(layers)

    def _manifests(self, descriptors: list[Any], depth: int) -> Iterator[Mapping[str, Any]]:
        """The descriptors of images, out of nested indexes, too; what is not in the archive is left out."""
        for descriptor in descriptors:
            self._descriptors_left -= 1
            if self._descriptors_left < 0:
                raise ArchiveError(
                    reasons.TOO_LARGE, f"its indexes list more than {_MAX_DESCRIPTORS} manifests"
                )
            if _REFERENCE in _mapping(descriptor, "annotations"):
                continue
            if not self._archive.find(_path(_string(descriptor, "digest"))):
                continue
            if not re.search(r"image\.index|manifest\.list", str(field(descriptor, "mediaType"))):
                yield descriptor
            elif depth:
                inner = self._described(descriptor, "an index")
                for found in self._manifests(_list(inner, "manifests"), depth - 1):
                    yield {**found, "annotations": _mapping(descriptor, "annotations")}

    def _described(self, descriptor: Any, what: str) -> Any:
        digest = _string(descriptor, "digest")
        return self._json(_path(digest), digest, what)

    def _blob(self, path: str, what: str) -> Blob:
        blob = self._archive.find(path)
        if not blob:
            raise ArchiveError(reasons.INVALID, f"{what} is not in the archive: {path}")
        return blob

    def _json(self, path: str, digest: str = "", what: str = "") -> Any:
        what = what or path
        blob = self._blob(path, what)
        self._json_left -= blob.size
        if self._json_left < 0:
            raise ArchiveError(
                reasons.TOO_LARGE,
                f"{what} holds {blob.size} bytes; all JSON may be {_JSON_BYTES >> 20} MiB",
            )
        with within(what):
            if digest:
                verify(what, blob, digest, self._budget)
            data = b""
            while piece := blob.source.read_at(len(data), PIECE):
                data += piece
        try:
            return decode(data, first=path == "manifest.json")  # of which dockerd decodes one value
        except (ValueError, RecursionError):
            raise ArchiveError(reasons.INVALID, f"{what} is not JSON") from None


def _one(found: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The image for this machine's architecture, where there are several."""
    if not found:
        raise ArchiveError(reasons.INVALID, "index.json lists no image that is in the archive")
    digests = {_string(descriptor, "digest"): descriptor for descriptor in found}  # two tags of one image
    if len(digests) > 1:
        wanted = _MACHINES.get(machine := syscalls.machine(), machine)
        same = {
            digest: descriptor
            for digest, descriptor in digests.items()
            if _mapping(descriptor, "platform").get("architecture") == wanted
        }
        digests = same or digests
    if len(digests) > 1:
        _ambiguous(len(digests), list(digests))
    return next(iter(digests.values()))


def _same(one: Any, other: Any) -> bool:
    """Whether two entries of manifest.json are of the same image, by another name perhaps."""
    return all(field(one, key) == field(other, key) for key in ("Config", "Layers"))


def _ambiguous(count: int, names: list[str]) -> None:
    listed = ", ".join(names[:5])
    raise ArchiveError(reasons.AMBIGUOUS, f"it holds {count} images ({listed}); save the one that is meant")


def _paired(stored: list[tuple[str, str]], config: Any) -> Iterator[tuple[tuple[str, str], str]]:
    diff_ids = [item for item in _list(_mapping(config, "rootfs"), "diff_ids") if isinstance(item, str)]
    if len(diff_ids) != len(stored) or len(stored) > _MAX_LAYERS:
        raise ArchiveError(
            reasons.INVALID,
            f"the manifest lists {len(stored)} layers, the configuration {len(diff_ids)}",
        )
    return zip(stored, diff_ids, strict=True)


def _path(digest: str) -> str:
    kind, _, value = digest.partition(":")
    return f"blobs/{kind}/{value}"


def _digest_in(name: str) -> str:
    """The digest that the name of a configuration promises: HEX.json of old, blobs/sha256/HEX now."""
    found = re.fullmatch(r"(?:blobs/sha256/)?([0-9a-f]{64})(?:\.json)?", name)
    return f"sha256:{found[1]}" if found else ""


def _mapping(value: Any, key: str) -> Mapping[str, Any]:
    found = field(value, key)
    return found if isinstance(found, dict) else {}


def _list(value: Any, key: str) -> list[Any]:
    found = field(value, key)
    return found if isinstance(found, list) else []


def _string(value: Any, key: str) -> str:
    found = field(value, key)
    if not isinstance(found, str) or "\0" in found or any("\ud800" <= char <= "\udfff" for char in found):
        raise ArchiveError(reasons.INVALID, f"a manifest has no {key}")
    return found
