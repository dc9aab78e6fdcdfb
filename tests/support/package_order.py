"""
The order inside each package, from the bottom to the top: a module imports only from lines above its own.

A new module has its place below all that it imports from its package, inside functions too; what stands in
one line knows nothing of each other. A folder is one module of the package above it, and has an order too.
"""

ORDER = {
    "agent": """
        __init__ channel file_changes healthz heap listener log reports tls_socket worker workload
        loop roles tls token
        http schedule signals
        handshakes latest reload state
        metrics page status_socket
        app
        server
    """,
    "agent.page": """
        parts
        checks
        __init__
    """,
    "checks.baseline": """
        facts
        document findings
        __init__
    """,
    "checks.ca_bundle": """
        auto_endpoints file_kinds findings mozilla unused_proxy
        extra_roots handshake_evidence name_servers no_roots skipped_blocks unfit_roots unread_bundles
        certificate_rejected handshake_failed handshake_passed staged unused_files
        handshake roots
        __init__
    """,
    "checks.clock": """
        findings
        servers
        __init__
    """,
    "checks.downloads": """
        goproxy
        findings
        __init__
    """,
    "checks.go_env": """
        command lists
        rules
        findings
        broken_rules
        __init__
    """,
    "checks.go_version": """
        build_files findings switching
        build_settings loading not_found
        build_programs command_errors starting
        builds workload
        command
        __init__
    """,
    "checks.linkage": """
        findings policy
        program
        __init__
    """,
    "checks.offline": """
        file_list findings go_settings toolchains
        modules
        go_list
        __init__
    """,
    "checks.permissions": """
        findings
        filesystem
        directories
        __init__
    """,
    "checks.pinned": """
        version_file
        signature
        checksums
        findings
        verify
        __init__
    """,
    "checks.timezone": """
        compare other_names
        guess
        context
        file_errors hidden_localtime other_zone zone_warnings
        findings utc_fallback
        locations
        __init__
    """,
    "cli": """
        arguments exit progress remote_mounts run_options std_streams
        as_of help in_time merge settings status_client targets transient
        baseline commands config explain inspect repeat tight_memory
        completion images man manifest
        check
        demo node serve status
        run
        listening
        run_entrypoint
        start
        __init__
    """,
    "config": """
        __init__ address values
        agent files
        schema
        json_schema variables
        load
        show
    """,
    "demo": """
        enter keys toolchain
        pki
        server
        rootfs
        carry_out container faults
        runner
        script
        __init__
    """,
    "entrypoint": """
        __init__ block_signals environment path_lookup shell_line terminal
        wrappers
        exec_errors inherited
        exec gate
        init
    """,
    "explain": """
        __init__
        markdown messages
    """,
    "formats.elf": """
        __init__
        buildinfo dynamic pclntab
    """,
    "formats.tar": """
        __init__
        sparse
    """,
    "formats.tzif": """
        rule
        __init__
    """,
    "golang": """
        __init__ errnos filepath godebug godebug_defaults machine program_form quoting release
        release_dates startable timefmt version zone_archive zonedata
        backports localtime program_zones
        binary net
        command x509
        build_dates detect tls
    """,
    "golang.command": """
        __init__ credentials environment_defaults environment_files flags gomod levels modulefetch platforms
        build_flags environment_places goflags gomod_faults module_files moduleproxy tool_flags toolchain
        environment go_env prefixes
        directories
    """,
    "golang.net": """
        __init__ config_lines endpoint httpresponse netip resolver
        addresses hosts nsswitch resolv_conf
        neturl
        httpproxy
    """,
    "golang.tls": """
        __init__ alerts offer
        served
    """,
    "golang.x509": """
        __init__ certificate_fields der mailbox mozilla oids public_roots_table reasons tlv
        certificate_general_names certificate_keys certificate_signatures certificate_times
        distinguished_name hostname issuing policies public_roots
        certificate_constraints certificate_names name_constraints
        certificate_extensions sorted_constraints
        certificate verify
        root_use trust
    """,
    "manifest": """
        __init__ command_line duration images rules source timings
        dockerfile exec_form other_programs reports shell snippets yaml_nodes
        buildkit health noexec pods
        compose_rules dockerfile_rules httpget
        handlers object_rules
        kubernetes_rules
        lint
    """,
    "node": """
        __init__ proc_files watched
        bounded containers fingerprint
        programs
        judge rows
        document metrics page scan table
        app merge
        server
    """,
    "output": """
        __init__ base
        annotations dockerfile health_json json junit nagios prometheus schema tap text_findings
        text
        github gitlab releases sarif
    """,
    "remedies": """
        __init__ derivation distribution flag_list images lower_files meant
        memory_limit modes pasted quoting
        actions go_setting keystore overlay pattern_list proxy_list
        binary_forms
        text_forms
        forms
        notation places variables
        file_actions
        packages
        effects libraries other_go process_limits zones
        audience
        conversions
        authority
        trial
    """,
    "targets": """
        access cgroup environ errors files kernel_clock mounts reasons supervisor_protocol write_test
        archive_errors attributes host_fs passwd resolve seen sources supervisor
        image_config members memory_fs rooted_fs spool supervisor_line zstd
        processes
        __init__ layers
        archive credentials digests ldso path_steps
        denial manifest process
        shared_layers writing
        image
    """,
    "targets.ldso": """
        base
        glibc musl
        __init__
    """,
    "tls": """
        __init__ backoff client_hello libcrypto name_servers openssl reasons rfc5280 server_reply stream
        errors hello_parts signatures
        hello_bisect session tcp tunnel
        root_store
        dialer
        go_client_hello openssl_verify
        handshake
        concurrent
    """,
    "translations": """
        __init__
        codes phrases
        findings
    """,
    "web": """
        __init__ address date_header exchange
        fetch
    """,
}
