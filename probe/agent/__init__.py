"""
The resident process: it looks on a schedule, keeps the last reports, and answers from memory.

One thread, one loop. The checks run in a forked child under a hard deadline, never in here.
"""
