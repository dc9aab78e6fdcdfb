"""
What puts certificates of another form into the PEM that Go reads.

Nothing is lost by it: a file is changed where it lies only if it holds the same certificates in a worse
form. What others may want as it is, such as a keystore, is converted to another file, or kept under
another name.
"""

from __future__ import annotations

from probe.golang.x509 import trust
from probe.remedies import actions, audience, file_actions, forms, places, quoting
from probe.remedies.actions import remedy
from probe.remedies.forms import FoundForm
from probe.remedies.lower_files import as_root
from probe.report import Action, Remedy
from probe.targets import NotRegular, Target, TooLarge
from probe.targets.files import read

_THROUGH_PKCS7 = (
    "openssl crl2pkcs7 -nocrl -certfile {path} -out {p7b} && openssl pkcs7 -print_certs -in {p7b}"
    " -out {to} && rm {p7b}"
)
_ALONE = "sed -n '/BEGIN CERT/,/END CERT/p' > {to}"  # a key that lies there too is not for everybody to read
# form → the command that writes the PEM of {path} to {to}; {p7b} is the name of a file that is free
_COMMANDS = {
    forms.DER: "openssl x509 -inform der -in {path} -out {to}",
    forms.PKCS7: "openssl pkcs7 -print_certs -in {path} -out {to}",
    "pkcs7-der": "openssl pkcs7 -inform der -print_certs -in {path} -out {to}",
    forms.PKCS12: "openssl pkcs12 -nokeys -passin pass:{password} -in {path} -out {to}",
    forms.JKS: "keytool -list -rfc -storepass {password} -keystore {path} > {to}",
    "jceks": "keytool -list -rfc -storetype jceks -storepass {password} -keystore {path} > {to}",
    forms.UTF16: f"iconv -f UTF-16 -t UTF-8 {{path}} | {_ALONE}",
    "utf-16le": f"iconv -f UTF-16LE -t UTF-8 {{path}} | {_ALONE}",
    "utf-16be": f"iconv -f UTF-16BE -t UTF-8 {{path}} | {_ALONE}",
    forms.BASE64: f"base64 -d {{path}} | {_ALONE}",
    "base64-der": "base64 -d {path} | openssl x509 -inform der -out {to}",
    "base64-pkcs7": "base64 -d {path} | openssl pkcs7 -inform der -print_certs -out {to}",
    "base64-twice": f"base64 -d {{path}} | base64 -d | {_ALONE}",
    forms.IN_BASE64: "sed 's,client-[a-z]*-data\"*: *\"*[A-Za-z0-9+/=]*,,g' {path}"
    " | grep -o 'LS0tLS1CRUdJTi[A-Za-z0-9+/=]*' | while read -r x; do"
    f' echo "$x" | base64 -d; done | {_ALONE}',
    forms.WITH_KEY: "sed -n '/BEGIN CERT/,/END CERT/p' {path} > {to}",
    forms.GZIP: f"gunzip -c < {{path}} | {_ALONE}",
    "gzip-der": "gunzip -c < {path} | openssl x509 -inform der -out {to}",
    forms.TRUSTED: _THROUGH_PKCS7,
    forms.LABEL: _THROUGH_PKCS7,
    forms.INSIDE: "sed 's/\\\\r//g;s/\\\\n/\\n/g' {path} | sed -n '/BEGIN CERTIFICATE/,/END CERTIFICATE/{{"
    "s/.*BEGIN CERTIFICATE.*/-----BEGIN CERTIFICATE-----/;s/.*END CERTIFICATE.*/-----END CERTIFICATE-----/;"
    "/CERTIFICATE/!s/[^A-Za-z0-9+/=]//g;p}}' > {to}",
}
# form → what sed does with each line
_LINES = {
    forms.MARKED: "\"s/$(printf '\\357\\273\\277')//g\"",
    forms.LINE_ENDS: "'s/\\r/\\n/g'",
    forms.ESCAPED: "'s/\\\\r//g;s/\\\\n/\\n/g'",
    forms.HEADERS: "'/^[A-Za-z0-9-]*: /d'",
    forms.GLUED: "'s/----------/-----\\n-----/g'",
    forms.INDENTED: "'s/^[ \\t]*//;s/[ \\t\\r]*$//'",
    forms.QUOTED: '"s/[\\"\']//g"',
    forms.JOINED: "'s/[ \\t][ \\t]*/\\n/g;s/BEGIN\\nCERT/BEGIN CERT/g;s/END\\nCERT/END CERT/g'",
    forms.PRINTABLE: "-e ':a' -e '/=\\r*$/{{N' -e 's/=\\r*\\n//' -e 'ba' -e '}}'"
    " -e 's/=2[Bb]/+/g;s/=2[Ff]/\\//g;s/=3[Dd]/=/g;s/=20/ /g;s/=2[Dd]/-/g'",
    forms.HTML: "'s/<[^>]*>/\\n/g;s/&#43;\\|&#[xX]2[bB];\\|&plus;/+/g;s/&#47;\\|&#[xX]2[fF];\\|&sol;/\\//g;"
    "s/&#61;\\|&#[xX]3[dD];\\|&equals;/=/g;s/&#1[03];\\|&#[xX]0*[aAdD];/\\n/g;s/&#32;\\|&nbsp;/ /g'",
    forms.PERCENT: "'s/%0[dD]//g;s/%0[aA]/\\n/g;s/%20/ /g;s/%2[bB]/+/g;s/%2[fF]/\\//g;s/%3[dD]/=/g'",
}
_WANTED_AS_IT_IS = (forms.PKCS12, forms.JKS, forms.TRUSTED, forms.INSIDE, forms.IN_BASE64, forms.WITH_KEY)
_AROUND_TEXT = (forms.UTF16, forms.BASE64, forms.GZIP)
_UNKNOWN_PASSWORD = "PASSWORD"  # noqa: S105 - whoever made the keystore has it
_OF_THE_SHELL = ("while", "read", "do", "done", "echo", "{", "}")


