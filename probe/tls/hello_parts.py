"""What a first message of Go's is made of, and the message without some of it."""

from __future__ import annotations

from probe.golang.tls import offer
from probe.lightweight import Iterable, Iterator, NamedTuple
from probe.tls import client_hello
from probe.tls.client_hello import ClientHello, HelloExtension

LENGTH, ML_KEM, ML_DSA, TLS13, OTHER = "length", "ML-KEM", "ML-DSA", "TLS 1.3", "other"

_HYBRID = frozenset((offer.X25519_MLKEM768, offer.P256_MLKEM768, offer.P384_MLKEM1024, offer.X25519_KYBER768))
_EXTENSIONS = (  # in the order of suspicion; number, weight, name
    (client_hello.CERTIFICATE_SCHEMES, 8, "signature_algorithms_cert (extension 50)"),
    (client_hello.SCTS, 4, "signed_certificate_timestamp (extension 18)"),
    (client_hello.STATUS_REQUEST, 4, "status_request (extension 5)"),
    (client_hello.MASTER_SECRET, 2, "extended_master_secret (extension 23)"),
    (client_hello.RENEGOTIATION, 1, "renegotiation_info (extension 65281)"),
    (client_hello.POINT_FORMATS, 1, "ec_point_formats (extension 11)"),
)
_LISTS = (
    (client_hello.GROUPS, "the key exchange {}"),
    (client_hello.SCHEMES, "the signature scheme {}"),
    (client_hello.SUITES, "the cipher suite {}"),
)
# What servers rely on, in two sets: one that needs an entry of the first can mostly do without the second.
_USUAL = (
    (0xC02B, 0xC02C, 0xC02F, 0xC030, offer.AES256_GCM, offer.P256, 0x0401),
    (offer.AES128_GCM, offer.X25519, 0x0804),
)
_ESSENTIAL = (0x0403,)
_NAMES = {
    offer.X25519: "X25519",
    offer.P256: "P-256",
    offer.AES128_GCM: "TLS_AES_128_GCM_SHA256",
    offer.AES256_GCM: "TLS_AES_256_GCM_SHA384",
    0x0804: "rsa_pss_rsae_sha256",
    0x0401: "rsa_pkcs1_sha256",
    offer.P384: "P-384",
    offer.P521: "P-521",
    0x0807: "Ed25519",
    0x0805: "rsa_pss_rsae_sha384",
    0x0806: "rsa_pss_rsae_sha512",
    0x0501: "rsa_pkcs1_sha384",
    0x0601: "rsa_pkcs1_sha512",
    0x0503: "ecdsa_secp384r1_sha384",
    0x0603: "ecdsa_secp521r1_sha512",
    0x0201: "rsa_pkcs1_sha1",
    0x0203: "ecdsa_sha1",
    offer.CHACHA: "TLS_CHACHA20_POLY1305_SHA256",
    **{suite.number: suite.openssl for suite in offer.ALL_SUITES},
}


class HelloPart(NamedTuple):
    """One thing that may be left out: whole extensions, entries of lists, key shares."""

    name: str
    kind: str = OTHER
    weight: float = 1.0  # how often it is to blame
    extensions: frozenset[int] = frozenset()
    entries: frozenset[int] = frozenset()
    lists: frozenset[int] = frozenset()  # in which `entries` are left out
    session: bool = False


def finer(part: HelloPart) -> list[HelloPart]:
    """What *part* is made of, where that is of interest: one of them may be enough."""
    if part.kind == ML_KEM:
        share = part._replace(
            name=f"the key share of {part.name}", lists=frozenset((client_hello.KEY_SHARES,))
        )
        late = part.entries.intersection((offer.P256_MLKEM768, offer.P384_MLKEM1024))
        newer = part._replace(name="SecP256r1MLKEM768 or SecP384r1MLKEM1024", entries=late)
        return [share, newer] if late and late != part.entries else [share]
    if part.kind == ML_DSA:
        here, there = client_hello.SCHEMES, client_hello.CERTIFICATE_SCHEMES
        return [
            part._replace(name=f"{part.name} in signature_algorithms_cert", lists=frozenset((there,))),
            part._replace(name=f"{part.name} in signature_algorithms", lists=frozenset((here,))),
        ]
    return []


