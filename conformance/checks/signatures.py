"""The cryptography of the signatures that a product makes, beside what the RGS allows."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.checks.subjects.signatures import ProducedSignature
from conformance.core.check import check
from conformance.core.finding import Finding, error

RGS = "RGS v2.0, annexe B1 v2.03 du 21/02/2014, §2.2.1, §2.2.3 et §2.3 (SSI/GEN.13)"
# RègleFact-1: 2048 bits until 2030. RègleECp-2: 256 bits since 2020.
LEAST = {"RSA": 2048, "EC": 256}
# RègleHash-2 and RègleHash-3: digests of 256 bits at least, hence no SHA-1 and no MD5. XMLDSig 1.1 §6 and RFC 9231 give the names.
XML = re.compile(
    r"http://www\.w3\.org/(2001/04/xmlenc#sha(256|512)|2001/04/xmldsig-more#sha384"
    r"|2001/04/xmldsig-more#(rsa|ecdsa)-sha(256|384|512)|2007/05/xmldsig-more#(sha(256|384|512)-rsa-MGF1|sha3-(256|384|512)))"
)
# RFC 7518 §3.1; RFC 8037 §3.1.
JWT = re.compile(r"(RS|PS|ES|HS)(256|384|512)|EdDSA|Ed25519|Ed448")


@check("signatures.algorithms", source=RGS, alone=False)
def signatures_use_allowed_algorithms_and_keys(signature: ProducedSignature) -> Iterator[Finding]:
    """Every signature that the product makes, SAML, XAdES or JWT, uses a digest, an algorithm and a key that the RGS allows.

    Pass: SHA-2 or SHA-3 of 256 bits at least, RSA of 2048 bits at least or a curve of 256.
    Fail: SHA-1, MD5, an algorithm that is none of these, or a shorter key.
    """
    allowed = JWT if signature.form == "JWT" else XML
    for algorithm in signature.algorithms:
        if not allowed.fullmatch(algorithm):
            yield error("signatures.algorithms.weak", expected="SHA-256", got=algorithm or "-", form=signature.form)
    least = LEAST.get(signature.key, 0)
    if signature.bits < least:
        yield error(
            "signatures.algorithms.short",
            expected=f"{signature.key} {least}",
            got=f"{signature.key} {signature.bits}",
            form=signature.form,
        )
