"""Who runs the tests, and somebody who does not."""

import os

OURSELVES = f"{os.geteuid()}:{os.getegid()}"
SOMEBODY_ELSE = 65532 if 65532 not in (os.geteuid(), os.getegid()) else 65531  # as uid and as gid
