"""Errors as Go, the kernel and the loaders print them, each with the code that it is likeliest to be."""

UNTRUSTED = "tls: failed to verify certificate: x509: certificate signed by unknown authority"
PASTED = (
    (f'Get "https://a/": {UNTRUSTED}', "TLS_UNKNOWN_AUTHORITY"),
    (f'Get "https://a/": proxyconnect tcp: {UNTRUSTED}', "TLS_PROXY_UNTRUSTED"),
    (
        "proxyconnect tcp: x509: certificate has expired or is not yet valid: 2026 is after 2025",
        "TLS_PROXY_UNTRUSTED",
    ),
    ('Get "https://a/": proxyconnect tcp: dial tcp 10.0.0.1:3128: i/o timeout', "TLS_PROXY_TIMEOUT"),
    ("proxyconnect tcp: dial tcp: lookup proxy.corp: no such host", "TLS_PROXY_UNREACHABLE"),
    ('Get "https://a/": socks connect tcp p:1080->a:443: EOF', "TLS_PROXY_UNREACHABLE"),
    ('Get "https://a/": Forbidden', "TLS_PROXY_REFUSED"),
    ('Get "https://a/": context deadline exceeded', "TLS_CONNECT_TIMEOUT"),
    ("dial tcp: lookup a: Temporary failure in name resolution", "TLS_RESOLVER_FAILED"),
    ("unknown time zone Asia/Tokyo", "TIMEZONE_TZDATA_MISSING"),
    ("time: invalid location name", "TIMEZONE_NAME_UNKNOWN"),
    ("fork/exec /tmp/go-build1/b001/exe/main: permission denied", "PERMISSION_NOEXEC"),
    ('exec: "/app": stat /app: no such file or directory: unknown', "LINKAGE_PROGRAM_MISSING"),
    ("fork/exec /app: permission denied", "LINKAGE_NOT_EXECUTABLE"),
    ("runtime: failed to create new OS thread (have 2 already; errno=11)", "THREADS_LIMITED"),
    ("go: cannot find main module, but found .git/config in /src", "OFFLINE_NO_MODULE"),
    ("build cache is required, but could not be located: GOCACHE is not defined", "PERMISSION_NO_PLACE"),
)
