"""Inputs on which probe and Go once differed, one file each in found/; they are compared for ever after."""

from hashlib import sha256
from pathlib import Path

from tests.fuzz.campaigns import Sample

FOLDER = Path(__file__).parent / "found"


def load(path: Path) -> Sample:
    """Lines `key value`: kind, host, now, and `part` and `trusted` in hexadecimal; # begins a comment."""
    values: dict[str, list[str]] = {}
    for line in path.read_text().splitlines():
        if line and not line.startswith("#"):
            key, _, value = line.partition(" ")
            values.setdefault(key, []).append(value)
    return Sample(
        values["kind"][0],
        [bytes.fromhex(value) for value in values["part"]],
        [bytes.fromhex(value) for value in values.get("trusted", [])],
        values.get("host", [""])[0],
        int(values.get("now", ["0"])[0]),
    )


def save(sample: Sample, comment: str, folder: Path = FOLDER) -> Path:
    """Write *sample* down under a name of its own."""
    lines = [*(f"# {line}" for line in comment.splitlines()), f"kind {sample.kind}"]
    lines += [f"host {sample.host}", f"now {sample.now}"] if sample.kind == "chain" else []
    lines += [f"part {part.hex()}" for part in sample.parts]
    lines += [f"trusted {part.hex()}" for part in sample.trusted]
    text = "\n".join(lines) + "\n"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{sample.kind}-{sha256(text.encode()).hexdigest()[:12]}.txt"
    path.write_text(text)
    return path
