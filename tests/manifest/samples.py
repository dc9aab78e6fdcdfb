"""For every rule of the lint a file that breaks it, the line that is named, and its twin that does not."""

from textwrap import indent
from typing import NamedTuple


class Sample(NamedTuple):
    """Two files of the same name; `line` is where the first one is wrong."""

    rule: str
    file: str
    line: int
    wrong: str
    right: str


def docker(rule: str, line: int, wrong: str, right: str, file: str = "Dockerfile") -> Sample:
    return Sample(rule, file, line, wrong, right)


def service(text: str) -> str:
    """A compose file with one service; *text* begins in line 3."""
    return f"services:\n  app:\n{indent(text, '    ')}"


def pod(text: str, before: str = "") -> str:
    """A pod with one container; *text* begins in line 6, after what *before* adds to the spec."""
    head = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n"
    return f"{head}{indent(before, '  ')}  containers:\n  - name: app\n{indent(text, '    ')}"


CHECK = "exec: {command: [probe, check, --role, startup]}"
STARTUP = f"startupProbe: {{{CHECK}, timeoutSeconds: 6, failureThreshold: 6}}\n"
SERVE = 'image: probe:latest\nargs: [serve, "[::]:9810"]\n'
ASKED = "startupProbe: {httpGet: {path: /startupz, port: 9810}, failureThreshold: 30, periodSeconds: 1}\n"
SEALED = "securityContext: {readOnlyRootFilesystem: true}\n"
SOCKET = "env: [{{name: PROBE_AGENT__SOCKET, value: {}}}]\n"
RUN = "volumeMounts: [{name: run, mountPath: /run/probe}]\n"
ON_LIVE = "env: [{name: PROBE_LIVE_CHECKS, value: timezone}]\n"
TLS = """\
env:
- {name: PROBE_AGENT__TLS_CERT, value: /c}
- {name: PROBE_AGENT__TLS_KEY, value: /k}
"""
LATE = (
    "containers:\n- name: app\n  image: app\n"
    "  startupProbe: {httpGet: {path: /startupz, port: 9810}, failureThreshold: 30}\n"
)


def sidecar(startup: str) -> str:
    return (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  shareProcessNamespace: true\n"
        "  initContainers:\n  - name: probe\n    restartPolicy: Always\n"
        '    command: [probe, serve, "[::]:9810", --process, app]\n'
        f"    startupProbe: {startup}\n" + indent(LATE, "  ")
    )


def exec_of(kind: str, words: str, timeout: int = 6) -> str:
    return f"{kind}: {{exec: {{command: [{words}]}}, timeoutSeconds: {timeout}, failureThreshold: 6}}\n"


