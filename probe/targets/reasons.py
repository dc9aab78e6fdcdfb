"""Why a target cannot be examined. `probe.target_codes` has the table from these to the codes of findings."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

Reason: TypeAlias = "str"

NOT_FOUND = "not found"
PERMISSION = "permission"
AMBIGUOUS = "ambiguous"
GONE = "gone"
USER_UNKNOWN = "user unknown"
# Of an image archive.
INVALID = "invalid"
TRUNCATED = "truncated"
TOO_LARGE = "too large"
UNSAFE_ENTRY = "unsafe entry"
COMPRESSION = "compression"
DIGEST_MISMATCH = "digest mismatch"
