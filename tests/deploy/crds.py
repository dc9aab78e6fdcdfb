"""
The kinds of the two admission controllers as JSON schemas: field names and types, of what a recipe may use.

Written after the definitions: kyverno/kyverno:config/crds/policies.kyverno.io (imagevalidatingpolicies) and
sigstore/policy-controller:config/300-clusterimagepolicy.yaml. All objects are closed, as for `kubectl create`
with strict validation of fields. Kyverno's definitions come in a package too, which the tests ask; there
objects are open, so that it takes a misspelt field. For the policy-controller there is none.
"""

from typing import Any

TEXT = {"type": "string", "minLength": 1}
FLAG = {"type": "boolean"}


def of(needed: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(needed),
        "additionalProperties": False,
    }


def many(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": 1}


def kind(api: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    metadata = of(("name",), name=TEXT)
    head = {"apiVersion": {"const": api}, "kind": {"const": name}}
    return of(("apiVersion", "kind", "metadata", "spec"), **head, metadata=metadata, spec=spec)


IDENTITIES = many(of(issuer=TEXT, issuerRegExp=TEXT, subject=TEXT, subjectRegExp=TEXT))
RULE = of(
    ("apiGroups", "apiVersions", "operations", "resources"),
    apiGroups={"type": "array", "items": {"type": "string"}},
    apiVersions=many(TEXT),
    operations=many({"enum": ["CREATE", "UPDATE", "DELETE", "CONNECT", "*"]}),
    resources=many(TEXT),
    scope=TEXT,
)
COSIGN = of(
    annotations={"type": "object"},
    ctlog=of(url=TEXT, rekorPubKey=TEXT, ctLogPubKey=TEXT, tsaCertChain=TEXT, insecureIgnoreTlog=FLAG),
    key=of(data=TEXT, kms=TEXT, hashAlgorithm=TEXT, secretRef=of(name=TEXT, namespace=TEXT)),
    keyless=of(("identities",), identities=IDENTITIES, roots=TEXT),
    source=of(repository=TEXT, tagPrefix=TEXT),
)
KYVERNO = kind(
    "policies.kyverno.io/v1",
    "ImageValidatingPolicy",
    of(
        ("attestors", "validations"),
        attestors=many(of(("name",), name=TEXT, cosign=COSIGN)),
        evaluation=of(admission=of(enabled=FLAG), background=of(enabled=FLAG), mode=TEXT),
        failurePolicy={"enum": ["Fail", "Ignore"]},
        matchConstraints=of(resourceRules=many(RULE), namespaceSelector={"type": "object"}),
        matchImageReferences=many(of(glob=TEXT, expression=TEXT)),
        validationActions=many({"enum": ["Deny", "Audit", "Warn"]}),
        validationConfigurations=of(mutateDigest=FLAG, required=FLAG, verifyDigest=FLAG),
        validations=many(of(("expression",), expression=TEXT, message=TEXT, messageExpression=TEXT)),
        webhookConfiguration=of(timeoutSeconds={"type": "integer", "minimum": 1, "maximum": 30}),
    ),
)
POLICY_CONTROLLER = kind(
    "policy.sigstore.dev/v1beta1",
    "ClusterImagePolicy",
    of(
        ("images",),
        authorities=many(
            of(
                name=TEXT,
                ctlog=of(url=TEXT, trustRootRef=TEXT),
                key=of(data=TEXT, kms=TEXT, hashAlgorithm=TEXT, secretRef=of(name=TEXT, namespace=TEXT)),
                keyless=of(url=TEXT, identities=IDENTITIES, insecureIgnoreSCT=FLAG, trustRootRef=TEXT),
            )
        ),
        images=many(of(("glob",), glob=TEXT)),
        match=many(of(group=TEXT, version=TEXT, resource=TEXT)),
        mode={"enum": ["enforce", "warn"]},
    ),
)
