"""
What the probe and its supervisor tell each other: probe.targets.supervisor, or deploy/bundle/supervisor.c.

For each command: one message "+" with the descriptors of stdout, stderr and a control socket. Over the
control socket the client sends the request: REQUEST, then directory, arguments and variables ("NAME=value"),
each with a NUL after it. The child answers "E" + errno when it cannot become the command, the supervisor
"X" + exit code (negative: signal) when it has ended. The client's closing it means: kill.
"""

from probe.lightweight import signal, struct

CATCHABLE = signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}
LINE = 3  # the supervisor's descriptor of the line
DESCRIPTORS = struct.Struct("3i")
REQUEST = struct.Struct("!3I")  # bytes that follow, how many arguments, how many variables
ANSWER = struct.Struct("!ci")
