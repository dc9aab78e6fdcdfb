"""How values are written where a remedy is pasted: a shell's command line, a Dockerfile's ENV and COPY."""

from probe import redact

_SAFE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/_+-.:@%,=")
_LIMIT = 400  # characters


def word(text: str) -> str:
    """A path as one word of sh(1), without secrets, on one line."""
    safe = plain(text)
    return safe if safe and _SAFE.issuperset(safe) else "'" + safe.replace("'", "'\\''") + "'"


def env(name: str, value: str) -> str:
    """NAME=VALUE for ENV, which expands $ and takes off quotes and backslashes."""
    safe = _one_line(redact.value(name, value))
    if safe and _SAFE.issuperset(safe.replace("*", "")):
        return f"{name}={safe}"
    if not safe:
        return f"{name}="
    escaped = safe.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$")
    return f'{name}="{escaped}"'


def copy(*paths: str) -> str:
    """The operands of COPY: bare words, or its JSON form where one has a blank."""
    safe = [plain(path) for path in paths]
    if all(_SAFE.issuperset(path) for path in safe):
        return " ".join(safe)
    from json import dumps

    return dumps(safe, ensure_ascii=False)


def plain(text: str) -> str:
    """A path of the target on one line, without secrets."""
    return _one_line(redact.path(text))


def _one_line(text: str) -> str:
    if not text.isprintable():
        from probe.golang.quoting import quote

        text = quote(text)[1:-1]
    return text if len(text) <= _LIMIT else f"{text[: _LIMIT - 1]}…"
