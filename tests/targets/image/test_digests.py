"""Archives whose parts were changed."""

import gzip
import json
from pathlib import Path

import pytest

from probe import codes
from tests.support.commands import RunProbe
from tests.support.images import (
    Image,
    file,
    sha,
    tarred,
    write_tar,
)
from tests.targets.image.helpers import TOP, refused


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("which", ["layer", "config", "manifest"])
def test_changed_blob_is_told_as_a_registry_would(
    tmp_path: Path, image: Image, which: str, packed: bool
) -> None:
    """One byte of a blob is another one: unexpected digest, with both values."""
    image.packed = packed
    files = image.layout()
    manifest = json.loads(files["index.json"])["manifests"][0]["digest"]
    inner = json.loads(files[f"blobs/sha256/{manifest[7:]}"])
    digest = {
        "layer": inner["layers"][1]["digest"],
        "config": inner["config"]["digest"],
        "manifest": manifest,
    }[which]
    name = f"blobs/sha256/{digest[7:]}"
    data = bytearray(files[name])
    data[len(data) // 2] ^= 1
    files[name] = bytes(data)
    what = {"layer": "layer 2 of 2", "config": "the configuration", "manifest": "the manifest"}[which]
    refused(
        write_tar(tmp_path / "image.tar", files),
        codes.IMAGE_DIGEST_MISMATCH,
        f"unexpected digest for {what}: got sha256:{sha(bytes(data))}, expected {digest}",
    )


@pytest.mark.parametrize("packed", [False, True])
def test_changed_layer_of_docker_save(tmp_path: Path, image: Image, packed: bool) -> None:
    """There the digest of what is unpacked is all that is known of a layer, its name of the configuration."""
    files = image.saved()
    name = f"{1:064x}/layer.tar"
    changed = tarred([*TOP, file("etc/extra")])
    files[name] = gzip.compress(changed) if packed else changed
    refused(
        write_tar(tmp_path / "image.tar", files),
        codes.IMAGE_DIGEST_MISMATCH,
        f"digest for layer 2 of 2, unpacked: got sha256:{sha(changed)}, expected sha256:{sha(tarred(TOP))}",
    )
    files = image.saved()
    (name,) = [name for name in files if name.endswith(".json") and name != "manifest.json"]
    files[name] = files[name].replace(b"Tokyo", b"Kyoto")
    refused(
        write_tar(tmp_path / "other.tar", files), codes.IMAGE_DIGEST_MISMATCH, f"expected sha256:{name[:-5]}"
    )


def test_the_command_over_an_archive(tmp_path: Path, image: Image, run_probe: RunProbe) -> None:
    """From the archive to the exit code: as it is, and with one byte changed."""
    files = image.saved()
    done = run_probe("check", "--image", str(write_tar(tmp_path / "good.tar", files)), "--only", "timezone")
    assert (done.code, done.err) == (1, "")
    assert "Europe/Paris" in done.out
    files[f"{0:064x}/layer.tar"] = files[f"{0:064x}/layer.tar"].replace(b"below", b"BELOW")
    done = run_probe("check", "--image", str(write_tar(tmp_path / "bad.tar", files)), "--only", "timezone")
    assert (done.code, done.err) == (1, "")
    assert done.out.startswith("unhealthy: IMAGE_DIGEST_MISMATCH")
    assert "unexpected digest for layer 1 of 2, unpacked: got sha256:" in done.out
