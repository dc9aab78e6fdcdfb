"""A workload that writes down every signal that reaches it: `recorder.py FILE`. Exit 42 for SIGALRM."""

import os
import signal
import sys

everything = signal.valid_signals()
signal.pthread_sigmask(signal.SIG_BLOCK, everything)
log = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
os.write(log, b"ready\n")
while True:
    number = signal.sigwait(everything)
    os.write(log, b"%d\n" % number)
    if number == signal.SIGALRM:
        os._exit(42)
