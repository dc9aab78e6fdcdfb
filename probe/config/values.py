"""One value of the configuration: is it of its key's kind and within its bounds?"""

from __future__ import annotations

from probe.errors import did_you_mean
from probe.golang import version
from probe.lightweight import Any, Callable
from probe.options import InvalidValue, Option

_SHOWN = 60  # characters of a wrong value


class TomlFloat(float):
    """A TOML float that still knows how it was written."""

    text: str

    def __new__(cls, text: str) -> TomlFloat:
        self = super().__new__(cls, text)
        self.text = text
        return self


def checked(option: Option, value: Any) -> Any:
    """*value* as a check's field holds it (lists as tuples, numbers as floats); Wrong when it is not fit."""
    return _KINDS[option.kind](option, value)


def from_text(option: Option, text: str) -> Any:
    """
    The value that *text*, from a variable or the command line, means for *option*: TOML, or the plain text
    where a text is wanted.

    It still has to be `checked`.
    """
    if option.kind in ("string", "version", "choice"):
        return toml(text) if text[:1] in ('"', "'") else text
    if option.kind in ("strings", "texts", "choices", "endpoints"):
        return toml(text) if text[:1] == "[" else [text]
    if option.kind == "boolean" and text in ("true", "false"):
        return text == "true"
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            pass
    return text


def toml(text: str) -> Any:
    """The value of a TOML expression; Wrong when it is none."""
    if (texts := plain_texts(text)) is not None:
        return texts
    import tomllib

    try:
        document = tomllib.loads(f"value = {text}", parse_float=TomlFloat)
    except (ValueError, RecursionError):
        raise InvalidValue(f"is not TOML: {shown(text)}") from None
    if len(document) > 1:
        raise InvalidValue(f"is more than one value: {shown(text)}")
    return document["value"]


def plain_texts(text: str) -> list[str] | None:
    """
    The list that *text* is where nothing in it needs a closer look: `["api.internal:443"]`; else None.

    "tomllib" imports much else.
    """
    if text[:1] != "[" or text[-1:] != "]" or "\\" in text or not text.isprintable():
        return None
    items = [item.strip(" ") for item in text[1:-1].split(",")]
    if all(len(item) >= 2 and item[0] == item[-1] == '"' and item.count('"') == 2 for item in items):
        return [item[1:-1] for item in items]
    return None


def shown(value: Any) -> str:
    """A wrong value as a message may show it: short, on one line, without credentials."""
    from probe import redact

    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, TomlFloat):
        return value.text
    if isinstance(value, str):
        text = redact.text(value)
        cut = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
        return f'"{cut}"'
    if isinstance(value, dict | list):
        return "a table" if isinstance(value, dict) else "a list"
    return str(value)[:_SHOWN]


def _boolean(_: Option, value: Any) -> bool:
    if not isinstance(value, bool):
        raise InvalidValue(f"must be true or false, not {shown(value)}")
    return value


def _integer(option: Option, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not _within(option, value):
        raise InvalidValue(f"must be a whole number{_bounds(option)}, not {shown(value)}")
    return value


def _number(option: Option, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not _within(option, value):
        raise InvalidValue(f"must be a number{_bounds(option)}, not {shown(value)}")
    return float(value)


def _within(option: Option, value: float) -> bool:
    """Never so for "not a number", which is neither more nor less than any bound, nor itself."""
    low, high = option.minimum, option.maximum
    return value == value and (low is None or value >= low) and (high is None or value <= high)


def _bounds(option: Option) -> str:
    low, high = option.minimum, option.maximum
    if low is not None and high is not None:
        return f" from {low:g} to {high:g}"
    if low is not None:
        return f" of at least {low:g}"
    return f" of at most {high:g}" if high is not None else ""


def _string(_: Option, value: Any) -> str:
    if not isinstance(value, str):
        raise InvalidValue(f"must be a string in quotes, not {shown(value)}")
    if "\0" in value:
        raise InvalidValue("must not hold a NUL character")
    return value


def _version(_: Option, value: Any) -> str:
    if isinstance(value, float):
        text = shown(value)
        raise InvalidValue(
            f'is the number {text}, and as a number 1.20 reads as 1.2; write it as a text: "{text}"'
        )
    text = _string(_, value)
    if not version.is_valid(f"go{text.removeprefix('go')}"):
        raise InvalidValue(f'must be a Go version such as "1.21" or "1.27.3", not {shown(text)}')
    return text


def _choice(option: Option, value: Any) -> str:
    text = _string(option, value)
    if reason := dict(option.refused).get(text):
        raise InvalidValue(f"must not be {shown(text)}: {reason}")
    if text not in option.choices:
        hint = did_you_mean(text, option.choices)
        raise InvalidValue(f"must be one of {', '.join(option.choices)}, not {shown(text)}{hint}")
    return text


def _strings(option: Option, value: Any) -> tuple[str, ...]:
    return tuple(_string(option, item) for item in _items(value))


def _texts(option: Option, value: Any) -> tuple[str, ...]:
    return _strings(option, value if isinstance(value, list) else [value])


def _choices(option: Option, value: Any) -> tuple[str, ...]:
    chosen = {_choice(option, item) for item in _items(value)}
    if not chosen and option.minimum:
        raise InvalidValue(f"must not be empty; choose from {', '.join(option.choices)}")
    return tuple(choice for choice in option.choices if choice in chosen)


def _endpoints(option: Option, value: Any) -> tuple[str, ...]:
    """Each is one of the option's words, or host:port."""
    from probe.golang.net import endpoint

    texts = _strings(option, value)
    for text in texts:
        if text not in option.choices:
            try:
                endpoint.parse_endpoint(text)
            except ValueError as problem:
                raise InvalidValue(f"holds {shown(text)}: {problem}") from None
    return texts


def _items(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise InvalidValue(f'must be a list such as ["a", "b"], not {shown(value)}')
    return value


_KINDS: dict[str, Callable[[Option, Any], Any]] = {
    "boolean": _boolean,
    "integer": _integer,
    "number": _number,
    "string": _string,
    "version": _version,
    "choice": _choice,
    "strings": _strings,
    "texts": _texts,
    "choices": _choices,
    "endpoints": _endpoints,
}
