"""What is printed to be pasted, sorted by where it is pasted, and what the reader of that place says."""

import json
import re
import subprocess
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

import dockerfile as buildkit  # moby/buildkit:frontend/dockerfile/parser
import yaml

from probe.codes import CODES
from probe.explain import explanation
from tests.support.schemas import jsonschema, refused_by_a_release

INSTRUCTIONS = ("FROM", "ENV", "COPY", "USER", "ARG", "RUN", "WORKDIR", "VOLUME", "EXPOSE", "ENTRYPOINT")
_SCHEMA = Path(__file__).parents[2] / "deploy/schemastore/src/schemas/json/probe.json"
_PROSE = re.compile(r"[A-Z][a-z]+ .*[^;{]|None needed .*")
_TOML = re.compile(r"\[[a-z-]+(\.\w+)?\](\s+#.*)?|[a-z_.-]+ = .*")
_YAML = re.compile(r" *(- |[a-zA-Z]+:($| ))|\{\"")
# Of the configuration of other programs, which none of these readers knows.
OTHERS = (
    "ssl_certificate ",  # nginx
    "ssl_protocols ",
    "ssl_ciphers ",
    "authorityKeyIdentifier = ",  # OpenSSL
    "machine ",  # .netrc
    "Get-Content ",  # PowerShell
)


def explained() -> Iterator[tuple[str, str]]:
    """Each fix that explain shows, with the code and the base that it is for."""
    for code in CODES.values():
        if written := explanation(code):
            for place, text in (("anywhere", written.fix), *written.on.items()):
                yield f"{code.name} {place}", text.strip()


def lines(text: str) -> list[str]:
    """The lines of *text*, those that a backslash continues joined; without comments of their own."""
    joined = re.sub(r"\\\n\s*", " ", text)
    return [line for line in joined.splitlines() if line.strip() and not line.startswith("#")]


def kind(line: str) -> str:
    """For whom the line is: "dockerfile", "shell", "toml", "yaml", "prose" or "other"."""
    if line.startswith(OTHERS):
        return "other"
    if line.split(" ", 1)[0] in INSTRUCTIONS:
        return "dockerfile"
    if _TOML.fullmatch(line):
        return "toml"
    if _YAML.match(line):
        return "yaml"
    return "prose" if _PROSE.fullmatch(line) else "shell"


def refused_by_buildkit(line: str) -> str:
    """Why BuildKit's parser does not take the line, or takes it for something else; "" when it does."""
    try:
        parsed = buildkit.parse_string(line)
    except buildkit.GoParseError as problem:
        return str(problem)
    if len(parsed) != 1:
        return f"{len(parsed)} instructions"
    words = parsed[0].value
    count = {"FROM": (1, 3), "USER": (1,), "ARG": (1,), "WORKDIR": (1,)}.get(parsed[0].cmd.upper())
    if count and len(words) not in count:
        return f"{len(words)} words"
    remarks = parsed[0].cmd.upper() != "RUN" and any(word.startswith("#") for word in words)
    return "a comment in the instruction" if remarks else ""


def command_of(line: str) -> str:
    """The shell's part of a RUN."""
    return re.sub(r"^RUN (--\S+ )*", "", line)


def refused_by_sh(commands: Iterable[str], scratch: Path) -> list[str]:
    """Those that `sh -n` does not take, each with what it says; one shell asks for all of them."""
    listed = list(commands)
    for number, command in enumerate(listed):
        (scratch / f"{number}.sh").write_text(command + "\n")
    ask = 'for f in *.sh; do sh -n "$f" 2>&1 || echo "$f refused"; done'
    done = subprocess.run(["sh", "-c", ask], cwd=scratch, capture_output=True, text=True, timeout=120)
    numbers = re.findall(r"^(\d+)\.sh refused$", done.stdout, re.MULTILINE)
    return [f"{listed[int(number)]}: {done.stdout}" for number in numbers]


def refused_by_kubernetes(text: str) -> str:
    """Why a Pod with these fields, of a container or of itself, is none; "" when it is one."""
    found = yaml.safe_load(text)
    if not isinstance(found, dict):
        return f"{type(found).__name__}"
    if set(found) <= {"names", "action", "errnoRet"}:  # a rule of a seccomp profile
        ok = isinstance(found["names"], list) and found["action"].startswith("SCMP_ACT_")
        return "" if ok else "no rule of seccomp"
    if set(found) == {"egress"}:
        policy = {"podSelector": {}, **found}
        kind = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "app"}}
        return refused_by_a_release({**kind, "spec": policy})
    problems = []
    for where in ("container", "pod"):
        container = {"name": "app", "image": "app", **(found if where == "container" else {})}
        spec = {"containers": [container], **(found if where == "pod" else {})}
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "app"}, "spec": spec}
        problems.append(refused_by_a_release(pod))
    return "" if "" in problems else problems[0]


def refused_by_the_configuration(text: str) -> str:
    """Why the TOML is nothing of probe.toml, in the table that it names or else in any; "" when it is."""
    schema = json.loads(_SCHEMA.read_text())
    validator = jsonschema().Draft7Validator(schema)
    found = tomllib.loads(text)
    tables = [name for name, one in schema["properties"].items() if one.get("type") == "object"]
    for whole in (found, *({table: found} for table in tables)):
        problems = [problem.message for problem in validator.iter_errors(whole)]
        if not problems:
            return ""
    return f"{text}: none of probe's tables has this"
