"""
Asks the kernel, as any user, below any root.

python3 asker.py: a line of JSON with root, uid, gid, groups, path, what is wanted (os.R_OK, ...) and whether
the path is to be made; the answer to each is a line, 0 for yes and 1 for no.
"""

import json
import os
import stat
import sys
from typing import Any


def ask(root: str, uid: int, gid: int, groups: list[int], *question: Any) -> int:
    pid = os.fork()
    if not pid:
        code = 2
        try:
            os.chroot(root)
            os.chdir("/")
            os.setgroups(groups)
            os.setresgid(gid, gid, gid)
            os.setresuid(uid, uid, uid)
            code = 0 if really(*question) else 1
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def really(path: str, want: int, made: bool) -> bool:
    """By doing it: a directory is made where one is to be."""
    try:
        if made and not os.path.exists(path):
            os.mkdir(path)
            os.rmdir(path)
            return True
        found = os.stat(path)
        if stat.S_ISDIR(found.st_mode) and want & os.W_OK:
            os.mkdir(f"{path}/made")
            os.rmdir(f"{path}/made")
        elif want & os.W_OK:
            os.close(os.open(path, os.O_WRONLY))
        if want & os.R_OK:
            os.close(os.open(path, os.O_RDONLY))
    except OSError:
        return False
    return os.access(path, want, effective_ids=True)


if __name__ == "__main__":
    for line in sys.stdin:
        print(ask(*json.loads(line)), flush=True)
