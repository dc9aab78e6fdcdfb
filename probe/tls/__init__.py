"""From an endpoint to what its TLS handshake brought, or why there was none."""

import os
import sys

if "bundle" in sys._xoptions:
    # OpenSSL is the bundle's there. What the image configures, modules to load included, is for its own.
    os.putenv("OPENSSL_CONF", "/dev/null")
