"""Why a request got no answer that can be used, beside the reasons of `probe.tls.reasons`."""

NO_ANSWER = "no answer"
BAD_ANSWER = "bad answer"  # it is no HTTP
BAD_REDIRECT = "bad redirect"
UNTRUSTED = "untrusted"  # Go does not accept the server's certificates
