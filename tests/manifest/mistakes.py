"""What people write: for each habit a file that has it, the line that is named, and its twin that has not."""

from tests.manifest.samples import ASKED, SERVE, Sample, docker, pod, service, sidecar

_H = "FROM a\nHEALTHCHECK --timeout=6s "
_RIGHT = f'{_H}CMD ["probe", "check"]\n'
_CHECKED = "healthcheck:\n  test: [CMD, probe, check]\n  timeout: 6s\n"
_IMAGE_VOLUME = pod(
    "volumeMounts:\n- {name: v, mountPath: /opt/probe}\n",
    "volumes: [{name: v, image: {reference: probe}}]\n",
)
_LABELLED = pod(SERVE + ASKED).replace("{name: a}", "{name: a, labels: {app: a}}")


def health(rule: str, wrong: str, right: str = '["probe", "check"]') -> Sample:
    """A HEALTHCHECK in line 2, in front of which stands CMD."""
    return docker(rule, 2, f"{_H}CMD {wrong}\n", f"{_H}CMD {right}\n")


def of_test(rule: str, wrong: str, right: str = "[CMD, probe, check]") -> Sample:
    """The test of a compose file."""
    texts = [service(f"healthcheck:\n  timeout: 6s\n  test: {test}\n") for test in (wrong, right)]
    return Sample(rule, "compose.yaml", 5, *texts)


def executed(rule: str, wrong: str, right: str = "[probe, check]") -> Sample:
    """The exec of a startup probe."""
    form = "startupProbe: {{exec: {{command: {}}}, timeoutSeconds: 6, failureThreshold: 6}}\n"
    return Sample(rule, "pod.yaml", 7, pod(form.format(wrong)), pod(form.format(right)))


def started(rule: str, line: int, wrong: str, right: str, base: str = "scratch") -> Sample:
    """What an image starts; *line* is counted from the FROM."""
    return docker(rule, line, f"FROM {base}\n{wrong}\n", f"FROM {base}\n{right}\n")


def contained(rule: str, wrong: str, right: str, image: str = "a") -> Sample:
    """What a container of a pod starts."""
    return Sample(rule, "pod.yaml", 8, pod(f"image: {image}\n{wrong}\n"), pod(f"image: {image}\n{right}\n"))


def mounted(line: int, wrong: str, right: str, after: str = "") -> Sample:
    """A service with mounts."""
    return Sample("PROBE_ON_NOEXEC", "compose.yaml", line, service(wrong) + after, service(right) + after)


def served(line: str) -> str:
    """A Service in front of the agent; *line* stands in its port."""
    return (
        f"{_LABELLED}---\napiVersion: v1\nkind: Service\nmetadata: {{name: a}}\nspec:\n"
        f"  selector: {{app: a}}\n  ports:\n  - port: 80\n    targetPort: 9810\n    {line}\n"
    )


def claimed(options: str) -> str:
    """A pod with probe on a claim, whose volume has *options*."""
    return (
        pod(
            "volumeMounts:\n- {name: v, mountPath: /opt/probe}\n",
            "volumes: [{name: v, persistentVolumeClaim: {claimName: c}}]\n",
        )
        + "---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: c}\nspec: {volumeName: p}\n"
        + "---\napiVersion: v1\nkind: PersistentVolume\nmetadata: {name: p}\n"
        + f"spec: {{mountOptions: {options}}}\n"
    )


def _rollout(startup: str) -> str:
    """An object of somebody's own kind that makes pods."""
    return (
        "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: a}\nspec:\n"
        "  template:\n    spec:\n"
        f"      containers:\n      - name: a\n        startupProbe: {startup}\n"
    )


