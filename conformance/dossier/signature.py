"""Who vouches for a dossier: the detached CMS signature of its manifest, ``signature.p7s`` (RFC 5652)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from conformance.core.errors import UsageError
from conformance.core.texts import Language, say
from conformance.dossier.cms import BadSignature, verified_signer

State = Literal["absent", "untrusted", "trusted"]


@dataclass(frozen=True, slots=True)
class Signature:
    """What the signature says: absent, present without our trust (``reason`` is a catalogue key), or trusted."""

    state: State
    signer: str | None = None
    reason: str | None = None

    def told(self, lang: Language | None = None) -> str:
        """The same for a person."""
        if self.state == "absent":
            return f"{say('verify.unsigned', lang)}\n  {say('verify.unsigned.fix', lang)}"
        if self.state == "trusted":
            return say("verify.trusted", lang, signer=self.signer)
        return say("verify.untrusted", lang, signer=self.signer or "?", why=say(f"signature.{self.reason}", lang))


def load_authority(path: Path) -> x509.Certificate:
    """The certificate (PEM) of the authority that we trust for signers."""
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError) as exc:
        raise UsageError("dossier.bad-trust", path=str(path), reason=str(exc)) from exc


def check_signature(signature: bytes | None, manifest: bytes, authority: x509.Certificate | None) -> Signature:
    """What a signature over the manifest is worth under an authority.

    Trusted when the content is signed, and the signer's certificate is issued directly by the authority and was
    meant to sign. Its dates are not judged: nothing certain says when the dossier was sealed.
    """
    if signature is None:
        return Signature("absent")
    try:
        certificate = verified_signer(signature, manifest)
    except BadSignature:
        return Signature("untrusted", reason="bad")
    name = certificate.subject.rfc4514_string()
    if authority is None:
        return Signature("untrusted", name, "no-authority")
    if not _issued(certificate, authority):
        return Signature("untrusted", name, "other-authority")
    return Signature("trusted", name)


def _issued(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(authority)
        constraints = authority.extensions.get_extension_for_class(x509.BasicConstraints).value
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
    return constraints.ca and (usage.digital_signature or usage.content_commitment)
