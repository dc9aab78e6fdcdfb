"""
What a Go client offers in a TLS handshake with an otherwise empty tls.Config.

Sources: crypto/tls/defaults.go, cipher_suites.go, common.go, defaults_fips140.go of 1.21
to 1.27. Versions are always TLS 1.2 and 1.3. Numbers are IANA's.
"""

from probe.golang import backports
from probe.golang.release import NEWEST, Go
from probe.lightweight import NamedTuple

_MASTER_SECRET_SETTING = ((1, 26, 6), (1, 27, 0))  # fips140ems

TLS12, TLS13 = 0x0303, 0x0304


class Suite(NamedTuple):
    number: int
    openssl: str  # its name in OpenSSL


AES128_GCM, AES256_GCM, CHACHA = 0x1301, 0x1302, 0x1303  # TLS 1.3

_ECDHE_GCM = (
    Suite(0xC02B, "ECDHE-ECDSA-AES128-GCM-SHA256"),
    Suite(0xC02F, "ECDHE-RSA-AES128-GCM-SHA256"),
    Suite(0xC02C, "ECDHE-ECDSA-AES256-GCM-SHA384"),
    Suite(0xC030, "ECDHE-RSA-AES256-GCM-SHA384"),
)
_ECDHE_OTHER = (
    Suite(0xCCA9, "ECDHE-ECDSA-CHACHA20-POLY1305"),
    Suite(0xCCA8, "ECDHE-RSA-CHACHA20-POLY1305"),
    Suite(0xC009, "ECDHE-ECDSA-AES128-SHA"),
    Suite(0xC013, "ECDHE-RSA-AES128-SHA"),
    Suite(0xC00A, "ECDHE-ECDSA-AES256-SHA"),
    Suite(0xC014, "ECDHE-RSA-AES256-SHA"),
)
_RSA_EXCHANGE = (
    Suite(0x009C, "AES128-GCM-SHA256"),
    Suite(0x009D, "AES256-GCM-SHA384"),
    Suite(0x002F, "AES128-SHA"),
    Suite(0x0035, "AES256-SHA"),
)
_TRIPLE_DES = Suite(0xC012, "ECDHE-RSA-DES-CBC3-SHA")
_RSA_TRIPLE_DES = Suite(0x000A, "DES-CBC3-SHA")
ALL_SUITES = (*_ECDHE_GCM, *_ECDHE_OTHER, *_RSA_EXCHANGE, _TRIPLE_DES, _RSA_TRIPLE_DES)

X25519, P256, P384, P521 = 0x001D, 0x0017, 0x0018, 0x0019
X25519_MLKEM768, P256_MLKEM768, P384_MLKEM1024 = 0x11EC, 0x11EB, 0x11ED
X25519_KYBER768 = 0x6399

_SCHEMES = (
    0x0804,  # rsa_pss_rsae_sha256
    0x0403,  # ecdsa_secp256r1_sha256
    0x0807,  # ed25519
    0x0805,
    0x0806,
    0x0401,  # rsa_pkcs1_sha256
    0x0501,
    0x0601,
    0x0503,
    0x0603,
)
_SCHEMES_FIPS_1_24 = (0x0804, 0x0805, 0x0806, 0x0401, 0x0403, 0x0501, 0x0503, 0x0601, 0x0603)
# GODEBUG settings whose value 0 leaves something out, with the releases that know them.
_LEAVE_OUT = (
    ("tlsmldsa", 28, 99),
    ("tlssecpmlkem", 26, 99),
    ("tlsmlkem", 24, 99),
    ("tlskyber", 23, 24),
)
_SHA1_SCHEMES = (0x0201, 0x0203)
ML_DSA_SCHEMES = (0x0904, 0x0905, 0x0906)


def fips(go: Go) -> bool:
    """Whether the program keeps to FIPS 140 (GODEBUG=fips140=on, from 1.24 on)."""
    return go.minor >= 24 and go.debug("fips140") in ("on", "only", "debug")


def broken(go: Go) -> str:
    """
    What ends every handshake before its first message, in Go's words; "" for nothing.

    crypto/ecdh refuses the X25519 half of X25519MLKEM768 where GODEBUG=fips140=only; what is
    known: 1.25.0 to 1.25.8 and 1.26.0 to 1.26.2 do, 1.24 offers no such group, 1.26.3 allows it.
    """
    refuses = (1, 25, 0) <= go.release <= (1, 25, 8) or (1, 26, 0) <= go.release < (1, 26, 3)
    if go.debug("fips140") != "only" or not refuses or go.newest_of_line or groups(go)[0] != X25519_MLKEM768:
        return ""
    return "crypto/ecdh: use of X25519 is not allowed in FIPS 140-only mode"


def requires_master_secret(go: Go) -> bool:
    """Whether a server of TLS 1.2 must do RFC 7627 (handshake_client.go:establishKeys)."""
    restored = may_waive_master_secret(go) and go.debug("fips140ems") == "0"
    return fips(go) and go.minor >= 25 and not restored


