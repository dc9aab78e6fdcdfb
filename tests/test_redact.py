"""Credentials do not survive, whatever form they are written in; what is no secret does."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probe import redact
from tests.support.sweeps import examples

SECRET = "hunter2xyzzy"

URLS = [
    ("https://user:{}@host/path", "https://***@host/path"),
    ("https://{}@host", "https://***@host"),
    ("HTTPS://user:{}@host", "HTTPS://***@host"),
    ("https://user:p@{}@host", "https://***@host"),
    ("https://user:{}%40host", "https://***@host"),
    ("https%3A%2F%2Fuser%3A{}%40host", "https%3A%2F%2F***@host"),
    ("https:/user:{}@host", "https:/***@host"),
    ("https:/\u200b/user:{}@host", "https:/***@host"),
    ("https:user:{}@host", "https:***@host"),
    ("https:///{}@host", "https:///***@host"),
    ("https://user:{}\n@host", "https://***@host"),
    ("https://user:a {}@host", "https://***@host"),
    ("https://user:a/{}@host", "https://***@host"),
    ("https://user:a,{}@host,direct", "https://***@host,direct"),
    ("https://user:1|{}@host|off", "https://***@host|off"),
    ("https://user:{}", "https://***"),
    ("https://u:{},https://v:{}@b,direct", "https://***,https://***@b,direct"),
    ("https://a.example,https://user:{}@b|direct", "https://a.example,https://***@b|direct"),
    ("user:{}@proxy:3128", "***@proxy:3128"),
    ("//user:{}@proxy:3128", "***@proxy:3128"),
    ("socks5://user:{}@proxy:1080", "socks5://***@proxy:1080"),
    ("https://host/?token={}", "https://host/?***"),
    ("https://host/p?a=1&sig={},direct", "https://host/p?***,direct"),
    ("https://host/token={}/go,direct", "https://host/token=***/go,direct"),
    ("https://host/go/api-key%3D{}|off", "https://host/go/api-key%3D***|off"),
    ("https://host/#access_token={}", "https://host/?***"),
    ("sum.golang.org https://user:{}@host", "sum.golang.org https://***@host"),
]
PLAIN = [
    "https://proxy.golang.org,direct",
    "https://proxy.golang.org|https://goproxy.cn , direct",
    "http://[::1]:8080/path,off",
    "https://proxy:8443/a/b",
    "off",
    "",
    " , ",
    "file:///srv/proxy",
    "host:8080",
    "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8 https://sum.example",
]
VALUES = [
    ("GITHUB_TOKEN", "{}", "***"),
    ("db_password", "{}", "***"),
    ("DBPASSWORD", "{}", "***"),
    ("MY_SECRET_FILE", "{}", "***"),
    ("SIGNING_KEY", "{}", "***"),
    ("AWS_ACCESS_KEY_ID", "{}", "***"),
    ("https_proxy", "http://u:{}@p:3128", "http://***@p:3128"),
    ("ALL_PROXY", "u:{}@p:3128", "***@p:3128"),
    ("GOPROXY", "https://u:{}@p,direct", "https://***@p,direct"),
    ("GOSUMDB", "sum.golang.org https://u:{}@s", "sum.golang.org https://***@s"),
    ("GOAUTH", "netrc; /bin/helper --with {}", "netrc;/bin/helper ***"),
    ("GOAUTH", "GIT {}", "GIT ***"),
    ("GOFLAGS", "-mod=mod '-ldflags=-X main.k={}' -v", "-mod=mod '-ldflags=***"),
    ("GOFLAGS", "--ldflags -X=main.k={}", "--ldflags=***"),
    ("GOCACHEPROG", "prog --token {} x", "prog --token *** x"),
    ("GOMODCACHE", "/m?password={}", "/m?password=***"),
    ("ANYTHING", "see https://u:{}@h", "see https://***@h"),
]
PLAIN_VALUES = [
    ("GOFLAGS", "-mod=vendor -insecure -tags=a,b"),
    ("GOAUTH", "netrc"),
    ("GOAUTH", "git /srv/credentials; off"),
    ("GOVCS", "private:all,public:git|hg"),
    ("GOPRIVATE", "*.corp.example,example.com/x"),
    ("MONKEY", "banana"),
    ("PWD", "/srv"),
    ("PATH", "/usr/local/go/bin:/usr/bin"),
]
TEXTS = [
    ('Get "https://u:{}@h/x": dial tcp', 'Get "https://***@h/x": dial tcp'),
    ('parse "https://u:a b{}@h": invalid', 'parse "https://***@h": invalid'),
    ('parse "https://u:{}%zz": invalid URL escape', 'parse "https://***": invalid URL escape'),
    ("a@v1.2.3: reading https://u:{}@h/a/@v/list: 403", "a@v1.2.3: reading https://***@h/a/@v/list: 403"),
    ("Authorization: Basic {}\nnext", "Authorization: ***\nnext"),
    ("proxy-authorization: {}", "proxy-authorization: ***"),
    ("got Bearer {} back", "got Bearer *** back"),
    ("password={}&x=1", "password=***&x=1"),
    ('{{"api_key": "{} x"}}', '{{"api_key": ***}}'),
    ("run --db-password {} now", "run --db-password *** now"),
    ("u:{}@h refused", "***@h refused"),
    ("-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA", "-----BEGIN RSA PRIVATE KEY-----*** RSA"),
    ("key ghp_0123456789abcdef{}", "key ***"),
    ("/run/secrets/token: {}", "/run/secrets/token: ***"),
    ("/run/secrets/token:no{}", "/run/secrets/token:***"),
    ("jwt eyJhbGciOi.{}.sig", "jwt ***"),
]
PLAIN_TEXTS = [
    "go: x: reading https://proxy.golang.org/golang.org/x/net/@v/list: 404 Not Found",
    "go: example.com/a@v1.2.3: Get https://proxy.golang.org/a/@latest: dial tcp: lookup failed",
    "git@github.com: Permission denied (publickey).",
    "dial tcp https://h:443: connect: refused",
    'fatal error: removed GODEBUG "x509sha1" (https://go.dev/doc/godebug#go-124)',
    "go: cannot find GOROOT directory: /nope",
    "/run/secrets/token: no such file or directory; name a file that can be read",
    "--root /etc/passwd: is not a directory",
]


@pytest.mark.parametrize(("form", "shown"), URLS)
def test_a_url_keeps_its_host_and_loses_its_credentials(form: str, shown: str) -> None:
    """Every form in which a URL carries a secret shows the rest of the URL alone."""
    assert redact.url(form.replace("{}", SECRET)) == shown


@pytest.mark.parametrize("text", PLAIN)
def test_a_url_without_credentials_stays_as_it_is(text: str) -> None:
    """Nothing is hidden where nothing is secret."""
    assert redact.url(text) == text


@pytest.mark.parametrize(("name", "form", "shown"), VALUES)
def test_a_variable_is_hidden_by_its_name_and_by_its_content(name: str, form: str, shown: str) -> None:
    """A name that tells of a secret hides all; else the content decides."""
    assert redact.value(name, form.replace("{}", SECRET)) == shown


@pytest.mark.parametrize(("name", "text"), PLAIN_VALUES)
def test_a_harmless_variable_stays_as_it_is(name: str, text: str) -> None:
    """Words that merely resemble a secret's name hide nothing."""
    assert redact.value(name, text) == text


