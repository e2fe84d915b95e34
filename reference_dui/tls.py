"""TLS towards the operator: version 1.2 with the four ECDHE-RSA suites, chain and name verified."""

from __future__ import annotations

import os
import ssl
import tempfile
import warnings
from pathlib import Path

from .sins import Sins

# The suites that MSSanté wave 1 allows and wave 2 keeps (MSS/va1.10, MSS/CONF.03; wire.md §1.1): 0xC030, 0xC02F,
# 0xC028, 0xC027. TLS 1.2 only satisfies both waves (MSS/va1.31, MSS/CONF.01).
SUITES = (
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES256-SHA384",
    "ECDHE-RSA-AES128-SHA256",
)

# X509_V_FLAG_NO_CHECK_TIME (openssl/x509_vfy.h), which the ssl module does not name: for the defect that ignores dates.
NO_CHECK_TIME = ssl.VerifyFlags(0x200000)


def strict_context(ca_pem: str, certificate_pem: str = "", key_pem: str = "") -> ssl.SSLContext:
    """A client context that trusts one authority; with a certificate, it answers a request for one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(":".join(SUITES))
    context.load_verify_locations(cadata=ca_pem)
    if certificate_pem:
        _load_certificate(context, certificate_pem, key_pem)
    return context


def mail_context(
    sins: Sins, ca_pem: str, certificate_pem: str = "", key_pem: str = "", *, newer: bool = False
) -> ssl.SSLContext:
    """The context of SMTP and IMAP, as the defects in force leave it; ``newer`` speaks TLS 1.3 instead of 1.2."""
    context = strict_context(ca_pem, certificate_pem, key_pem)
    if newer:
        context.maximum_version = context.minimum_version = ssl.TLSVersion.TLSv1_3
    elif sins.has("negotiates-rsa-key-exchange"):
        context.set_ciphers("AES256-GCM-SHA384:AES128-GCM-SHA256:@SECLEVEL=0")
    elif sins.has("speaks-tls-1-1"):
        _downgrade(context)
    elif sins.has("accepts-an-older-tls"):
        _lower(context)
    elif sins.has("accepts-another-suite"):
        context.set_ciphers(":".join((*SUITES, "AES256-GCM-SHA384")))
    elif sins.has("accepts-a-short-group"):
        context.set_ciphers(":".join((*SUITES, "DHE-RSA-AES256-GCM-SHA384", "@SECLEVEL=0")))
    elif sins.has("accepts-expired-certificates"):
        context.verify_flags |= NO_CHECK_TIME
    elif sins.has("accepts-any-server-name"):
        context.check_hostname = False
    elif sins.has("accepts-any-authority"):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def wants_newer(refusal: Exception, sins: Sins) -> bool:
    """Whether a server refused TLS 1.2 for being too old (RFC 5246 §7.2.2): TLS 1.3 is then spoken (MSS/CONF.02)."""
    too_old = isinstance(refusal, ssl.SSLError) and refusal.reason == "TLSV1_ALERT_PROTOCOL_VERSION"
    return too_old and not sins.has("stops-at-tls-1-2")


def web_context(sins: Sins, ca_pem: str, host: str) -> ssl.SSLContext:
    """The context of a host of the web, ``configuration`` or ``provider``, as the defects in force leave it."""
    context = strict_context(ca_pem)
    if sins.has("offers-an-old-suite-on-the-web"):
        context.set_ciphers(":".join((*SUITES, "AES256-SHA")))
    careless = (
        sins.has("accepts-any-configuration-host")
        if host == "configuration"
        else sins.has("accepts-any-identity-provider")
    )
    if sins.has("ignores-dates-on-the-web"):
        context.verify_flags |= NO_CHECK_TIME
    elif sins.has("accepts-any-name-on-the-web"):
        context.check_hostname = False
    elif careless:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _lower(context: ssl.SSLContext) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # as below
        context.minimum_version = ssl.TLSVersion.TLSv1_1
    # A suite that the servers of other weak suites do not have, so that only the version is at fault.
    context.set_ciphers(":".join((*SUITES, "DHE-RSA-AES256-SHA", "@SECLEVEL=0")))


def _downgrade(context: ssl.SSLContext) -> None:
    with warnings.catch_warnings():
        # The ssl module rightly deprecates the version that this defect needs.
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1_1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    # OpenSSL 3 speaks TLS 1.1 at security level 0 only (its SHA-1 signatures are below level 1).
    context.set_ciphers("ECDHE-RSA-AES256-SHA:ECDHE-RSA-AES128-SHA:@SECLEVEL=0")


def _load_certificate(context: ssl.SSLContext, certificate_pem: str, key_pem: str) -> None:
    # The ssl module loads a key from a file only: a private one, for the time of the call.
    handle, name = tempfile.mkstemp(suffix=".pem")
    try:
        with os.fdopen(handle, "w", encoding="ascii") as out:
            out.write(key_pem.strip() + "\n" + certificate_pem.strip() + "\n")
        context.load_cert_chain(name)
    finally:
        Path(name).unlink()
