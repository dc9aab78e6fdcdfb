"""From an endpoint to what its TLS handshake brought, or why there was none."""

from probe import openssl_env

openssl_env.shield()
