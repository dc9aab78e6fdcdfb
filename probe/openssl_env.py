"""OpenSSL's configuration: that of the container is for its programs, and never for ours."""

from probe.lightweight import os

# openssl-env(7). A provider or engine that these name would be loaded into this process.
_NAMES = ("OPENSSL_MODULES", "OPENSSL_ENGINES", "OPENSSL_CONF_INCLUDE")


def shield() -> None:
    """
    Keep OpenSSL in this process from all configuration; before libcrypto is loaded, as by `hashlib`.

    Only the C library's environment changes: os.environ, and what is started with it, keep
    what was set. Where exec(2) is to hand the C library's own on, this must not be called.
    """
    for name in os.environment().keys() & _NAMES:
        os.unsetenv(name)
    os.putenv("OPENSSL_CONF", "/dev/null")
