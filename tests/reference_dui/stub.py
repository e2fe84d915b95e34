"""A network that is not one: what the product sends is kept, what it fetches is put here."""

import threading

from conformance._bundled.reference_dui.autoconfig import Server, Servers
from conformance._bundled.reference_dui.imap import Fetched

TOKEN = "essai-de-pilotage"
CA = "-----BEGIN CERTIFICATE-----\nfictif\n-----END CERTIFICATE-----"
PSC = {
    "issuer": "https://psc.test",
    "token_endpoint": "https://psc.test/token",
    "client_id": "dui",
    "client_secret": "secret-fictif",
    "refresh_token": "refresh-fictif",
}
SETTINGS = {
    "autoconfig_url": "https://autoconfig.test/mail/config-v1.1.xml",
    "ca_pem": CA,
    "psc": PSC,
    "patients_domain": "patient.test",
}
APP_SETTINGS = {**SETTINGS, "client_certificate_pem": "fictif", "client_key_pem": "fictif"}


class StubTransport:
    """Keeps messages; ``faults`` are raised by the next sendings, ``refused`` answered by them, ``gate`` holds them back while it is closed."""

    def __init__(self, sins):
        self.sins = sins
        self.sent = []
        self.waiting = []
        self.entrusted = {}
        self.tested = []
        self.faults = []
        self.refused = []
        self.refusal = None
        self.gate = threading.Event()
        self.gate.set()
        self.arrived = threading.Event()

    def discover(self, _box):
        return Servers(Server("127.0.0.1", 10587, "OAuth2"), Server("127.0.0.1", 10143, "OAuth2"))

    def entrust(self, address, refresh_token):
        self.entrusted[address] = refresh_token

    def test(self, box):
        if self.refusal:
            raise self.refusal
        self.tested.append(box.address)

    def send(self, box, recipients, content):
        self.arrived.set()
        assert self.gate.wait(10)
        if self.faults:
            raise self.faults.pop(0)
        self.sent.append((box.address, tuple(recipients), content))
        return self.refused.pop(0) if self.refused else {}

    def fetch(self, _box, known):
        return [Fetched(f"1:{n}", raw) for n, raw in enumerate(self.waiting, 1) if not known(f"1:{n}")]