def test_an_empty_secret_is_shown_as_empty() -> None:
    """That a token is not set is no secret, and often the cause."""
    assert redact.value("GITHUB_TOKEN", "") == ""


@pytest.mark.parametrize(("form", "shown"), TEXTS)
def test_free_text_loses_its_credentials(form: str, shown: str) -> None:
    """What another program printed is shown without the secrets in it."""
    assert redact.text(form.replace("{}", SECRET).replace("{{", "{").replace("}}", "}")) == shown.replace(
        "{{", "{"
    ).replace("}}", "}")


@pytest.mark.parametrize("text", PLAIN_TEXTS)
def test_free_text_without_credentials_stays_as_it_is(text: str) -> None:
    """Module versions, paths of the proxy protocol and addresses of fragments are no secrets."""
    assert redact.text(text) == text


def test_what_is_long_is_cut_with_a_mark() -> None:
    """A report never grows with a hostile value, and says how long it was."""
    assert redact.value("GOPRIVATE", "a" * 300) == "a" * 256 + "… (300 characters)"
    assert redact.value("GOPRIVATE", "a" * 256) == "a" * 256
    assert redact.value("GOPRIVATE", "a" * (1 << 20)).endswith("… (more than 65536 characters)")
    assert len(redact.text("a" * (1 << 20))) < 2100


def test_a_secret_longer_than_what_is_looked_at_is_hidden() -> None:
    """A password whose end lies beyond the bound is still taken for one."""
    for hide in (redact.url, redact.text, lambda text: redact.value("GOPROXY", text)):
        assert SECRET not in hide(f"https://7:{SECRET}/{'a' * (1 << 20)}@host")