MISTAKES = (
    health("COMMAND_IN_ONE_STRING", '["probe check --role startup"]'),
    health("COMMAND_IN_ONE_STRING", '["/opt/probe/bin/probe check", "--role", "startup"]'),
    health("COMMAND_IN_ONE_STRING", '["/app -health"]', '["/app", "-health"]'),
    of_test("COMMAND_IN_ONE_STRING", '[CMD, "probe check"]'),
    executed("COMMAND_IN_ONE_STRING", '["probe check --role startup"]'),
    executed("COMMAND_IN_ONE_STRING", "probe check"),
    started("COMMAND_IN_ONE_STRING", 2, 'ENTRYPOINT ["/app serve"]', 'ENTRYPOINT ["/app", "serve"]'),
    started("COMMAND_IN_ONE_STRING", 2, 'CMD ["/app serve"]', 'CMD ["/app", "serve"]'),
    contained("COMMAND_IN_ONE_STRING", 'command: ["/app serve"]', "command: [/app, serve]"),
    contained("COMMAND_IN_ONE_STRING", "command: /app serve", "command: [/app, serve]"),
    contained("COMMAND_IN_ONE_STRING", "args: serve --quiet", 'args: ["serve --quiet"]'),
    Sample(
        "COMMAND_IN_ONE_STRING",
        "compose.yaml",
        3,
        service('entrypoint: ["probe run -- /app"]\n'),
        service("entrypoint: probe run -- /app\n"),
    ),
    health("EXEC_FORM_BROKEN", "['probe', 'check']"),
    health("EXEC_FORM_BROKEN", "[ 'probe', 'check' ]", "[ -f /tmp/ready ]"),
    health("EXEC_FORM_BROKEN", '["probe", "check",]', '[ "$(cat /tmp/ready)" = "yes" ]'),
    health("EXEC_FORM_BROKEN", '["probe", "check"'),
    health("EXEC_FORM_BROKEN", "[probe, check]"),
    health("EXEC_FORM_BROKEN", "[\u201cprobe\u201d, \u201ccheck\u201d]"),
    of_test("EXEC_FORM_BROKEN", "\"['CMD', 'probe']\"", '["CMD-SHELL", "[ -f /tmp/ready ]"]'),
    of_test("EXEC_FORM_BROKEN", '[CMD-SHELL, "[\\"probe\\", \\"check\\"]"]', "['CMD', 'probe', 'check']"),
    started("EXEC_FORM_BROKEN", 2, "ENTRYPOINT ['/app']", 'ENTRYPOINT ["/app"]', "debian"),
    started("EXEC_FORM_BROKEN", 2, "CMD ['/app', 'serve']", "CMD [ -f /x ] && exec /app", "debian"),
    health("CMD_IN_COMMAND", '["CMD", "probe", "check"]'),
    health("CMD_IN_COMMAND", '["CMD-SHELL", "probe check"]'),
    of_test("CMD_IN_COMMAND", "[CMD, CMD, probe, check]"),
    executed("CMD_IN_COMMAND", "[CMD, probe, check]"),
    started("CMD_IN_COMMAND", 2, 'CMD ["CMD", "/app"]', 'CMD ["/app"]'),
    contained("CMD_IN_COMMAND", "command: [CMD, /app]", "command: [/app]"),
    docker("COMMAND_REFUSED", 2, 'FROM a\nHEALTHCHECK ["probe", "check"]\n', "FROM a\nHEALTHCHECK NONE\n"),
    docker("COMMAND_REFUSED", 2, "FROM a\nHEALTHCHECK --timeout=6s probe check\n", _RIGHT),
    of_test("SHELL_DROPS_ARGUMENTS", "[CMD-SHELL, probe check, --role, ready]", "[CMD-SHELL, probe check]"),
    docker(
        "COMMAND_REFUSED",
        2,
        'FROM a\nENTRYPOINT ["probe", "run"]\nCMD ["/app"]\n',
        'FROM a\nENTRYPOINT ["probe", "run"]\nCMD ["--", "/app"]\n',
    ),
    contained(
        "COMMAND_REFUSED", "command: [probe, run, --quiet, /app]", "command: [probe, run, --quiet, --, /app]"
    ),
    contained(
        "COMMAND_REFUSED",
        "command: [probe, run, --on-fail, wran, --, /app]",
        "command: [probe, run, --, /app]",
    ),
    Sample(
        "COMMAND_REFUSED",
        "compose.yaml",
        3,
        service("entrypoint: [probe, run]\ncommand: [/app]\n"),
        service("entrypoint: [probe, run, --]\ncommand: [/app]\n"),
    ),
    docker(
        "COMMAND_REFUSED",
        2,
        'FROM a\nHEALTHCHECK --timout=6s CMD ["probe", "check"]\n',
        'FROM a\nHEALTHCHECK --timeout=6s --retries=3 CMD ["probe", "check"]\n',
    ),
    docker(
        "DURATION_INVALID",
        2,
        'FROM a\nHEALTHCHECK --timeout=6s --retries=few CMD ["probe", "check"]\n',
        'FROM a\nHEALTHCHECK --timeout=6s --retries=$N CMD ["probe", "check"]\n',
    ),
    docker(
        "PROBE_MISSING",
        3,
        "FROM scratch\nCOPY --from=p /opt/probe /opt/probe\n"
        'HEALTHCHECK --timeout=6s CMD ["probe", "check"]\n',
        "FROM scratch\nENV PATH=/opt/probe/bin:$PATH\nCOPY --from=p /opt/probe /opt/probe\n"
        'HEALTHCHECK --timeout=6s CMD ["probe", "check"]\n',
    ),
    Sample("NOT_A_MANIFEST", "compose.yaml", 1, "includes: [a.yaml]\n", "include: [a.yaml]\n"),
    Sample(
        "TIMEOUT_UNDER_DEADLINE",
        "rollout.yaml",
        9,
        _rollout("{exec: {command: [probe, check]}}"),
        _rollout("{exec: {command: [probe, check]}, timeoutSeconds: 6}"),
    ),
    health("SHELL_DROPS_ARGUMENTS", '["sh", "-c", "probe", "check"]', '["sh", "-c", "exec probe check"]'),
    executed("SHELL_DROPS_ARGUMENTS", "[sh, -c, exec probe, check]", "[sh, -c, 'exec \"$@\"', x, probe]"),
    *(
        health("VERDICT_DISCARDED", f'["sh", "-c", "{line}"]', '["sh", "-c", "probe check || exit 1"]')
        for line in (
            "probe check; true",
            "! probe check",
            "(probe check; true)",
            "probe check && echo well || echo bad",
            "if probe check; then echo well; fi",
            "probe check; echo $?",
            "PROBE_STRICT=1 exec probe check | cat",
        )
    ),
    *(
        executed("VERDICT_DISCARDED", "[sh, -c, 'probe check; true']", f'[sh, -c, "{line}"]')
        for line in (
            "set -e; probe check; true",
            "set -o pipefail; probe check | cat",
            "probe check; exit $?",
            "probe check || { echo bad; exit 1; }",
            "if ! probe check; then exit 1; fi",
            "true && probe check",
            "probe check; [ $? -eq 0 ]",
        )
    ),
    executed("VERDICT_DISCARDED", "[sh, -c, 'probe check; true']", "[bash, -ec, 'probe check; true']"),
    Sample(
        "VERDICT_DISCARDED",
        "pod.yaml",
        9,
        pod('startupProbe:\n  exec:\n    command: [sh, -c, "probe check\\ntrue"]\n  timeoutSeconds: 6\n'),
        pod('startupProbe:\n  exec:\n    command: [sh, -c, "true\\nprobe check"]\n  timeoutSeconds: 6\n'),
    ),
    of_test("VERDICT_DISCARDED", '[CMD, bash, -lc, "probe check; true"]'),
    started("SHELL_MISSING", 2, "ENTRYPOINT /app serve", 'ENTRYPOINT ["/app", "serve"]'),
    started("SHELL_MISSING", 2, "CMD /app serve", "COPY sh /bin/sh\nCMD /app serve"),
    started("SHELL_MISSING", 3, "COPY app /\nCMD /app serve", "ADD rootfs.tar.gz /\nCMD /app serve"),
    started("SHELL_MISSING", 2, 'ENTRYPOINT ["/bin/sh", "-c", "exec /app"]', 'ENTRYPOINT ["/app"]'),
    docker(
        "SHELL_MISSING",
        2,
        'FROM scratch\nHEALTHCHECK --timeout=3s CMD ["sh", "-c", "/a"]\n',
        'FROM scratch\nHEALTHCHECK --timeout=3s CMD ["/a"]\n',
    ),
    contained("SHELL_MISSING", "command: [sh, -c, /a]", "command: [/a]", "gcr.io/distroless/static"),
    Sample(
        "SHELL_MISSING",
        "compose.yaml",
        4,
        service("image: gcr.io/distroless/static\ncommand: sh -c /a\n"),
        service("image: gcr.io/distroless/static\ncommand: /a\n"),
    ),
    Sample(
        "ALWAYS_WELL",
        "pod.yaml",
        10,
        pod(SERVE + ASKED + "livenessProbe: {tcpSocket: {port: 9810}}\n"),
        pod(SERVE + ASKED + "livenessProbe: {tcpSocket: {port: 8080}}\n"),
    ),
    Sample(
        "ALWAYS_WELL",
        "pod.yaml",
        14,
        sidecar("{tcpSocket: {port: 9810}}").replace("httpGet: {path: /startupz, port", "tcpSocket: {port"),
        sidecar("{tcpSocket: {port: 9810}}"),
    ),
    Sample(
        "PROTOCOL_NOT_SERVED",
        "pod.yaml",
        10,
        pod(SERVE + ASKED + "livenessProbe: {grpc: {port: 9810}}\n"),
        pod(SERVE + ASKED + "livenessProbe: {grpc: {port: 50051}}\n"),
    ),
    Sample(
        "PROTOCOL_NOT_SERVED",
        "pod.yaml",
        9,
        pod(SERVE + ASKED.replace("port:", "scheme: H2C, port:")),
        pod(SERVE + ASKED.replace("port:", "scheme: HTTP, port:")),
    ),
    *(
        Sample(
            "PROTOCOL_NOT_SERVED", "a.yaml", 19, served(f"appProtocol: {name}"), served("appProtocol: http")
        )
        for name in ("kubernetes.io/h2c", "grpc")
    ),
    *(
        Sample("HOST_IN_PROBE", "pod.yaml", 10, pod(SERVE + ASKED + wrong), pod(SERVE + ASKED + right))
        for wrong, right in (
            (
                "readinessProbe: {httpGet: {host: 10.0.0.1, path: /readyz, port: 9810}}\n",
                "readinessProbe: {httpGet: {path: /readyz, port: 9810}}\n",
            ),
            (
                "livenessProbe: {tcpSocket: {host: localhost, port: 1}}\n",
                "livenessProbe: {tcpSocket: {port: 1}}\n",
            ),
            (
                "lifecycle: {preStop: {httpGet: {host: 10.0.0.1, path: /, port: 1}}}\n",
                'lifecycle: {preStop: {httpGet: {host: "", path: /, port: 1}}}\n',
            ),
        )
    ),
    docker(
        "TIMEOUT_MISSING",
        2,
        'FROM a\nHEALTHCHECK CMD ["/a"]\n',
        'FROM a\nHEALTHCHECK --timeout=3s CMD ["/a"]\n',
    ),
    docker(
        "TIMEOUT_MISSING",
        2,
        "FROM a\nHEALTHCHECK CMD curl -f localhost || exit 1\n",
        "FROM a\nHEALTHCHECK --timeout=3s CMD curl -f localhost || exit 1\n",
    ),
    Sample(
        "TIMEOUT_MISSING",
        "compose.yaml",
        4,
        service("healthcheck:\n  test: [CMD, /a]\n"),
        service("healthcheck:\n  test: [CMD, /a]\n  timeout: ${T}\n"),
    ),
    Sample(
        "TIMEOUT_MISSING",
        "pod.yaml",
        7,
        pod("livenessProbe: {exec: {command: [/a]}}\n"),
        pod("livenessProbe: {timeoutSeconds: 2, exec: {command: [/a]}}\n"),
    ),
    docker(
        "TIMEOUT_UNDER_DEADLINE",
        2,
        'FROM a\nHEALTHCHECK --timeout=3s CMD ["curl", "-m", "5", "localhost"]\n',
        'FROM a\nHEALTHCHECK --timeout=6s CMD ["curl", "-m", "5", "localhost"]\n',
    ),
    docker(
        "TIMEOUT_UNDER_DEADLINE",
        2,
        "FROM a\nHEALTHCHECK CMD timeout -k 1 1m /a\n",
        "FROM a\nHEALTHCHECK --timeout=61s CMD timeout -k 1 1m /a\n",
    ),
    Sample(
        "TIMEOUT_UNDER_DEADLINE",
        "compose.yaml",
        5,
        service("healthcheck:\n  test: wget -qO- --timeout=9 localhost || exit 1\n  timeout: 5s\n"),
        service("healthcheck:\n  test: wget -qO- --timeout=4 localhost || exit 1\n  timeout: 5s\n"),
    ),
    *(
        Sample(
            "TIMEOUT_UNDER_DEADLINE",
            "pod.yaml",
            7,
            pod(f"livenessProbe: {{exec: {{command: [{words}]}}}}\n"),
            pod(f"livenessProbe: {{timeoutSeconds: 7, exec: {{command: [{words}]}}}}\n"),
        )
        for words in (
            "curl, --max-time, '5', localhost",
            "curl, -m5, localhost",
            "wget, -T, '5', localhost",
            "pg_isready, --timeout=5",
            "grpc_health_probe, -addr=:1, -connect-timeout=5s",
            "timeout, 5s, /a",
            "sh, -c, 'timeout 6 nc -z localhost 1'",
        )
    ),
    mounted(3, f"tmpfs: /opt/probe\n{_CHECKED}", f"tmpfs: /tmp\n{_CHECKED}"),
    mounted(4, "tmpfs:\n- /opt/probe:mode=755\n", "tmpfs:\n- /opt/probe:mode=755,exec\n"),
    mounted(
        4,
        "volumes:\n- {type: tmpfs, target: /tools}\nentrypoint: [/tools/bin/probe, run, --, /a]\n",
        "volumes:\n- {type: bind, source: /t, target: /tools}\nentrypoint: [/tools/bin/probe, run, --, /a]\n",
    ),
    mounted(
        4,
        "volumes:\n- p:/opt/probe:ro\n",
        "volumes:\n- q:/opt/probe:ro\n",
        "volumes: {p: {driver_opts: {type: nfs, o: 'addr=a,noexec'}}, q: {}}\n",
    ),
    mounted(4, "volumes:\n- /srv/probe:/opt/probe:ro,noexec\n", "volumes:\n- /srv/probe:/opt/probe:ro\n"),
    Sample(
        "IMAGE_VOLUME_NOEXEC",
        "pod.yaml",
        9,
        _IMAGE_VOLUME,
        _IMAGE_VOLUME.replace("mountPath: /opt/probe", "mountPath: /srv/data"),
    ),
    Sample("PROBE_ON_NOEXEC", "a.yaml", 9, claimed("[hard, noexec]"), claimed("[hard]")),
    *(
        docker("NEEDS_BUILDKIT", 2, f"FROM a\n{wrong}\n", f"FROM a\n{right}\n")
        for wrong, right in (
            ("RUN --mount=type=cache,target=/c go build", "RUN go build"),
            ("COPY --link a /a", "COPY --chown=1 a /a"),
            ("COPY --chmod=755 a /a", "COPY --from=b a /a"),
            ("RUN <<EOF\ntrue\nEOF", "RUN echo '<<'"),
        )
    ),
    Sample(  # a shell puts the variable in, Docker's exec form does not
        "COMMAND_REFUSED",
        "Dockerfile",
        2,
        'FROM a\nHEALTHCHECK --timeout=9s CMD ["probe", "check", "--timeout", "$T"]\n',
        "FROM a\nHEALTHCHECK --timeout=9s CMD probe check --timeout $T\n",
    ),
    Sample(
        "COMMAND_REFUSED",
        "compose.yaml",
        4,
        service('healthcheck:\n  test: [CMD, probe, check, --timeout, "T"]\n  timeout: 9s\n'),
        service('healthcheck:\n  test: [CMD, probe, check, --timeout, "${T}"]\n  timeout: 9s\n'),
    ),
    Sample(
        "COMMAND_REFUSED",
        "compose.yaml",
        3,
        service("command: probe run --role startup --only all -- /app ${MORE}\n"),
        service("command: probe run --only ${CHECKS} -- /app ${MORE}\n"),
    ),
    Sample(
        "COMMAND_REFUSED",
        "pod.yaml",
        8,
        pod('image: a\ncommand: [probe, run, "--timeout=$T", --, /app]\n'),
        pod('image: a\ncommand: [probe, run, "--timeout=$(T)", --, /app]\n'),
    ),
    executed(  # what a variable decides is not judged, and what it does not is
        "COMMAND_REFUSED",
        '[probe, check, --no-such, "--timeout=$(T)"]',
        '[probe, check, --role, startup, "--timeout=$(T)"]',
    ),
    executed(
        "COMMAND_REFUSED",
        '[sh, -c, "exec probe check --rol startup --timeout $T"]',
        '[sh, -c, "exec probe check --role startup --timeout $T"]',
    ),
)
