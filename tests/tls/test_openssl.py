"""What is taken from the C modules is what the public ones hand on, under every Python."""

import socket
import ssl

from probe import lightweight
from probe.tls import openssl
from tests.support.pki import leaf, root
from tests.tls import servers

CA = root("Public CA")
LEAF = leaf(CA, "localhost")


def test_a_client_is_what_the_public_one_is() -> None:
    """The same verification, versions, options and suites as those of ssl.SSLContext."""
    ours, public = openssl.client(), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    public.minimum_version = ssl.TLSVersion.TLSv1_2
    names = ("check_hostname", "maximum_version", "minimum_version", "options", "verify_flags", "verify_mode")
    assert {name: getattr(ours, name) for name in names} == {name: getattr(public, name) for name in names}
    assert ours.get_ciphers() == public.get_ciphers()
    assert isinstance(public, openssl.Context)


def test_a_public_context_makes_the_same_connection() -> None:
    """What ssl.SSLObject wraps is what we use, and its first message is as long."""
    ours, public = openssl.client(), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    public.minimum_version = ssl.TLSVersion.TLSv1_2
    incoming, outgoing = openssl.MemoryBIO(), openssl.MemoryBIO()
    tls = openssl.connection(ours, incoming, outgoing, "localhost")
    theirs = ssl.MemoryBIO()
    wrapped = public.wrap_bio(ssl.MemoryBIO(), theirs, server_hostname="localhost")
    assert type(tls) is type(wrapped._sslobj)  # type: ignore[attr-defined]
    for each in (tls, wrapped):
        try:
            each.do_handshake()
        except openssl.SSLWantReadError:
            continue
    hello, public_hello = outgoing.read(), theirs.read()
    assert hello[:11] == public_hello[:11]  # up to the random
    assert len(hello) == len(public_hello) > 100


def test_the_chains_are_those_of_the_public_methods() -> None:
    """Presented and verified, as a public client of the same server has them."""
    with servers.tls(LEAF) as server:
        public = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        public.load_verify_locations(cadata=CA.der)
        with (
            socket.create_connection(("127.0.0.1", server.port)) as connection,
            public.wrap_socket(connection, server_hostname="localhost") as tls,
        ):
            inside = tls._sslobj  # type: ignore[attr-defined]
            assert openssl.presented(inside) == [LEAF.der]
            assert openssl.verified(inside) == [LEAF.der, CA.der]
            assert tls.getpeercert(binary_form=True) == LEAF.der


def test_the_errors_are_the_public_ones() -> None:
    """Whoever catches ssl's errors catches ours."""
    for name in ("SSLCertVerificationError", "SSLError", "SSLWantReadError", "SSLZeroReturnError"):
        assert getattr(openssl, name) is getattr(ssl, name)
    assert lightweight.socket.gaierror is socket.gaierror
