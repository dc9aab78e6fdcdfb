"""Lines as programs print them: what is no secret stays readable, and what is one goes."""

import time

import pytest

from probe import redact

KEPT = (
    "use basic auth for the proxy",
    "the server asks for Basic authentication",
    "basic settings are missing",
    "Basic auth is not supported",
    'WWW-Authenticate: Basic realm="proxy"',
    'Proxy-Authenticate: Basic realm="corp", Negotiate',
    "bearer token missing",
    "the bearer of this certificate",
    "a bearer certificate",
    '401 Unauthorized: Bearer realm="https://auth.docker.io/token",service="registry.docker.io"',
    "token expired",
    "unexpected token < in JSON at position 0",
    "invalid character '<' looking for beginning of value",
    "syntax error: unexpected token near line 3",
    'password authentication failed for user "app"',
    'secret "corp-ca" not found',
    'secrets "corp-ca" is forbidden',
    "open /run/secrets/token: no such file or directory",
    "open /var/run/secrets/kubernetes.io/serviceaccount/token: permission denied",
    "credential helper docker-credential-ecr-login not found",
    "cookie jar is full",
    "set cookie policy in the settings",
    "module github.com/foo/bar@v1.2.3 not found",
    "go: github.com/x/y@latest: no matching versions",
    "user@example.com",
    "mail to admin@example.com: failed",
    "git@github.com:org/repo.git",
    "error: access key is missing",
    "private key does not match public key",
    "tls: private key does not match public key",
    "the api key header is missing",
    "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "https://proxy.golang.org/github.com/pkg/errors/@v/v0.9.1.zip",
    "keyring: no keyring found",
    "basic constraints extension is missing",
    "x509: basic constraints invalid",
)
HIDDEN = (
    ("Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"),
    ("curl -u user:pass https://host", "user:pass"),
    ("curl --user user:hunter2 https://host", "hunter2"),
    ("wget --password=hunter2 https://host", "hunter2"),
    ("mysql -phunter2 -u root", "hunter2"),
    ("mysql --password hunter2", "hunter2"),
    ("PGPASSWORD=hunter2 psql", "hunter2"),
    ("https://user:hunter2@host/path", "hunter2"),
    ("https://hunter2token@host/path", "hunter2"),
    ("https://:hunter2@host/", "hunter2"),
    ("//user:hunter2@host/x", "hunter2"),
    ("postgres://app:hunter2@db:5432/x?sslmode=disable", "hunter2"),
    ("postgresql://app:hun@ter2@db/x", "ter2"),
    ("mysql://app:hunter2@tcp(db:3306)/x", "hunter2"),
    ("app:hunter2@tcp(db:3306)/x", "hunter2"),
    ("mongodb+srv://app:hunter2@cluster0.mongodb.net/x", "hunter2"),
    ("redis://:hunter2@redis:6379/0", "hunter2"),
    ("rediss://default:hunter2@redis:6379", "hunter2"),
    ("amqp://guest:hunter2@rabbit:5672/", "hunter2"),
    ("amqps://guest:hunter2@rabbit/", "hunter2"),
    ("ldap://cn=admin:hunter2@ldap", "hunter2"),
    ("smtp://user:hunter2@mail:587", "hunter2"),
    ("nats://user:hunter2@nats:4222", "hunter2"),
    ("jdbc:postgresql://db/x?user=app&password=hunter2", "hunter2"),
    ("sqlserver://sa:hunter2@db?database=x", "hunter2"),
    ("host=db user=app password=hunter2 dbname=x", "hunter2"),
    ("Server=db;User Id=sa;Password=hunter2;", "hunter2"),
    ("Data Source=db;Pwd=hunter2;", "hunter2"),
    ("machine example.com login app password hunter2", "hunter2"),
    ("machine example.com\nlogin app\npassword hunter2", "hunter2"),
    ("default login app password hunter2", "hunter2"),
    ("Authorization: Bearer abc.def", "abc.def"),
    ("authorization: Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"),
    ('"Authorization": "Bearer hunter2xyz"', "hunter2"),
    ("'Authorization': ['Bearer hunter2xyz']", "hunter2"),
    ("Authorization=Bearer hunter2xyz", "hunter2"),
    ("X-Api-Key: hunter2", "hunter2"),
    ("x-auth-token: hunter2xyz", "hunter2"),
    ("X-Vault-Token: hvs.CAESIJ", "hvs.CAESIJ"),
    ("PRIVATE-TOKEN: glpat-xxxxxxxxxxxxxxxxxxxx", "xxxxxxxx"),
    ("Cookie: session=hunter2", "hunter2"),
    ("Set-Cookie: sid=hunter2; Path=/", "hunter2"),
    ("AKIAIOSFODNN7EXAMPLE", "IOSFODNN7EXAMPLE"),
    ("ASIAIOSFODNN7EXAMPLE", "IOSFODNN7EXAMPLE"),
    ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "wJalrX"),
    ("AWS_SESSION_TOKEN=FwoGZXIvYXdzEBY", "FwoGZX"),
    ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U", "dozjgNry"),
    ("-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\n-----END RSA PRIVATE KEY-----", "MIIEow"),
    ("-----BEGIN PRIVATE KEY-----\nMIIEowIBAAKCAQEA", "MIIEow"),
    (
        "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n-----END OPENSSH PRIVATE KEY-----",
        "b3Blbn",
    ),
    ("-----BEGIN PGP PRIVATE KEY BLOCK-----\nlQdGBF\n-----END PGP PRIVATE KEY BLOCK-----", "lQdGBF"),
    ("AGE-SECRET-KEY-1QQPQZQ0000000000000000000000000000000000000000000", "1QQPQZQ"),
    ("https://host/x?token=hunter2", "hunter2"),
    ("https://host/x?access_token=hunter2&y=1", "hunter2"),
    ("https://s3.amazonaws.com/b/k?X-Amz-Signature=deadbeef&X-Amz-Credential=AKIA", "deadbeef"),
    ("https://acct.blob.core.windows.net/c/b?sv=2020&sig=hunter2%3D", "hunter2"),
    ("https://storage.googleapis.com/b/o?GoogleAccessId=x&Signature=hunter2", "hunter2"),
    ("https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX", "XXXXXXXX"),
    ("https://discord.com/api/webhooks/123456789012345678/abcdefghijklmnopqrstuvwxyz", "abcdefghij"),
    ("https://api.telegram.org/bot123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11/sendMessage", "ABC-DEF1234"),
    ("password: hunter2", "hunter2"),
    ('password = "hunter2 with blank"', "hunter2"),
    ('"password": "hunter2"', "hunter2"),
    ('{"password":"hunter2","user":"x"}', "hunter2"),
    ('{\\"password\\":\\"hunter2\\"}', "hunter2"),
    ("passwd=hunter2", "hunter2"),
    ("DB_PASS=hunter2", "hunter2"),
    ("db_pwd: hunter2", "hunter2"),
    ("pass: hunter2", "hunter2"),
    ("--password=hunter2", "hunter2"),
    ("--password hunter2", "hunter2"),
    ("--token hunter2xyz", "hunter2"),
    ("-token=hunter2xyz", "hunter2"),
    ("--api-key hunter2", "hunter2"),
    ("--client-secret=hunter2", "hunter2"),
    ("client_secret: hunter2", "hunter2"),
    ("apiKey: hunter2", "hunter2"),
    ('api_key="hunter2"', "hunter2"),
    ("secretKey: hunter2", "hunter2"),
    ("accessToken: hunter2", "hunter2"),
    ("refresh_token=hunter2", "hunter2"),
    ("auth: hunter2base64==", "hunter2"),
    ('"auth": "dXNlcjpwYXNz"', "dXNlcjpwYXNz"),
    ("_authToken=hunter2", "hunter2"),
    ("//registry.npmjs.org/:_authToken=npm_abcdefghijklmnop", "abcdefghij"),
    ("AccountKey=hunter2base64==;EndpointSuffix=core.windows.net", "hunter2"),
    ("SharedAccessKey=hunter2", "hunter2"),
    ("SharedAccessSignature sr=x&sig=hunter2&se=1", "hunter2"),
    ("ghp_abcdefghijklmnopqrstuvwxyz0123456789", "abcdefghij"),
    ("github_pat_11ABCDEFG0abcdefghijklmnop", "abcdefghij"),
    ("sk-abcdefghijklmnopqrstuvwx", "abcdefghij"),
    ("sk_live_abcdefghijklmnop", "abcdefghij"),
    ("xoxb-123456789012-abcdefghijkl", "abcdefghij"),
    ("dckr_pat_abcdefghijklmnop", "abcdefghij"),
    ("pypi-AgEIcHlwaS5vcmcabcdefghijk", "abcdefghij"),
    ("SG.abcdefghijklmnopqrstuv.abcdefghijklmnopqrstuvwxyz0123456789abcdefg", "abcdefghij"),
    ("AIzaSyA-abcdefghijklmnopqrstuvwxyz01234", "abcdefghij"),
    ("ya29.a0AfH6SMBabcdefghijklmnop", "abcdefghij"),
    ('Digest username="x", response="deadbeefhunter2"', "hunter2"),
    ("Proxy-Authorization: Negotiate YIIhunter2", "hunter2"),
    ("Proxy-Authorization: NTLM TlRMTVNTUAAB", "TlRMTV"),
)


@pytest.mark.parametrize("line", KEPT)
def test_a_sentence_stays_as_it_is(line: str) -> None:
    assert redact.text(line) == line


@pytest.mark.parametrize(("line", "secret"), HIDDEN)
def test_a_secret_goes(line: str, secret: str) -> None:
    """Alone, inside a sentence, after another line, and in a log line of JSON."""
    assert secret in line
    for told in (line, f"first\n{line}", f"{line}\nlast"):
        assert secret not in redact.text(told), redact.text(told)


@pytest.mark.parametrize(
    "piece", ["curl ", "curl -u ", "mysql ", "login ", "_pass", 'auth"', "basic ", 'password\\":\\"', "-"]
)
def test_a_long_line_takes_little_time(piece: str) -> None:
    """As much as is looked at, of what each pattern begins with: a search that goes back took minutes."""
    began = time.thread_time()
    redact.text(piece * (60_000 // len(piece)))
    assert time.thread_time() - began < 3
