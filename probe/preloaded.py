"""
What a healthy `probe check` imports, each module after what it imports itself, for probe.importer.

Written by `python -m tests.support.preloaded`; tests/test_preloaded.py holds it to what is imported.
"""

COMMAND = """
    checks options codes report syscalls targets.access targets.mounts targets.files targets.host_fs targets
    errors cli.arguments cli.as_of cli.progress cli.remote_mounts cli.settings cli.targets cli.exit output
    cli.check cli.commands cli.std_streams config config.schema config.variables config.load targets.processes
"""
SUPERVISOR = """
    deadline orphans prctl targets.supervisor_protocol targets.supervisor_line
"""
FORK = """
    targets.supervisor
"""
RUN = """
    deadline facts checks.base golang formats golang.release golang.filepath words golang.command
    golang.version golang.command.environment_files golang.command.toolchain golang.godebug golang.detect
    output.base output.text runner targets.errors
"""
HANDSHAKE = """
    golang.x509.hostname golang.x509.reasons golang.x509.issuing golang.x509.der golang.x509.tlv
    golang.x509.distinguished_name golang.x509.oids golang.x509.verify tls tls.reasons tls.openssl tls.errors
    golang.tls golang.tls.offer tls.server_reply tls.client_hello golang.net.neturl golang.net.httpproxy
    golang.x509.certificate_general_names golang.x509.certificate_extensions golang.x509.certificate_keys
    golang.x509.certificate_times golang.x509.certificate_names golang.x509.certificate_signatures
    golang.x509.certificate golang.tls.served tls.session tls.root_store tls.tcp tls.dialer
    tls.go_client_hello tls.openssl_verify tls.handshake checks.ca_bundle.handshake_evidence tls.rfc5280
    checks.ca_bundle.handshake_passed config.values tls.concurrent
"""
CHECKS = {
    "timezone": """
        golang.quoting samples formats.tzif.rule formats.tzif golang.zonedata checks.timezone.compare
        golang.zone_archive golang.localtime checks.timezone.context checks.timezone.findings checks.timezone
        checks.timezone.hidden_localtime
    """,
    "ca-bundle": """
        checks.ca_bundle redact golang.quoting golang.x509 formats.pem golang.backports
        golang.x509.certificate_fields golang.x509.public_roots_table golang.x509.public_roots
        golang.x509.trust checks.ca_bundle.findings golang.net golang.net.netip golang.net.addresses
        golang.net.resolver checks.ca_bundle.name_servers golang.net.endpoint checks.ca_bundle.handshake
        samples golang.timefmt golang.x509.root_use checks.ca_bundle.roots
    """,
    "go-env": """
        redact golang.quoting golang.backports golang.net golang.net.netip golang.net.addresses
        golang.net.neturl golang.command.go_env golang.command.environment_defaults checks.go_env.command
        golang.command.moduleproxy golang.command.environment_places golang.command.flags
        golang.command.environment checks.go_env.findings checks.go_env.lists golang.command.goflags
        checks.go_env.rules formats.elf formats.elf.buildinfo golang.binary checks.go_env
    """,
    "go-version": """
        redact samples golang.command.environment_defaults golang.command.environment_places
        golang.command.flags golang.command.environment formats.elf formats.elf.buildinfo golang.binary
        golang.release_dates checks.go_version.findings checks.go_version.command checks.go_version
        golang.command.levels golang.command.platforms checks.go_version.build_settings
        checks.go_version.builds
    """,
}
