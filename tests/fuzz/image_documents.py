"""Documents that say what is in an image, mutated before their digests are made."""

import json
import random
from hashlib import sha256
from pathlib import Path
from typing import Any

from probe.targets.image import of_image
from tests.fuzz.adapters import scratch
from tests.fuzz.text_mutations import mutated_json


def read(data: bytes) -> None:
    """Documents that say what is in an image: *data* is a seed of the mutation."""
    chance = random.Random(data)
    root = Path(scratch()) / "image"
    (root / "blobs/sha256").mkdir(parents=True, exist_ok=True)
    written = [root / "oci-layout"]
    written[0].write_text('{"imageLayoutVersion": "1.0.0"}')

    def blob(value: Any) -> str:
        content = json.dumps(value).encode()
        digest = sha256(content).hexdigest()
        written.append(root / "blobs/sha256" / digest)
        written[-1].write_bytes(content)
        return f"sha256:{digest}"

    def maybe(value: Any) -> Any:
        return mutated_json(value, chance) if chance.random() < 0.4 else value

    config = maybe({"config": {"Env": ["A=b"], "User": "app", "WorkingDir": "/"}, "rootfs": {"diff_ids": []}})
    manifest = maybe({"mediaType": "m", "config": {"digest": blob(config), "size": 2}, "layers": []})
    described = {
        "mediaType": "m",
        "digest": blob(manifest),
        "annotations": {"org.opencontainers.image.ref.name": "t"},
    }
    index = maybe({"manifests": [described]})
    if chance.random() < 0.5:
        nested = {"mediaType": "application/vnd.oci.image.index.v1+json", "digest": blob(index)}
        index = maybe({"manifests": [nested]})
    (root / "index.json").write_text(json.dumps(index))
    (root / "manifest.json").write_text(
        json.dumps(maybe([{"Config": "c.json", "RepoTags": ["a:b"], "Layers": []}]))
    )
    (root / "c.json").write_text(json.dumps(config))
    if chance.random() < 0.5:
        written[0].unlink()
    try:
        of_image(str(root))
    finally:
        for path in written:
            path.unlink(missing_ok=True)