def of(target: Target, path: str, found: FoundForm) -> tuple[Remedy, ...]:
    """What makes Go read the certificates of *path*, which it tries: where they lie, if nothing is lost."""
    if path == target.env.get(trust.FILE_VARIABLE) and not (is_text(found) and not is_wanted(found)):
        to = beside(target, path)
        converted = to_file(target, path, to, found)
        if places.in_image(target, path):
            return (remedy(converted, actions.set_env(trust.FILE_VARIABLE, to)),)
        return tuple(remedy(converted, *way.actions) for way in _brought(target, path, to))
    if not is_wanted(found):
        return (remedy(in_place(target, path, found)),)
    anew = remedy(to_file(target, path, beside(target, path), found))  # Go reads what is beside it, too
    kept = file_actions.aside(target, path)
    instead = remedy(file_actions.move(path, kept), to_file(target, kept, path, found))
    if path in trust.FILES:
        return (instead,)
    return (anew, instead) if path.rpartition("/")[0] in trust.DIRECTORIES else (anew,)


def without_key(target: Target, path: str) -> tuple[Remedy, ...]:
    """
    What lets everybody read the certificates of *path* and not the private key in it.

    None where there is no key, or a volume brings the file.
    """
    found = beside_key(target, path) if places.in_image(target, path) else None
    return of(target, path, found) if found else ()


def beside_key(target: Target, path: str) -> FoundForm | None:
    """The certificates of *path*, as PEM that Go reads, where a private key lies there too."""
    try:
        return forms.apart(read(as_root(target), path, forms.LIMIT))
    except (OSError, NotRegular, TooLarge):
        return None


def is_wanted(found: FoundForm) -> bool:
    """Whether somebody may want the file as it is, or what else is in it."""
    more = found.more and forms.with_the_rest(found.form, b"") is None
    kept = is_text(found) or found.variant == forms.PKCS7 or found.form in _AROUND_TEXT
    return found.form in _WANTED_AS_IT_IS or (more and kept)


def in_place(target: Target, path: str, found: FoundForm) -> Action:
    """The PEM in the place of the file, which stays as it is where a command fails."""
    if line := _LINES.get(found.form):
        return _action(target, f"sed -i {line} {{path}}", path, path, found)
    if found.form == forms.LABEL:
        return _action(target, _COMMANDS[found.variant], path, path, found)
    made = places.unused(target, f"{path}.pem")
    command = _command(found).replace("{to}", quoting.word(made))
    return _action(target, f"{command} && mv {quoting.word(made)} {{path}}", path, path, found)


def to_file(target: Target, path: str, to: str, found: FoundForm) -> Action:
    """The PEM in another file; the one that was there stays."""
    return _action(target, _command(found), path, to, found)


def beside(target: Target, path: str, ending: str = ".pem") -> str:
    """A name that is free for the PEM of *path*, in its directory."""
    directory, _, name = path.rpartition("/")
    return places.unused(target, f"{directory}/{name.rpartition('.')[0] or name}{ending}")


def _brought(target: Target, path: str, to: str) -> tuple[Remedy, ...]:
    """A new file in the place of the one that a volume brings."""
    name, made = path.rpartition("/")[2], to.rpartition("/")[2]
    from_file = quoting.word(f"--from-file={name}={made}")
    bound = quoting.word(f"./{made}:{path}:ro")
    return places.fitting(
        target,
        actions.start(f"docker run --volume {bound} IMAGE"),
        actions.start(f"kubectl create configmap NAME {from_file}"),
    )


def is_text(found: FoundForm) -> bool:
    """Whether it stays the text that it is, but for some signs."""
    return found.form in _LINES or found.form == forms.LABEL


def _command(found: FoundForm) -> str:
    """The command that writes to {to}."""
    if len(found.sizes) > 1:
        return _each(found)
    line = _LINES.get(found.form)
    to = f"| {_ALONE}" if found.more else "> {to}"
    return f"sed {line} {{path}} {to}" if line else _COMMANDS[found.variant]


def _each(found: FoundForm) -> str:
    """openssl takes one certificate in DER at a time: each by its place in the file, or in what it codes."""
    at, parts = 1, []
    decode = {forms.BASE64: "base64 -d {path} | ", forms.GZIP: "gunzip -c < {path} | "}.get(found.form, "")
    source = "" if decode else " {path}"
    for size in found.sizes:
        parts.append(f"{decode}tail -c +{at}{source} | head -c {size} | openssl x509 -inform der")
        at += size
    return f"{{{{ {' && '.join(parts)}; }}}} > {{to}}"


def _action(target: Target, command: str, path: str, to: str, found: FoundForm) -> Action:
    free = quoting.word(places.unused(target, f"{path}.p7b"))
    password = found.password if found.certificates else _UNKNOWN_PASSWORD
    names = {"path": quoting.word(path), "to": quoting.word(to), "p7b": free, "password": password}
    line = command.format(**names)
    needs = [name for name in dict.fromkeys(audience.programs(line)) if name not in _OF_THE_SHELL]
    values = {"path": path, "each": len(found.sizes) > 1} | ({"to": to} if to != path else {})
    return actions.run(line, f"convert:{found.form}", needs=needs, **values)