SAMPLES = (
    docker("NOT_A_MANIFEST", 1, "RUN true\n", "FROM debian\n"),
    Sample("NOT_A_MANIFEST", "a.yaml", 1, "a: 1\n", "apiVersion: v1\nkind: Service\n"),
    Sample("NOT_A_MANIFEST", "a.yaml", 1, "# nothing\n", "services: {}\n"),
    Sample("UNREADABLE", "a.yaml", 2, "services:\n\ta: 1\n", "services:\n  a: {}\n"),
    Sample("UNREADABLE", "a.yaml", 1, "{{ .Values.a }}: b\n", "services: {}\n"),
    docker(
        "TIMEOUT_UNDER_DEADLINE",
        2,
        'FROM a\nHEALTHCHECK --timeout=5s CMD ["probe", "check"]\n',
        'FROM a\nHEALTHCHECK --timeout=6s CMD ["probe", "check"]\n',
    ),
    docker(
        "TIMEOUT_UNDER_DEADLINE",
        2,
        'FROM a\nHEALTHCHECK CMD ["probe", "status", "--set", "timeout_s=40"]\n',
        'FROM a\nHEALTHCHECK CMD ["probe", "check", "--timeout", "29"]\n',
    ),
    docker(
        "TIMEOUT_UNDER_DEADLINE",
        3,
        'FROM a\nENV PROBE_TIMEOUT_S=9\nHEALTHCHECK --timeout=8s CMD ["probe"]\n',
        'FROM a\nENV PROBE_TIMEOUT_S 7\nHEALTHCHECK --timeout=8s CMD ["probe"]\n',
    ),
    Sample(
        "TIMEOUT_UNDER_DEADLINE",
        "compose.yaml",
        5,
        service("healthcheck:\n  test: [CMD, probe, check]\n  timeout: 3s\n"),
        service(
            "environment: [PROBE_TIMEOUT_S=2]\nhealthcheck:\n  test: [CMD, probe, check]\n  timeout: 3s\n"
        ),
    ),
    Sample(
        "TIMEOUT_UNDER_DEADLINE",
        "pod.yaml",
        7,
        pod(f"startupProbe:\n  {CHECK}\n"),
        pod(f"startupProbe:\n  {CHECK}\n  timeoutSeconds: 6\n"),
    ),
    Sample(
        "TIMEOUT_UNDER_DEADLINE",
        "pod.yaml",
        9,
        pod(f"startupProbe:\n  {CHECK}\n  timeoutSeconds: 5\n"),
        pod(f"env: [{{name: PROBE_TIMEOUT_S, value: '4'}}]\nstartupProbe:\n  {CHECK}\n  timeoutSeconds: 5\n"),
    ),
    docker(
        "DURATION_INVALID",
        2,
        'FROM a\nHEALTHCHECK --timeout=6 CMD ["probe"]\n',
        'FROM a\nHEALTHCHECK --timeout=1m.5s CMD ["probe"]\n',
    ),
    Sample(
        "DURATION_INVALID",
        "pod.yaml",
        7,
        pod(f"startupProbe: {{{CHECK}, timeoutSeconds: '6'}}\n"),
        pod(f"startupProbe: {{{CHECK}, timeoutSeconds: 6}}\n"),
    ),
    docker(
        "START_INTERVAL_WITHOUT_START_PERIOD",
        2,
        'FROM a\nHEALTHCHECK --timeout=3s --start-interval=1s CMD ["/a"]\n',
        'FROM a\nHEALTHCHECK --timeout=3s --start-interval=1s --start-period=9s CMD ["/a"]\n',
    ),
    Sample(
        "START_INTERVAL_WITHOUT_START_PERIOD",
        "compose.yml",
        7,
        service("healthcheck:\n  test: [CMD, /a]\n  timeout: 3s\n  start_period: 0s\n  start_interval: 1s\n"),
        service("healthcheck:\n  test: [CMD, /a]\n  timeout: 3s\n  start_period: 2s\n  start_interval: 1s\n"),
    ),
    docker(
        "SHELL_MISSING",
        4,
        "FROM go AS b\nFROM scratch\nCOPY --from=b /a /a\nHEALTHCHECK --timeout=3s CMD /a -health\n",
        'FROM go AS b\nFROM scratch\nCOPY --from=b /a /a\nHEALTHCHECK --timeout=3s CMD ["/a", "-health"]\n',
    ),
    docker(
        "SHELL_MISSING",
        4,
        "ARG B=gcr.io/distroless/static\nFROM ${B} AS low\nFROM low\nHEALTHCHECK --timeout=3s CMD /a\n",
        'ARG B=gcr.io/distroless/static\nFROM ${B}\nSHELL ["/b", "-c"]\nHEALTHCHECK --timeout=3s CMD /a\n',
    ),
    Sample(
        "SHELL_MISSING",
        "compose.yaml",
        5,
        service("image: gcr.io/distroless/base\nhealthcheck:\n  test: /a || exit 1\n  timeout: 3s\n"),
        service("image: debian\nhealthcheck:\n  test: /a || exit 1\n  timeout: 3s\n"),
    ),
    Sample(
        "SHELL_MISSING",
        "pod.yaml",
        8,
        pod("image: x/distroless/y\nlivenessProbe: {timeoutSeconds: 3, exec: {command: [sh, -c, /a]}}\n"),
        pod("image: x/distroless/y\nlivenessProbe: {timeoutSeconds: 3, exec: {command: [/a]}}\n"),
    ),
    docker(
        "PROBE_MISSING",
        2,
        'FROM scratch\nHEALTHCHECK CMD ["/opt/probe/bin/probe", "status"]\n',
        "FROM scratch\nCOPY --from=probe /opt/probe /opt/probe\n"
        'HEALTHCHECK CMD ["/opt/probe/bin/probe", "status"]\n',
    ),
    docker(
        "PROBE_MISSING",
        2,
        'FROM scratch\nENTRYPOINT ["probe", "run", "--", "/app"]\n',
        'FROM scratch\nCOPY probe /bin/probe\nENTRYPOINT ["probe", "run", "--", "/app"]\n',
    ),
    Sample(
        "PROBE_MISSING",
        "pod.yaml",
        9,
        pod(
            "volumeMounts: [{name: v, mountPath: /p}]\n" + exec_of("startupProbe", "/p/bin/probe, check"),
            "volumes: [{name: v, emptyDir: {}}]\n",
        ),
        pod(
            "volumeMounts: [{name: v, mountPath: /p}]\n" + exec_of("startupProbe", "/p/bin/probe, check"),
            "volumes: [{name: v, emptyDir: {}}]\n"
            "initContainers: [{name: i, volumeMounts: [{name: v, mountPath: /q}]}]\n",
        ),
    ),
    docker(
        "EXIT_CODE_RESERVED",
        2,
        "FROM a\nHEALTHCHECK --timeout=3s CMD /a || exit 2\n",
        "FROM a\nHEALTHCHECK --timeout=3s CMD /a || exit 1\n",
    ),
    Sample(
        "EXIT_CODE_RESERVED",
        "compose.yaml",
        4,
        service('healthcheck:\n  test: ["CMD-SHELL", "/a || exit 2"]\n  timeout: 3s\n'),
        service('healthcheck:\n  test: ["CMD-SHELL", "/a; test $$? = 0"]\n  timeout: 3s\n'),
    ),
    *(
        docker(
            "VERDICT_DISCARDED",
            2,
            f"FROM a\nHEALTHCHECK CMD probe check{tail}\n",
            "FROM a\nHEALTHCHECK CMD probe check || exit 1\n",
        )
        for tail in ("; true", " || true", " | tee /tmp/log", " || :", " &", " || echo bad", "; exit 0")
    ),
    Sample(
        "VERDICT_DISCARDED",
        "pod.yaml",
        7,
        pod(exec_of("startupProbe", 'sh, -c, "probe check || true"')),
        pod(exec_of("startupProbe", 'sh, -c, "exec probe check"')),
    ),
    docker(
        "HEALTHCHECK_OVERRIDDEN",
        2,
        'FROM a\nHEALTHCHECK --timeout=3s CMD ["/a"]\nHEALTHCHECK --timeout=3s CMD ["/b"]\n',
        'FROM a AS b\nHEALTHCHECK --timeout=3s CMD ["/a"]\nFROM b\nHEALTHCHECK --timeout=3s CMD ["/b"]\n',
    ),
    docker(
        "HEALTHCHECK_IN_ANOTHER_STAGE",
        2,
        'FROM a AS b\nHEALTHCHECK --timeout=3s CMD ["/a"]\nFROM c\n',
        'FROM a AS b\nHEALTHCHECK --timeout=3s CMD ["/a"]\nFROM b\n',
    ),
    Sample(
        "HEALTHCHECK_LOST_IN_OCI",
        "Containerfile",
        2,
        'FROM a\nHEALTHCHECK --timeout=3s CMD ["/a"]\n',
        "FROM a\n",
    ),
    docker(
        "ENTRYPOINT_SHELL_FORM",
        2,
        "FROM a\nENTRYPOINT probe run -- /app\n",
        "FROM a\nENTRYPOINT exec probe run -- /app\n",
    ),
    docker(
        "ENTRYPOINT_SHELL_FORM",
        2,
        'FROM a\nENTRYPOINT ["sh", "-c", "probe run -- /app; true"]\n',
        'FROM a\nENTRYPOINT ["sh", "-c", "umask 027; exec probe run -- /app"]\n',
    ),
    Sample(
        "ENTRYPOINT_SHELL_FORM",
        "pod.yaml",
        8,
        pod('image: a\ncommand: [/bin/sh, -c, "sleep 1; probe run -- /app"]\n'),
        pod('image: a\ncommand: [/bin/sh, -c, "sleep 1; exec probe run -- /app"]\n'),
    ),
    docker(
        "COMMAND_REFUSED",
        2,
        'FROM a\nHEALTHCHECK CMD ["probe", "status", "--role", "all"]\n',
        'FROM a\nHEALTHCHECK CMD ["probe", "check", "--role", "all"]\n',
    ),
    docker(
        "COMMAND_REFUSED",
        3,
        'FROM a\nENV PROBE_AGENT__DRAIN_S=long\nHEALTHCHECK CMD ["tini", "--", "probe", "check"]\n',
        'FROM a\nENV PROBE_AGENT__DRAIN_S=1\nHEALTHCHECK CMD ["tini", "--", "probe", "check"]\n',
    ),
    docker(
        "COMMAND_REFUSED",
        2,
        'FROM a\nENTRYPOINT ["python3", "-I", "-m", "probe", "run", "--on-fial", "warn", "--"]\n',
        'FROM a\nENTRYPOINT ["python3", "-I", "-m", "probe", "run", "--on-fail", "warn", "--"]\n',
    ),
    Sample(
        "COMMAND_REFUSED",
        "compose.yaml",
        4,
        service("healthcheck:\n  test: [probe, check]\n"),
        service("healthcheck:\n  test: [CMD, probe, check]\n"),
    ),
    Sample(
        "COMMAND_REFUSED",
        "pod.yaml",
        8,
        pod("image: probe\nargs: [sevre]\n"),
        pod("image: probe\nargs: [check]\n"),
    ),
    Sample(
        "CHECK_ON_LIVENESS",
        "pod.yaml",
        8,
        pod(STARTUP + exec_of("livenessProbe", "probe")),
        pod(STARTUP + exec_of("livenessProbe", "probe, status, --role, live")),
    ),
    Sample(
        "CHECK_ON_LIVENESS",
        "pod.yaml",
        8,
        pod(STARTUP + exec_of("livenessProbe", "probe, check, --role, live")),
        pod(STARTUP + "livenessProbe: {httpGet: {path: /healthz, port: 80}}\n"),
    ),
    Sample(
        "CHECK_ON_LIVENESS",
        "pod.yaml",
        10,
        pod(SERVE + ASKED + "livenessProbe: {httpGet: {path: /readyz, port: 9810}}\n"),
        pod(SERVE + ASKED + "livenessProbe: {httpGet: {path: /livez, port: 9810}}\n"),
    ),
    Sample(
        "CHECK_ON_LIVENESS",
        "pod.yaml",
        11,
        pod(SERVE + ON_LIVE + ASKED + "livenessProbe: {httpGet: {path: /livez, port: 9810}}\n"),
        pod(SERVE + ON_LIVE + ASKED + "readinessProbe: {httpGet: {path: /readyz, port: 9810}}\n"),
    ),
    Sample(
        "CHECK_ON_LIVENESS",
        "pod.yaml",
        9,
        pod(ON_LIVE + STARTUP + exec_of("livenessProbe", "probe, status, --role, live")),
        pod(STARTUP + exec_of("livenessProbe", "probe, status, --role, live")),
    ),
    Sample(
        "CHECK_ON_LIVENESS",
        "pod.yaml",
        8,
        pod(STARTUP + exec_of("livenessProbe", "probe, status")),
        pod(STARTUP + exec_of("readinessProbe", "probe, status")),
    ),
    Sample(
        "ALWAYS_WELL",
        "Dockerfile",
        2,
        'FROM debian\nHEALTHCHECK --timeout=6s CMD ["probe", "status", "--role", "live"]\n',
        'FROM debian\nHEALTHCHECK --timeout=6s CMD ["probe", "status", "--role", "ready"]\n',
    ),
    docker(
        "SHELL_MISSING",
        4,
        'FROM scratch\nCOPY probe /probe\nENTRYPOINT ["/probe", "run", "--"]\nCMD /app serve\n',
        'FROM scratch\nCOPY probe /probe\nENTRYPOINT ["/probe", "run", "--"]\nCMD ["/app", "serve"]\n',
    ),
    Sample(
        "DURATION_INVALID",
        "compose.yaml",
        6,
        service("healthcheck:\n  test: [CMD, /a]\n  timeout: 6s\n  retries: three\n"),
        service("healthcheck:\n  test: [CMD, /a]\n  timeout: 6s\n  retries: ${RETRIES:-3}\n"),
    ),
    Sample(
        "SOCKET_WITHOUT_PLACE",
        "pod.yaml",
        11,
        pod(SERVE + ASKED + SEALED + SOCKET.format("/run/probe/probe.sock")),
        pod(SERVE + ASKED + SEALED),
    ),
    Sample(
        "SOCKET_WITHOUT_PLACE",
        "pod.yaml",
        12,
        pod(SERVE + ASKED + SEALED + RUN + SOCKET.format("/run/probe/probe.sock")),
        pod(SERVE + ASKED + SEALED + RUN + SOCKET.format("/run/probe/own/probe.sock")),
    ),
    Sample(
        "ALWAYS_WELL",
        "compose.yaml",
        4,
        "services:\n  a:\n    healthcheck:\n      test: probe check --role live\n      timeout: 6s\n",
        "services:\n  a:\n    healthcheck:\n      test: probe check --role ready\n      timeout: 6s\n",
    ),
    Sample(
        "HANDSHAKE_ON_READINESS",
        "pod.yaml",
        8,
        pod(STARTUP + exec_of("readinessProbe", "probe, check")),
        pod(STARTUP + exec_of("readinessProbe", "probe, check, --role, ready")),
    ),
    Sample(
        "STARTUP_PROBE_MISSING",
        "pod.yaml",
        7,
        pod(exec_of("readinessProbe", "probe, status")),
        pod(exec_of("readinessProbe", "probe, status") + STARTUP),
    ),
    Sample(
        "STARTUP_BUDGET_TOO_SHORT",
        "pod.yaml",
        7,
        pod(f"startupProbe: {{{CHECK}, timeoutSeconds: 6, failureThreshold: 5, periodSeconds: 1}}\n"),
        pod(f"startupProbe: {{{CHECK}, timeoutSeconds: 6, failureThreshold: 6, periodSeconds: 1}}\n"),
    ),
    Sample(
        "STARTUP_BUDGET_TOO_SHORT",
        "pod.yaml",
        9,
        pod(SERVE + "startupProbe: {httpGet: {path: /startupz, port: 9810}, periodSeconds: 1}\n"),
        pod(SERVE + ASKED),
    ),
    Sample(
        "PORT_NOT_SERVED",
        "pod.yaml",
        9,
        pod(SERVE + ASKED.replace("9810", "8080")),
        pod(SERVE + ASKED.replace("9810", "probe") + "ports: [{name: probe, containerPort: 9810}]\n"),
    ),
    Sample(
        "PATH_NOT_SERVED",
        "pod.yaml",
        9,
        pod(SERVE + ASKED.replace("/startupz", "/health")),
        pod(SERVE + ASKED.replace("/startupz", "/readyz/timezone?verbose")),
    ),
    Sample(
        "LISTENS_ON_LOOPBACK",
        "pod.yaml",
        9,
        pod((SERVE + ASKED).replace("[::]", "127.0.0.1")),
        pod((SERVE + ASKED).replace("[::]", "0.0.0.0")),
    ),
    Sample(
        "ALWAYS_WELL",
        "pod.yaml",
        9,
        pod(SERVE + ASKED.replace("/startupz", "/metrics")),
        pod(SERVE + ASKED),
    ),
    Sample(
        "ALWAYS_WELL",
        "pod.yaml",
        9,
        pod(SERVE + ASKED.replace("/startupz", "/")),
        pod(SERVE + ASKED),
    ),
    Sample(
        "SCHEME_MISMATCH",
        "pod.yaml",
        9,
        pod(SERVE + ASKED.replace("port:", "scheme: HTTPS, port:")),
        pod(SERVE + ASKED),
    ),
    Sample(
        "SCHEME_MISMATCH",
        "pod.yaml",
        12,
        pod(SERVE + TLS + ASKED),
        pod(SERVE + TLS + ASKED.replace("port:", "scheme: HTTPS, port:")),
    ),
    Sample(
        "TOKEN_REQUIRED",
        "pod.yaml",
        10,
        pod(
            SERVE
            + "env: [{name: PROBE_AGENT__TOKEN_FILE, value: /t}]\n"
            + ASKED.replace("/startupz", "/metrics")
        ),
        pod(SERVE + "env: [{name: PROBE_AGENT__TOKEN_FILE, value: /t}]\n" + ASKED),
    ),
    Sample(
        "GRACE_UNDER_DRAIN",
        "pod.yaml",
        5,
        pod(SERVE + ASKED, "terminationGracePeriodSeconds: 2\n").replace("  containers", "  containers"),
        pod(SERVE + ASKED, "terminationGracePeriodSeconds: 3\n"),
    ),
    Sample(
        "GRACE_UNDER_DRAIN",
        "compose.yaml",
        4,
        service('command: [probe, run, --serve, "[::]:1", --, /app]\nstop_grace_period: 2s\n'),
        service('command: [probe, run, --serve, "[::]:1", --, /app]\nstop_grace_period: 3s\n'),
    ),
    Sample(
        "SIDECAR_DEADLOCK",
        "pod.yaml",
        10,
        sidecar("{httpGet: {path: /livez, port: 9810}, failureThreshold: 30}"),
        sidecar("{tcpSocket: {port: 9810}}"),
    ),
)
