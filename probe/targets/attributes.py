"""Extended attributes: which of them the kernel refuses with an error that no engine overlooks."""

import os

from probe.formats import acl, tar
from probe.targets import access

_NAME_MAX, _VALUE_MAX = 255, 64 << 10  # XATTR_NAME_MAX and XATTR_SIZE_MAX (linux/limits.h)
_SPACES = ("user.", "trusted.", "security.")
_CAPABILITY = "security.capability"
_REVISIONS = {20: 2, 24: 3}  # size → revision, in the first word (linux/capability.h)


def settable(name: str, value: bytes, kind: bytes) -> bool:
    """
    Whether setxattr(2) takes *name* and *value* for an entry of *kind*, or says what dockerd overlooks.

    Those are EOPNOTSUPP and EPERM: another space of names, an attribute that files of this kind cannot have.
    """
    if not 0 < len(os.fsencode(name)) <= _NAME_MAX or len(value) > _VALUE_MAX:
        return False
    if name in _SPACES:
        return name == "user." and kind not in (tar.REGULAR, tar.DIRECTORY)
    if name == _CAPABILITY:
        return len(value) in _REVISIONS and value[3] == _REVISIONS[len(value)]
    if name not in (access.ACCESS, access.DEFAULT):
        return True
    if not (entries := acl.read(value)) or kind == tar.LINK:
        return entries is not None
    return acl.valid(entries) and (name == access.ACCESS or kind == tar.DIRECTORY)