def _ml_kem(hello: ClientHello) -> Iterator[HelloPart]:
    if _HYBRID.intersection(_numbers(hello, client_hello.GROUPS)):
        lists = frozenset((client_hello.GROUPS, client_hello.KEY_SHARES))
        yield HelloPart("the post-quantum key exchange (ML-KEM)", ML_KEM, 8, entries=_HYBRID, lists=lists)


def _ml_dsa(hello: ClientHello) -> Iterator[HelloPart]:
    if found := frozenset(offer.ML_DSA_SCHEMES).intersection(_numbers(hello, client_hello.SCHEMES)):
        lists = frozenset((client_hello.SCHEMES, client_hello.CERTIFICATE_SCHEMES))
        yield HelloPart("the ML-DSA signature schemes", ML_DSA, 8, entries=found, lists=lists)


def optional(hello: ClientHello) -> list[HelloPart]:
    """What a server can do without, the likeliest trouble first."""
    found = [*_ml_kem(hello), *_ml_dsa(hello)]
    there = {one.number for one in hello.extensions}
    found += [
        HelloPart(f"the extension {name}", OTHER, weight, extensions=frozenset((number,)))
        for number, weight, name in _EXTENSIONS
        if number in there
    ]
    if hello.has_session:
        found.append(HelloPart("the 32 octets in the place of a session id", session=True))
    return found


def entries(hello: ClientHello) -> list[HelloPart]:
    """The entries of lists that most servers can do without, beside those of `optional`."""
    apart = _HYBRID.union(offer.ML_DSA_SCHEMES, _ESSENTIAL, *_USUAL)
    return [
        _entry(one, name, number)
        for one, name in _LISTS
        for number in _numbers(hello, one)
        if number not in apart
    ]


def usual(hello: ClientHello) -> list[list[HelloPart]]:
    """The entries on which servers count, in sets of which many can do without one."""
    return [
        [
            _entry(one, name, number)
            for one, name in _LISTS
            for number in _numbers(hello, one)
            if number in some
        ]
        for some in _USUAL
    ]


def tls13() -> HelloPart:
    suites = frozenset((offer.AES128_GCM, offer.AES256_GCM, offer.CHACHA, offer.TLS13))
    lists = frozenset((client_hello.VERSIONS, client_hello.SUITES))
    return HelloPart(
        "TLS 1.3", TLS13, extensions=frozenset((client_hello.KEY_SHARES,)), entries=suites, lists=lists
    )


def server_name() -> HelloPart:
    return HelloPart(
        "the server's name (extension server_name)", extensions=frozenset((client_hello.SERVER_NAME,))
    )


def without(hello: ClientHello, parts: Iterable[HelloPart]) -> ClientHello:
    """
    *hello* without *parts*, as a client sends it that does not have them.

    No GREASE (RFC 8701) in their place: what dislikes one unknown number dislikes another.
    """
    for part in parts:
        kept = tuple(_reduced(one, part) for one in hello.extensions if one.number not in part.extensions)
        suites = hello.suites
        if client_hello.SUITES in part.lists:
            suites = _less(suites, part.entries)
        hello = ClientHello(suites, kept, hello.has_session and not part.session)
    return hello


def _reduced(one: HelloExtension, part: HelloPart) -> HelloExtension:
    if one.number not in part.lists:
        return one
    shares = tuple(share for share in one.shares if share[0] not in part.entries)
    return one._replace(numbers=_less(one.numbers, part.entries), shares=shares)


def _less(numbers: tuple[int, ...], left_out: frozenset[int]) -> tuple[int, ...]:
    return tuple(number for number in numbers if number not in left_out)


def _entry(one: int, name: str, number: int) -> HelloPart:
    """One entry of the list *one*; a key is sent for a key exchange, a scheme is in two lists."""
    beside = {
        client_hello.SCHEMES: client_hello.CERTIFICATE_SCHEMES,
        client_hello.GROUPS: client_hello.KEY_SHARES,
    }
    lists = frozenset((one, *([beside[one]] if one in beside else [])))
    return HelloPart(
        name.format(_NAMES.get(number, f"0x{number:04x}")), entries=frozenset((number,)), lists=lists
    )


def _numbers(hello: ClientHello, one: int) -> tuple[int, ...]:
    if one == client_hello.SUITES:
        return hello.suites
    return next((each.numbers for each in hello.extensions if each.number == one), ())
