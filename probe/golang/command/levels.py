"""The variables that choose the level of a machine, and what `go build` takes (internal/buildcfg)."""

from __future__ import annotations

_ARM64 = frozenset((*(f"v8.{n}" for n in range(10)), *(f"v9.{n}" for n in range(6))))
_FLOATS = frozenset(("hardfloat", "softfloat"))
_CHOICES = {  # GOARCH → variable, values
    "386": ("GO386", frozenset(("sse2", "softfloat"))),
    "mips": ("GOMIPS", _FLOATS),
    "mipsle": ("GOMIPS", _FLOATS),
    "mips64": ("GOMIPS64", _FLOATS),
    "mips64le": ("GOMIPS64", _FLOATS),
    "ppc64": ("GOPPC64", frozenset(("power8", "power9", "power10"))),
    "ppc64le": ("GOPPC64", frozenset(("power8", "power9", "power10"))),
    "riscv64": ("GORISCV64", frozenset(("rva20u64", "rva22u64", "rva23u64"))),
}
_FEATURES = {"arm64": frozenset(("lse", "crypto")), "wasm": frozenset(("satconv", "signext", ""))}
_VARIABLES = {"amd64": "GOAMD64", "arm64": "GOARM64", "wasm": "GOWASM"}
_BLANK = " \t\r\n"
SINCE = {"GOARM64": 23, "GORISCV64": 23}


def variable(machine: str) -> str:
    """The variable that counts for GOARCH=*machine*, "" for none that is looked at."""
    return _CHOICES[machine][0] if machine in _CHOICES else _VARIABLES.get(machine, "")


def refused(machine: str, value: str) -> str:
    """Why no build takes *value* for that variable; "" where it may."""
    if machine in _CHOICES:
        name, values = _CHOICES[machine]
        return "" if value in values else f"invalid {name}: must be {', '.join(sorted(values))}"
    first, *more = value.split(",")
    if machine == "amd64":  # other names are taken without a word, as far as the assembler takes them
        name = value.partition("=")[0].rstrip(_BLANK)  # -D NAME=VALUE (cmd/asm/internal/lex)
        plain = not name or all(char.isalnum() or char in "_\u00b7\u2215" for char in name)
        return "" if plain else f"GOAMD64_{value} is not a valid identifier name"
    features = [first, *more] if machine == "wasm" else more
    if machine == "arm64" and first not in _ARM64:
        return "invalid GOARM64: must start with v8.{0-9} or v9.{0-5}"
    unknown = [one for one in features if one not in _FEATURES[machine]]
    return f"invalid {_VARIABLES[machine]}: no such feature {unknown[0]}" if unknown else ""