@pytest.mark.parametrize(
    "piece", ["a", "https://", "@", "a:", "token", ",", "eyJ.", "password=", "-", '"', " "]
)
def test_a_hostile_megabyte_takes_no_time(piece: str) -> None:
    """No repeated piece makes the patterns backtrack without end."""

    def once(text: str) -> float:
        before = time.process_time()
        redact.text(text)
        redact.value("GOFLAGS", text)
        redact.value("GOPROXY", text)
        return time.process_time() - before

    def cost(text: str) -> float:
        return min(once(text) for _ in range(3))  # beside others a processor's caches are not ours alone

    plain = cost("http://a " * ((1 << 20) // 9))
    assert cost(piece * ((1 << 20) // len(piece))) < 5 * plain + 0.1


userinfo = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="@"), max_size=8)
wrapped = st.tuples(userinfo, userinfo).map(lambda pair: f"{pair[0]}{SECRET}{pair[1]}")
scheme = st.sampled_from(
    ["https://", "HTTP://", "https:/", "https:", "", "//", "socks5h://", "hTTps:\\\\", "ftp:///"]
)
host = st.sampled_from(["host", "host:8080/path", "10.0.0.1", "[::1]:3128", "h/p?q=1", ""])
at = st.sampled_from(["@", "%40", "@@", "%2540"])
neighbour = st.sampled_from(["", "https://a.example", "direct", "off", "host:1", "http://x:y@z"])


@given(scheme, userinfo, wrapped, at, host, neighbour, neighbour, st.sampled_from(",|"))
def test_a_planted_password_never_survives_a_list(
    scheme: str, user: str, password: str, at: str, host: str, before: str, after: str, comma: str
) -> None:
    """Whatever stands round it, the secret in front of the sign is gone."""
    text = comma.join([before, f"{scheme}{user}:{password}{at}{host}", after])
    assert SECRET not in redact.url(text)
    assert SECRET not in redact.value("GOPROXY", text)
    assert SECRET not in redact.value("http_proxy", text)


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
one_word = st.text(
    st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="@\"'\\"), max_size=8
)


@given(words, st.sampled_from(["https://", "HTTP://", "ftp:/", "git+ssh://"]), one_word, at, words)
def test_a_planted_password_never_survives_free_text(
    before: str, scheme: str, around: str, at: str, after: str
) -> None:
    """The words of other programs are cleaned of URLs with credentials wherever they stand."""
    text = f"{before} {scheme}u:{around}{SECRET}{around}{at}host {after}"
    assert SECRET not in redact.text(text)
    assert SECRET not in redact.value("SOMETHING", text)


@given(st.text(max_size=200), st.text(max_size=30))
def test_any_text_gives_a_text(text: str, name: str) -> None:
    """Nothing raises, and a second pass changes no more than the first let through."""
    redact.url(text)
    redact.text(text)
    redact.value(name, text)


pieces = st.sampled_from(
    [
        *(
            "http:",
            "git+ssh",
            "socks5h:",
            "ws:",
            "hg:",
            "file",
            ":",
            "%3a",
            "//",
            "@",
            "%40",
            "/",
            "?",
            "#",
            "=",
        ),
        *(
            "-----BEGIN RSA PRIVATE KEY-----",
            "Authorization",
            "set-cookie",
            "bearer",
            "Basic",
            "x",
            " ",
            "\n",
        ),
        *("token", "password", "passphrase", "api", "access", "private", "-", "_", "key", "secret", "cred"),
        *("entials", "ghp_", "github_pat_", "glpat-", "eyJ", "AKIA", "xoxb-", "npm_", "AIza", "hvs.", "sk-"),
        *("0123456789abcdefghijklmnop", ".", "\u017f", "\u212a", "?", "#", "=", " ", "\n", "'", '"', SECRET),
    ]
)


@settings(max_examples=examples(2000))
@given(st.lists(pieces, max_size=8).map("".join))
def test_what_passes_without_a_search_is_what_a_search_leaves_alone(text: str) -> None:
    """The short way round the patterns may be taken only where they would change nothing."""
    if redact._harmless(text):
        assert redact._searched(text) == text


@pytest.mark.parametrize("form", [form for form, _ in TEXTS])
def test_no_planted_secret_passes_without_a_search(form: str) -> None:
    """Every form of secret that the patterns know is looked for."""
    assert not redact._harmless(form.replace("{}", SECRET))
