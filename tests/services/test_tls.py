from __future__ import annotations

import asyncio
import gc
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.evidence.journal import Journal, read_journal
from conformance.evidence.record import Record
from conformance.services.hello import ClientHello, server_choice
from conformance.services.pki import Pki
from conformance.services.tls import MSSANTE_SUITES, RecordingContext, TlsRecorder, handshake_of


def client_hello(context: ssl.SSLContext, name: str | None = "smtp.main.test") -> bytes:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    connection = context.wrap_bio(incoming, outgoing, server_hostname=name)
    with pytest.raises(ssl.SSLWantReadError):
        connection.do_handshake()
    return outgoing.read()[5:]  # less the record header


def trusting(pki: Pki) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=pki.ca_pem)
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


def shake(server: ssl.SSLContext, client: ssl.SSLContext, name: str = "smtp.main.test") -> tuple[ssl.SSLObject, ...]:
    """Both ends of a handshake through memory; raises what the client or the server raised first."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = (
        client.wrap_bio(to_client, to_server, server_hostname=name),
        server.wrap_bio(to_server, to_client, server_side=True),
    )
    error: ssl.SSLError | None = None
    for _ in range(6):
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLError as exc:
                error = error or exc
    if error:
        raise error
    return ends


@pytest.fixture
def serving(recorder: TlsRecorder) -> Callable[..., RecordingContext]:
    def make(**options: object) -> RecordingContext:
        names = ["smtp.main.test"]
        return recorder.context(service="mssante.smtp", lane="main", session="s1", names=names, **options)  # type: ignore[arg-type]

    return make


def records(journal: Journal) -> list[Record]:
    return list(read_journal(journal.folder))


def test_a_client_hello_is_read_in_the_order_of_the_offer() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("DHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384")
    hello = ClientHello.parse(client_hello(context))
    assert hello.versions == ("TLSv1.2",)
    assert hello.legacy_version == "TLSv1.2"
    assert [s for s in hello.suites if s != "0x00FF"] == ["0x009E", "0xC030"]
    assert hello.server_name == "smtp.main.test"
    assert "0x001D" in hello.groups
    assert "0x0804" in hello.signature_algorithms


def test_a_modern_offer_lists_its_versions_and_no_name_for_an_address() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    hello = ClientHello.parse(client_hello(context, "127.0.0.1"))
    assert hello.versions == ("TLSv1.3", "TLSv1.2")
    assert hello.legacy_version == "TLSv1.2"
    assert hello.server_name is None
    assert hello.suites[0].startswith("0x13")


def test_grease_is_not_part_of_the_offer() -> None:
    body = b"\x03\x03" + bytes(32) + b"\x00" + b"\x00\x04\x1a\x1a\xc0\x30" + b"\x01\x00"
    extension = b"\x00\x2b\x00\x05\x04\x2a\x2a\x03\x04"
    body += len(extension).to_bytes(2) + extension
    hello = ClientHello.parse(b"\x01" + len(body).to_bytes(3) + body)
    assert hello.suites == ("0xC030",)
    assert hello.versions == ("TLSv1.3",)


def test_a_hello_cut_anywhere_is_refused_not_misread() -> None:
    message = client_hello(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    for cut in range(0, len(message), 7):
        with pytest.raises(ValueError):
            ClientHello.parse(message[:cut])
    with pytest.raises(ValueError):
        server_choice(message)


def test_a_handshake_is_recorded_with_offer_and_outcome(
    serving: Callable[..., RecordingContext], journal: Journal, pki: Pki
) -> None:
    _, server = shake(serving(), trusting(pki))
    hello, done = records(journal)
    assert (hello.kind, done.kind) == ("tls.client-hello", "tls.handshake")
    assert {r.session for r in (hello, done)} == {"s1"}
    assert hello.service == "mssante.smtp"
    assert ClientHello.parse(journal.store.get(hello.blobs["hello"])).as_json() == hello.data
    assert done.data["outcome"] == "ok"
    assert done.data["version"] == server.version() == "TLSv1.3"
    assert done.data["suite"] == "0x1302"
    assert done.data["suite_name"] == "TLS_AES_256_GCM_SHA384"
    assert done.data["alert"] is None
    assert done.data["client_certificate"] is None


@pytest.mark.parametrize("suite", [*MSSANTE_SUITES, "AES128-SHA", "ECDHE-RSA-AES128-SHA", "NULL-SHA256"])
def test_allowed_and_weak_suites_are_agreed_under_tls_1_2(
    serving: Callable[..., RecordingContext], journal: Journal, pki: Pki, suite: str
) -> None:
    client = trusting(pki)
    client.maximum_version = ssl.TLSVersion.TLSv1_2
    client.set_ciphers(f"{suite}:@SECLEVEL=0")
    shake(serving(), client)
    assert records(journal)[-1].data["suite_name"] == suite


def test_the_server_prefers_the_suites_of_mssante(
    serving: Callable[..., RecordingContext], journal: Journal, pki: Pki
) -> None:
    client = trusting(pki)
    client.maximum_version = ssl.TLSVersion.TLSv1_2
    client.set_ciphers("AES128-SHA:AES256-GCM-SHA384:DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0")
    shake(serving(), client)
    assert records(journal)[-1].data["suite"] == "0x009E"


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize(("version", "name"), [(ssl.TLSVersion.TLSv1, "TLSv1"), (ssl.TLSVersion.TLSv1_1, "TLSv1.1")])
def test_old_versions_are_agreed_and_recorded(
    serving: Callable[..., RecordingContext], journal: Journal, pki: Pki, version: ssl.TLSVersion, name: str
) -> None:
    client = trusting(pki)
    client.minimum_version = client.maximum_version = version
    shake(serving(), client)
    hello, done = records(journal)
    assert hello.data["versions"] == [name]
    assert (done.data["outcome"], done.data["version"]) == ("ok", name)


def test_a_client_that_distrusts_the_server_is_recorded_with_its_alert(
    serving: Callable[..., RecordingContext], journal: Journal
) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        shake(serving(), ssl.create_default_context())
    done = records(journal)[-1].data
    assert (done["outcome"], done["alert"], done["alert_by"]) == ("failed", "unknown_ca", "client")


def test_a_floor_that_the_client_does_not_reach_fails_with_the_server_s_alert(
    serving: Callable[..., RecordingContext], journal: Journal, pki: Pki
) -> None:
    client = trusting(pki)
    client.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(ssl.SSLError):
        shake(serving(minimum=ssl.TLSVersion.TLSv1_3), client)
    done = records(journal)[-1].data
    assert (done["outcome"], done["alert"], done["alert_by"]) == ("failed", "protocol_version", "server")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_client_certificate_is_named_in_the_record(
    serving: Callable[..., RecordingContext], journal: Journal, pki: Pki, tmp_path: Path, version: ssl.TLSVersion
) -> None:
    client = trusting(pki)
    client.maximum_version = version
    (tmp_path / "client.pem").write_text("".join(pki.client("app@main.test", "1750000001")))
    client.load_cert_chain(tmp_path / "client.pem")
    _, server = shake(serving(client_auth="required"), client)
    done = records(journal)[-1].data
    assert done["outcome"] == "ok"
    assert done["client_certificate"].startswith("CN=app@main.test,OU=1750000001")
    recorded = handshake_of(server)
    assert recorded
    assert recorded.client_certificate


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_stranger_s_certificate_is_refused_and_still_named(
    serving: Callable[..., RecordingContext], journal: Journal, pki: Pki, tmp_path: Path, version: ssl.TLSVersion
) -> None:
    from conformance.services import certificates

    subject = certificates.organisation("rogue", "1750000001")
    leaf = pki.stranger().sign(subject, usage=certificates.CLIENT_USAGE)
    (tmp_path / "client.pem").write_text("".join(leaf))
    client = trusting(pki)
    client.maximum_version = version
    client.load_cert_chain(tmp_path / "client.pem")
    with pytest.raises(ssl.SSLError):
        shake(serving(client_auth="optional"), client)
    done = records(journal)[-1].data
    assert (done["outcome"], done["alert"], done["alert_by"]) == ("failed", "unknown_ca", "server")
    assert done["client_certificate"].startswith("CN=rogue")


def test_what_is_not_tls_fails_without_an_offer(serving: Callable[..., RecordingContext], journal: Journal) -> None:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = serving().wrap_bio(incoming, outgoing, server_side=True)
    incoming.write(b"EHLO main.test\r\n")
    with pytest.raises(ssl.SSLError):
        server.do_handshake()
    assert [r.kind for r in records(journal)] == ["tls.handshake"]


@pytest.mark.parametrize("told", [True, False])
def test_a_handshake_cut_after_the_offer_is_a_failed_one(
    serving: Callable[..., RecordingContext], recorder: TlsRecorder, journal: Journal, told: bool
) -> None:
    async def cut() -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        server = serving().wrap_bio(incoming, outgoing, server_side=True)
        body = client_hello(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        incoming.write(b"\x16\x03\x01" + len(body).to_bytes(2) + body)
        with pytest.raises(ssl.SSLWantReadError):
            server.do_handshake()
        if told:
            recorder.lost("s1")
        del server
        gc.collect()
        await asyncio.sleep(0)

    asyncio.run(cut())
    assert [(r.kind, r.data.get("reason")) for r in records(journal)] == [
        ("tls.client-hello", None),
        ("tls.handshake", "cut"),
    ]


def test_starttls_under_asyncio_is_recorded(
    serving: Callable[..., RecordingContext], journal: Journal, pki: Pki
) -> None:
    async def talk() -> str | None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readline()
            writer.write(b"220 go\r\n")
            await writer.start_tls(serving())
            writer.write(b"inside\r\n")
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(b"STARTTLS\r\n")
        assert await reader.readline() == b"220 go\r\n"
        await writer.start_tls(trusting(pki), server_hostname="smtp.main.test")
        assert await reader.readline() == b"inside\r\n"
        connection = writer.get_extra_info("ssl_object")
        version = connection.version()
        writer.close()
        server.close()
        return version

    version = asyncio.run(asyncio.wait_for(talk(), 10))
    hello, done = records(journal)
    assert hello.data["server_name"] == "smtp.main.test"
    assert (done.data["outcome"], done.data["version"]) == ("ok", version)


def test_a_client_that_goes_away_after_its_offer_is_recorded_by_a_web_server(
    recorder: TlsRecorder, journal: Journal
) -> None:
    async def leave() -> bool:
        context = recorder.context(service="psc", lane="main", names=())
        ended = asyncio.Event()
        journal.listeners.append(lambda r: ended.set() if r.kind == "tls.handshake" else None)
        server = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0, ssl=context)
        _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        body = client_hello(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        writer.write(b"\x16\x03\x01" + len(body).to_bytes(2) + body)
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.close()
        for _ in range(50):
            gc.collect()
            if ended.is_set():
                break
            await asyncio.sleep(0.02)
        server.close()
        return ended.is_set()

    assert asyncio.run(leave())
    assert [(r.kind, r.data.get("reason")) for r in records(journal)][-1] == ("tls.handshake", "cut")


def test_a_broken_certificate_message_is_the_stack_s_to_refuse(recorder: TlsRecorder, journal: Journal) -> None:
    handshake = recorder.context(service="psc", lane="main", names=()).begin()
    handshake.hear(read=True, content_type=22, kind=11, message=b"\x0b\x00\x00\x03\x00\x00\x09")
    assert handshake.client_certificate is None
    assert records(journal) == []
