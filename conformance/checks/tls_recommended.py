"""The cryptography that the product offers in TLS, wherever it connects, beside what ANSSI recommends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from conformance.checks.subjects.tls import SIGNALLING, AnyOffer, is_grease, is_tls13, suite_label
from conformance.core.check import check
from conformance.core.finding import Finding, error, warning
from conformance.core.words import Basis

GUIDE = "ANSSI, Recommandations de sécurité relatives à TLS, v1.2 du 26/03/2020 (SSI/GEN.13)"
VERSIONS = frozenset({"TLSv1.2", "TLSv1.3"})
# Ephemeral exchange, AES, ChaCha20, Camellia or ARIA, in GCM or CCM, or in CBC with HMAC-SHA-2 (numbers: IANA, TLS
# Cipher Suites).
SUITES = frozenset(
    {
        *(0xC02B, 0xC02C, 0xC023, 0xC024, 0xC0AC, 0xC0AD, 0xC0AE, 0xC0AF, 0xCCA9),  # ECDHE_ECDSA, AES and ChaCha20
        *(0xC02F, 0xC030, 0xC027, 0xC028, 0xCCA8),  # ECDHE_RSA
        *(0x009E, 0x009F, 0x0067, 0x006B, 0xCCAA, 0xC09E, 0xC09F, 0xC0A2, 0xC0A3),  # DHE_RSA
        *(0xC086, 0xC087, 0xC08A, 0xC08B, 0xC07C, 0xC07D, 0xC072, 0xC073, 0xC076, 0xC077),  # Camellia
        *(0xC05C, 0xC05D, 0xC060, 0xC061, 0xC052, 0xC053),  # ARIA
    }
)
# Curves under 256 bits, binary curves and secp256k1 come before secp256r1 (IANA, TLS Supported Groups).
FIRST_GOOD_GROUP = 0x0017
# RFC 5246 §7.4.1.4.1: the first byte of a signature scheme names the hash, the second the signature.
MD5, SHA1, SHA224, DSA = 1, 2, 3, 2


@check("tls.recommended-offer", source=GUIDE, basis=Basis.GUIDE, alone=False)
def only_recommended_cryptography_is_offered(offer: AnyOffer) -> Iterator[Finding]:
    """Every ClientHello offers versions, suites, groups and signatures that ANSSI recommends, and nothing weak besides.

    GREASE and signalling values are not counted. SHA-224 and DSA, which libraries still announce by habit, are told.
    Pass: TLS 1.2 or 1.3, suites of the guide, groups of 256 bits at least, no MD5 nor SHA-1 signature.
    Fail: anything weaker is offered, even if it would not be agreed to.
    """
    service = offer.service
    if older := [v for v in offer.versions if v not in VERSIONS]:
        yield error(
            "tls.recommended-offer.versions",
            expected=", ".join(sorted(VERSIONS)),
            got=", ".join(older),
            service=service,
        )
    known = SIGNALLING | SUITES
    if weak := [s for s in offer.suites if s not in known and not is_grease(s) and not is_tls13(s)]:
        yield error(
            "tls.recommended-offer.suites", expected=_labels(sorted(SUITES)), got=_labels(weak), service=service
        )
    if small := [g for g in offer.groups if 0 < g < FIRST_GOOD_GROUP]:
        yield error("tls.recommended-offer.groups", expected="≥ 256", got=_labels(small), service=service)
    if broken := [s for s in offer.signatures if s >> 8 in (MD5, SHA1)]:
        yield error(
            "tls.recommended-offer.signatures",
            expected="SHA-256, SHA-384, SHA-512",
            got=_labels(broken),
            service=service,
        )
    if habit := [s for s in offer.signatures if s >> 8 == SHA224 or (3 < s >> 8 < 7 and s & 0xFF == DSA)]:
        yield warning("tls.recommended-offer.habit", expected="-", got=_labels(habit), service=service)


def _labels(numbers: Iterable[int]) -> str:
    return ", ".join(suite_label(number) for number in numbers)
