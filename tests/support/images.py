"""Image archives of every form, made from layers that are lists of tar entries."""

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Entry = tuple[tarfile.TarInfo, bytes]


def file(name: str, content: bytes = b"", mode: int = 0o644, uid: int = 0, gid: int = 0) -> Entry:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.uid, info.gid = len(content), mode, uid, gid
    return info, content


def other(
    name: str, kind: bytes, link: str = "", mode: int = 0o755, device: tuple[int, int] = (0, 0)
) -> Entry:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode = kind, link, mode
    info.devmajor, info.devminor = device
    return info, b""


def folder(name: str, mode: int = 0o755) -> Entry:
    return other(name, tarfile.DIRTYPE, mode=mode)


def link(name: str, target: str) -> Entry:
    return other(name, tarfile.SYMTYPE, target)


def hard(name: str, target: str) -> Entry:
    return other(name, tarfile.LNKTYPE, target)


def tarred(entries: Sequence[Entry], form: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for info, content in entries:
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class Image:
    """Layers (bytes of tars) and the settings of the configuration; written out in one of the forms."""

    def __init__(self, layers: Sequence[bytes], **settings: Any) -> None:
        self.layers = list(layers)
        self.config: dict[str, Any] = {
            "architecture": "amd64",
            "os": "linux",
            "config": settings,
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{sha(layer)}" for layer in layers]},
        }
        self.packed = False  # layers as gzip
        self.tags = ["example/app:1.2"]
        self.note = ""  # what is odd about it
        self.changes: dict[str, bytes] = {}  # files of the archive that are not what they should be

    def layout(self) -> dict[str, bytes]:
        """An OCI layout."""
        files = {"oci-layout": b'{"imageLayoutVersion": "1.0.0"}'}

        def put(data: bytes, kind: str) -> dict[str, Any]:
            files[f"blobs/sha256/{sha(data)}"] = data
            return {"mediaType": kind, "digest": f"sha256:{sha(data)}", "size": len(data)}

        stored = [gzip.compress(layer, 1, mtime=0) if self.packed else layer for layer in self.layers]
        base = "application/vnd.oci.image"
        manifest = {
            "schemaVersion": 2,
            "mediaType": f"{base}.manifest.v1+json",
            "config": put(json.dumps(self.config).encode(), f"{base}.config.v1+json"),
            "layers": [put(data, f"{base}.layer.v1.tar{'+gzip' * self.packed}") for data in stored],
        }
        described = put(json.dumps(manifest).encode(), f"{base}.manifest.v1+json")
        described["annotations"] = {"io.containerd.image.name": self.tags[0]}
        files["index.json"] = json.dumps({"schemaVersion": 2, "manifests": [described]}).encode()
        return files | self.changes

    def saved(self) -> dict[str, bytes]:
        """What docker save wrote before version 25."""
        config = json.dumps(self.config).encode()
        files = {f"{sha(config)}.json": config}
        names = []
        for number, layer in enumerate(self.layers):
            names.append(f"{number:064x}/layer.tar")
            files[names[-1]] = gzip.compress(layer, 1, mtime=0) if self.packed else layer
        entry = {"Config": f"{sha(config)}.json", "RepoTags": self.tags, "Layers": names}
        files["manifest.json"] = json.dumps([entry]).encode()
        return files | self.changes

    def saved_now(self) -> dict[str, bytes]:
        """What docker save writes since version 25: an OCI layout with the old manifest beside it."""
        files = self.layout()
        config = f"blobs/sha256/{sha(json.dumps(self.config).encode())}"
        names = [f"blobs/sha256/{sha(layer)}" for layer in self.layers]
        entry = {"Config": config, "RepoTags": self.tags, "Layers": names}
        return files | {"manifest.json": json.dumps([entry]).encode()}


def write_tar(path: Path, files: Mapping[str, bytes], *, packed: bool = False) -> Path:
    data = tarred([file(name, content) for name, content in files.items()])
    path.write_bytes(gzip.compress(data, 1) if packed else data)
    return path


def write_directory(path: Path, files: Mapping[str, bytes]) -> Path:
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path
