"""The test PKI of a machine: made once in a private folder, reused, never shipped.

::

    pki/                 mode 0700
      root.pem           the trust anchor to give to the product
      root-key.pem       mode 0600, encrypted when CONFORMANCE_PKI_PASSPHRASE is set
      dh.pem             the group of finite-field Diffie-Hellman
      leaves/<id>.pem    certificate and key of servers and clients, mode 0600
"""

from __future__ import annotations

import atexit
import fcntl
import hashlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from conformance.core.errors import SetupError
from conformance.core.home import home_folder
from conformance.services import certificates
from conformance.services.certificates import Authority, Identity
from conformance.services.ffdhe import ffdhe2048_pem, oakley1024_pem

PASSPHRASE = "CONFORMANCE_PKI_PASSPHRASE"  # noqa: S105 - the name of a variable
# Every server certificate also covers the ways to name this machine.
LOOPBACK = ("localhost", "127.0.0.1")
# A kept certificate must outlive a long campaign.
MARGIN = timedelta(days=2)
_MARKER = "-----BEGIN PRIVATE KEY-----"


class Pki:
    """The root of this machine and the leaves it issued."""

    def __init__(self, folder: Path, authority: Authority) -> None:
        self.folder = folder
        self.authority = authority

    @classmethod
    def open(cls, folder: Path | None = None, *, permitted: Sequence[str] = ()) -> Self:
        """Open the PKI of ``folder`` (default: ``pki`` of the state folder), making it at first.

        ``permitted`` adds DNS names or networks to the root's constraints; a root that was made without them, or a
        wrong passphrase, is a :class:`SetupError`. A root near its end is made anew.
        """
        folder = folder or home_folder() / "pki"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        with _locked(folder):
            authority = _load_root(folder) or _make_root(folder, permitted)
        _check_permitted(authority.certificate, permitted, folder)
        return cls(folder, authority)

    @cached_property
    def ca_pem(self) -> str:
        """The trust anchor, PEM text."""
        return certificates.pem(self.authority.certificate)

    @property
    def ca_file(self) -> Path:
        """The trust anchor as a file."""
        return self.folder / "root.pem"

    def server(self, names: Sequence[str]) -> Identity:
        """A server certificate for these names, ``localhost`` and ``127.0.0.1``; kept and reused."""
        return _read_leaf(self.server_file(names))

    def server_file(self, names: Sequence[str]) -> Path:
        """As :meth:`server`, as one PEM file that holds certificate and key."""
        every = list(dict.fromkeys((*names, *LOOPBACK)))
        subject = certificates.server_subject(every[0])
        usage = certificates.SERVER_USAGE
        return self._kept(("server", *every), lambda: self.authority.sign(subject, usage=usage, names=every))

    def client(self, common_name: str, ou: str) -> Identity:
        """A client certificate in the manner of ORG AUTH_CLI, of a fictitious structure; kept and reused.

        ``ou`` is the structure's national id with its prefix (``1`` + FINESS).
        """
        subject = certificates.organisation(common_name, ou)
        usage = certificates.CLIENT_USAGE
        return _read_leaf(self._kept(("client", common_name, ou), lambda: self.authority.sign(subject, usage=usage)))

    def signer(self, common_name: str, ou: str) -> Identity:
        """A signing certificate in the manner of ORG SIGN, of a fictitious structure; kept and reused."""
        subject = certificates.organisation(common_name, ou)
        usage = certificates.SIGNATURE_USAGE
        return _read_leaf(self._kept(("signer", common_name, ou), lambda: self.authority.sign(subject, usage=usage)))

    def issue(
        self,
        subject: x509.Name,
        *,
        usage: x509.ObjectIdentifier,
        names: Sequence[str] = (),
        not_before: datetime | None = None,
        life: timedelta = certificates.LEAF_LIFE,
    ) -> Identity:
        """A leaf that is not kept, for the bad ones: really expired, really short, of a name out of constraints."""
        return self.authority.sign(subject, usage=usage, names=names, not_before=not_before, life=life)

    @cached_property
    def shared_key(self) -> rsa.RSAPrivateKey:
        """One key for the servers of this process whose certificates are made anew each time: keys are slow to make."""
        return certificates.new_key()

    def stranger(self) -> Authority:
        """Another root, that nobody trusts."""
        return certificates.make_root()

    @cached_property
    def unknown_authority(self) -> Authority:
        """The root that signs for servers of an unknown authority."""
        return self.stranger()

    @cached_property
    def commercial_authority(self) -> Authority:
        """The root that plays a usual commercial authority; its certificate is ``commercial.pem``.

        A person may have the product trust it for the web: a mail operator must be refused with it all the same.
        """
        authority = certificates.make_root(name="AC COMMERCIALE SIMULEE")
        _write(self.folder / "commercial.pem", certificates.pem(authority.certificate))
        return authority

    def keep_for_now(self, name: str, identity: Identity) -> Path:
        """A certificate and its key as one PEM file, gone when this process ends."""
        path = self._scratch / f"{name}.pem"
        _write(path, "".join(identity))
        return path

    @cached_property
    def _scratch(self) -> Path:
        folder = Path(tempfile.mkdtemp(prefix="conformance-pki-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        return folder

    @cached_property
    def short_dh_file(self) -> Path:
        """A Diffie-Hellman group under the 2048 bits that MSSanté asks for, as a PEM file."""
        path = self.folder / "dh-1024.pem"
        if not path.exists():
            _write(path, oakley1024_pem())
        return path

    @cached_property
    def dh_file(self) -> Path:
        """The Diffie-Hellman group as a PEM file."""
        path = self.folder / "dh.pem"
        if not path.exists():
            _write(path, ffdhe2048_pem())
        return path

    def _kept(self, key: tuple[str, ...], make: Callable[[], Identity]) -> Path:
        root = certificates.pem(self.authority.certificate)
        name = hashlib.sha256("\n".join((root, *key)).encode()).hexdigest()[:24]
        path = self.folder / "leaves" / f"{name}.pem"
        with _locked(self.folder):
            if not _lasting(path):
                path.parent.mkdir(mode=0o700, exist_ok=True)
                _write(path, "".join(make()))
        return path


def _load_root(folder: Path) -> Authority | None:
    try:
        certificate = x509.load_pem_x509_certificate((folder / "root.pem").read_bytes())
        protected = (folder / "root-key.pem").read_bytes()
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as exc:
        raise SetupError("services.pki.unreadable", path=str(folder), reason=str(exc)) from exc
    if certificate.not_valid_after_utc < datetime.now(UTC) + certificates.LEAF_LIFE:
        return None
    passphrase = os.environ.get(PASSPHRASE, "")
    encrypted = b"ENCRYPTED" in protected
    try:
        key = serialization.load_pem_private_key(protected, passphrase.encode() if encrypted else None)
    except (TypeError, ValueError) as exc:
        raise SetupError("services.pki.locked", path=str(folder), variable=PASSPHRASE) from exc
    if not isinstance(key, rsa.RSAPrivateKey):
        raise SetupError("services.pki.unreadable", path=str(folder), reason=type(key).__name__)
    return Authority(certificate, key)


def _make_root(folder: Path, permitted: Sequence[str]) -> Authority:
    authority = certificates.make_root(permitted)
    _write(folder / "root-key.pem", certificates.pem_key(authority.key, os.environ.get(PASSPHRASE, "")))
    _write(folder / "root.pem", certificates.pem(authority.certificate))
    return authority


def _check_permitted(root: x509.Certificate, permitted: Sequence[str], folder: Path) -> None:
    constraints = root.extensions.get_extension_for_class(x509.NameConstraints).value
    held = {str(tree.value) for tree in constraints.permitted_subtrees or ()}
    if missing := [name for name in permitted if name.lstrip(".") not in held]:
        raise SetupError("services.pki.not-permitted", names=", ".join(missing), path=str(folder))


def _lasting(path: Path) -> bool:
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError):
        return False
    return certificate.not_valid_after_utc > datetime.now(UTC) + MARGIN


def _read_leaf(path: Path) -> Identity:
    certificate, marker, key = path.read_text(encoding="ascii").partition(_MARKER)
    return Identity(certificate, marker + key)


def _write(path: Path, content: str) -> None:
    """Whole or not at all, readable by its owner only."""
    scratch = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as out:
        out.write(content)
    scratch.replace(path)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One process at a time makes a root or a leaf; the lock ends with the process that holds it."""
    with (folder / "lock").open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
