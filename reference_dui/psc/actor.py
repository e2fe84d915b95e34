"""The actor token: what the product says of itself beside the person's token, signed with the structure's certificate.

Members as the draft of the volet gives them (« Nouveaux services cibles », v1.2.0): ``lps_nom``, ``lps_id``, ``lps_version``.
"""

from __future__ import annotations

import base64
import json
import time

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from joserfc import jwt
from joserfc.jwk import RSAKey

from .. import facts
from ..dmp.link import Link
from ..sins import Sins

# Seconds that the token is good for.
LIFE = 60
ALGORITHM = "RS256"


def token(link: Link, name: str, version: str, sins: Sins) -> str:
    """The actor token of one exchange."""
    claims = {
        "iss": link.exchange["client_id"],
        "sub": link.structure,
        "exp": int(time.time()) + LIFE,
        "lps_nom": name,
        "lps_id": facts.REFERENCE,
        "lps_version": version,
    }
    if sins.has("signs-with-a-short-key"):
        return _short(claims)
    der = x509.load_pem_x509_certificate(link.signing_certificate_pem.encode()).public_bytes(Encoding.DER)
    header = {"alg": ALGORITHM, "typ": "JWT", "x5c": [base64.b64encode(der).decode()]}
    return jwt.encode(header, claims, RSAKey.import_key(link.signing_key_pem))


def _short(claims: dict[str, object]) -> str:
    """Signed by hand with a key that a sound library refuses, which the header publishes."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - the defect is the point
    numbers = key.public_key().public_numbers()
    public = {"kty": "RSA", "n": _part(numbers.n.to_bytes(128)), "e": _part(numbers.e.to_bytes(3))}
    signed = f"{_json({'alg': ALGORITHM, 'typ': 'JWT', 'jwk': public})}.{_json(claims)}"
    return f"{signed}.{_part(key.sign(signed.encode(), padding.PKCS1v15(), SHA256()))}"


def _json(value: object) -> str:
    return _part(json.dumps(value).encode())


def _part(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
