"""A certificate after parsing: what verification and reports need of it."""

from __future__ import annotations

from probe.lightweight import NamedTuple


class Names(NamedTuple):
    """The subject alternative names, or one side of a name constraint."""

    dns: tuple[str, ...] = ()
    ip: tuple[bytes, ...] = ()  # 4 or 16 bytes; in a constraint address and mask together
    email: tuple[str, ...] = ()
    uri: tuple[str, ...] = ()


class Refusal(NamedTuple):
    """Go's parser does not take these bytes; `reason` in its words where we can give them."""

    reason: str


class Certificate(NamedTuple):
    """What verification and reports need of a certificate; all names as raw DER where bytes decide."""

    der: bytes
    version: int  # 1, 2 or 3; Go also takes a number that its counting from 1 turns negative
    serial: int
    subject: str  # as Go's pkix.Name.String() prints it
    issuer: str
    raw_subject: bytes
    raw_issuer: bytes
    not_before: int  # seconds since the epoch
    not_after: int
    raw_tbs: bytes
    raw_spki: bytes
    signature: bytes
    signature_algorithm: str  # Go's name: "SHA256-RSA", "ECDSA-SHA256", … "" when unknown to Go
    key_algorithm: str  # "RSA", "ECDSA", "Ed25519", "DSA", "ML-DSA-44" …; "" when unknown to Go
    key_bits: int  # modulus length for RSA, field size for ECDSA, else 0
    has_basic_constraints: bool = False
    is_ca: bool = False
    max_path_len: int = -1  # -1: none given
    key_usage: int | None = None  # the first nine bits, bit 0 = digitalSignature = 1; None: absent
    extended_key_usage: tuple[str, ...] | None = None  # dotted OIDs; None: absent
    subject_key_id: bytes = b""
    authority_key_id: bytes = b""
    has_san: bool = False
    names: Names = Names()
    permitted: Names | None = None
    excluded: Names | None = None
    constraints_critical: bool = False
    policies: tuple[str, ...] = ()
    policy_mappings: tuple[tuple[str, str], ...] = ()  # issuer's policy, subject's policy; from Go 1.24 on
    require_explicit_policy: int | None = None  # None: not given; negative: without effect
    inhibit_policy_mapping: int | None = None
    inhibit_any_policy: int | None = None
    unhandled_critical: tuple[str, ...] = ()  # dotted OIDs
    critical: frozenset[str] = frozenset()  # dotted OIDs of all critical extensions
    extensions: tuple[tuple[str, bool, bytes], ...] = ()  # (OID, critical, value), in file order
    key_fault: str = ""  # why no signature can ever be verified with the key, in Go's words