def may_waive_master_secret(go: Go) -> bool:
    """Whether the release knows GODEBUG=fips140ems=0, without which FIPS 140 demands RFC 7627."""
    return backports.has(go, _MASTER_SECRET_SETTING)


def suites(go: Go) -> tuple[Suite, ...]:
    """The suites for TLS 1.2, in Go's order of preference with AES in hardware."""
    if fips(go):
        return _ECDHE_GCM
    rsa = go.minor <= 21 or _restored(go, "tlsrsakex")
    triple_des = go.minor <= 22 or _restored(go, "tls3des")
    found: tuple[Suite, ...] = _ECDHE_GCM + _ECDHE_OTHER
    if rsa:
        found += _RSA_EXCHANGE
    if triple_des:
        found += (_TRIPLE_DES, _RSA_TRIPLE_DES) if rsa else (_TRIPLE_DES,)
    return found


def suites_13(go: Go) -> tuple[int, ...]:
    return (AES128_GCM, AES256_GCM) if fips(go) else (AES128_GCM, AES256_GCM, CHACHA)


def groups(go: Go, max_version: int = TLS13) -> tuple[int, ...]:
    """The key exchanges, first the one for which a share is sent; post-quantum ones need TLS 1.3."""
    if max_version < TLS13:
        go = go._replace(godebug={**go.godebug, "tlskyber": "0", "tlsmlkem": "0"})
    nist = (P256, P384, P521)
    if fips(go) and go.minor == 24:
        return nist
    classic = nist if fips(go) else (X25519, *nist)
    if go.minor == 23 and go.debug("tlskyber") != "0":
        return (X25519_KYBER768, *classic)
    if go.minor < 24 or go.debug("tlsmlkem") == "0":
        return classic
    if go.minor < 26 or go.debug("tlssecpmlkem") == "0":
        return (X25519_MLKEM768, *classic)
    return (X25519_MLKEM768, P256_MLKEM768, P384_MLKEM1024, *classic)


def schemes(go: Go, max_version: int = TLS13) -> tuple[int, ...]:
    """The signature schemes that a server may use in the handshake; ML-DSA needs TLS 1.3."""
    if fips(go) and go.minor == 24:
        return _SCHEMES_FIPS_1_24
    found: tuple[int, ...] = _SCHEMES
    if not fips(go) and (go.minor <= 24 or go.debug("tlssha1") == "1"):
        found += _SHA1_SCHEMES
    return ML_DSA_SCHEMES + found if max_version >= TLS13 and _ml_dsa(go) else found


def certificate_schemes(go: Go, max_version: int = TLS13) -> tuple[int, ...]:
    """The schemes offered for signatures in certificates apart (signature_algorithms_cert); () for none."""
    if go.minor <= 24:
        return ()
    found = schemes(go, max_version)
    return found if fips(go) else (*(one for one in found if one not in _SHA1_SCHEMES), *_SHA1_SCHEMES)


def lighter(go: Go) -> list[tuple[str, Go]]:
    """The GODEBUG settings with which *go* sends less in its first message, the smallest change first."""
    found = []
    for name, since, until in _LEAVE_OUT:
        other = go._replace(godebug={**go.godebug, name: "0"})
        if since <= go.minor < until and (groups(other), schemes(other)) != (groups(go), schemes(go)):
            found.append((f"{name}=0", other))
    return found


class RicherOffer(NamedTuple):
    """A Go that offers more, and the change that makes it: a setting of GODEBUG, or another release."""

    go: Go
    setting: str = ""  # "tlsmlkem=1"
    release: int = 0  # 27 for Go 1.27


def richer(go: Go) -> list[RicherOffer]:
    """What makes the program offer more, the smallest change first."""
    names = [name for name in ("tlsmlkem", "tlssecpmlkem", "tlskyber", "tlsmldsa") if go.debug(name) == "0"]
    for name, since, until in (("tlsrsakex", 22, 27), ("tls3des", 23, 27), ("tlssha1", 25, 99)):
        if since <= go.minor < until and go.debug(name) != "1" and not fips(go):
            names.append(name)
    found = [RicherOffer(go._replace(godebug={**go.godebug, name: "1"}), f"{name}=1") for name in names]
    kept = {"fips140": go.debug("fips140")}
    newest = go._replace(release=NEWEST.release, godebug=kept)
    if go.minor < NEWEST.minor:
        found.append(RicherOffer(newest, release=NEWEST.minor))
    return found


def _ml_dsa(go: Go) -> bool:
    return go.has_ml_dsa and (go.minor == 27 or go.debug("tlsmldsa") != "0")


def _restored(go: Go, setting: str) -> bool:
    """Whether a GODEBUG setting that 1.27 has removed brings the old behaviour back."""
    return go.minor <= 26 and go.debug(setting) == "1"
