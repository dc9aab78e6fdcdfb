"""Endpoints as the configuration writes them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.golang.net.endpoint import Endpoint, parse_endpoint


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("api.internal:443", Endpoint("api.internal", 443)),
        ("api.internal.:8443", Endpoint("api.internal.", 8443)),
        ("10.0.0.1:443", Endpoint("10.0.0.1", 443)),
        ("[::1]:443", Endpoint("::1", 443)),
        ("[fe80::1%eth0]:443", Endpoint("fe80::1%eth0", 443)),
        ("a_b:1", Endpoint("a_b", 1)),
        ("x:65535", Endpoint("x", 65535)),
    ],
)
def test_an_endpoint_is_read_and_written_alike(text: str, endpoint: Endpoint) -> None:
    """host:port, IPv6 in brackets."""
    assert parse_endpoint(text) == endpoint
    assert endpoint.text == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("api.internal", 'the port is missing; write "api.internal:443"'),
        ("", 'the port is missing; write "host:443"'),
        ("https://api.internal/x", 'such as "api.internal:443"'),
        ("https://u:p@api.internal:8443/x", 'such as "api.internal:8443"'),
        ("api.internal:https", "the port must be a number"),
        ("api.internal:", "the port must be a number"),
        ("api.internal:0", "the port must be a number"),
        ("api.internal:65536", "the port must be a number"),
        ("api.internal:٤٤٣", "the port must be a number"),
        ("::1", 'such as "[::1]:443"'),
        ("[::1]", "the port is missing"),
        ("[api.internal]:443", "only an IPv6 address is written in brackets"),
        (":443", "each part of the name"),
        ("a..b:443", "each part of the name"),
        ("a" * 64 + ":443", "each part of the name"),
        ("b\u00fccher.test:443", "xn--"),
        ("a b:443", "the host holds characters"),
        ("a/b:443", "the host holds characters"),
    ],
)
def test_anything_else_is_refused_with_what_to_write(text: str, words: str) -> None:
    """In words for whoever wrote the configuration."""
    with pytest.raises(ValueError, match=re.escape(words)):
        parse_endpoint(text)


@given(st.text(max_size=80))
def test_any_text_is_an_endpoint_or_refused(text: str) -> None:
    """Nothing else ever comes out, and what comes out can be written down again."""
    try:
        endpoint = parse_endpoint(text)
    except ValueError:
        return
    assert parse_endpoint(endpoint.text) == endpoint
