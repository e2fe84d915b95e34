"""The configuration of one Dovecot: an account that is not root, a folder of its own, no port at all.

Settings: doc.dovecot.org/2.3, "Core settings", "Password databases: OAuth2", "Submission server".
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from conformance.services.mssante.limits import Limits

# Above the operator's own limit, which answers first: what is refused must be refused the same way on both backends.
MARGIN = 1024 * 1024
CONNECTIONS = 1000
CAPABILITIES = (
    "IMAP4rev1 SASL-IR LITERAL+ ID ENABLE IDLE SORT THREAD=REFERENCES UNSELECT CHILDREN NAMESPACE UIDPLUS LIST-EXTENDED"
    " CONDSTORE ESEARCH WITHIN LIST-STATUS MOVE"
)


@dataclass(frozen=True, slots=True)
class Place:
    """The folder of one Dovecot."""

    folder: Path

    @property
    def config(self) -> Path:
        """The main configuration."""
        return self.folder / "dovecot.conf"

    @property
    def tokens(self) -> Path:
        """How tokens are verified."""
        return self.folder / "oauth2.conf"

    @property
    def keys(self) -> Path:
        """Public keys of tokens: ``<client>/<algorithm>/<key id>``."""
        return self.folder / "keys"

    @property
    def log(self) -> Path:
        """What Dovecot says."""
        return self.folder / "log"

    @property
    def mail(self) -> Path:
        """The boxes: ``<domain>/<name>``, as Maildir."""
        return self.folder / "mail"

    def socket(self, name: str) -> Path:
        """A Unix socket: ``imap-in``, ``submission-in`` or ``lmtp-in``."""
        return self.folder / "run" / name


@dataclass(frozen=True, slots=True)
class Account:
    """Who Dovecot runs as; never root."""

    user: str
    group: str
    uid: int
    gid: int


def configuration(place: Place, account: Account, *, password: str, relay_port: int, limits: Limits) -> str:
    """The text of ``dovecot.conf``; ``password`` opens any box by PLAIN, and the door where submitted mail goes."""
    mail = f"{place.mail}/%d/%n"
    return f"""
base_dir = {place.folder}/run
state_dir = {place.folder}/run
log_path = {place.log}
protocols = imap lmtp submission
listen = 127.0.0.1
# The doors of the operator end TLS; nothing but Unix sockets, readable by this account alone, is open here.
ssl = no
disable_plaintext_auth = no
default_internal_user = {account.user}
default_internal_group = {account.group}
default_login_user = {account.user}
first_valid_uid = {account.uid}
first_valid_gid = {account.gid}
default_client_limit = {CONNECTIONS}
mail_location = maildir:{mail}
mail_max_userip_connections = {limits.connections}
mail_fsync = never
auth_mechanisms = xoauth2 plain
auth_failure_delay = 0
auth_username_chars = abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ01234567890.-_@!$&'*+/=?^`{{|}}~
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {place.tokens}
}}
passdb {{
  driver = static
  mechanisms = plain
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={account.uid} gid={account.gid} home={mail} allow_all_users=yes
}}
hostname = mail.mssante.test
submission_max_recipients = {limits.recipients}
submission_max_mail_size = {limits.message + MARGIN}
submission_relay_host = 127.0.0.1
submission_relay_port = {relay_port}
submission_relay_trusted = no
submission_relay_ssl = no
submission_relay_user = dovecot
submission_relay_password = {password}
# What the door can follow: neither references to other messages, nor news outside of commands.
imap_capability = {CAPABILITIES}
service imap-login {{
  chroot =
  service_count = 0
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = 0
  }}
  unix_listener imap-in {{
    mode = 0600
  }}
}}
service submission-login {{
  chroot =
  service_count = 0
  inet_listener submission {{
    port = 0
  }}
  unix_listener submission-in {{
    mode = 0600
  }}
}}
service imap {{
  service_count = 100
  process_min_avail = 1
}}
service auth {{
  client_limit = {2 * CONNECTIONS}
}}
service lmtp {{
  unix_listener lmtp-in {{
    mode = 0600
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""


def token_configuration(place: Place) -> str:
    """The text of ``oauth2.conf``: tokens are verified by Dovecot itself, against the key of their client.

    A token of Pro Santé Connect names a person, not a box: who may open which box is the gate's to say, so that both
    sides of Dovecot's comparison of names are made the same word.
    """
    return f"""
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={place.keys}/
username_attribute = SubjectNameID
username_format = box
"""
