"""Webhooks: what is told, how it is signed, what becomes of failures, and where nothing is ever sent."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from letterbox import mailbox
from troth.client import NotSigned, verify
from troth.core.errors import UsageError
from troth.web.api import signing, wire
from web.conftest import Post, Site
from web.program import Program, problem

LOCAL = "TROTH_WEBHOOKS_LOCAL"


class Receiver(ThreadingHTTPServer):
    """A program that is told, and answers as it was told to."""

    daemon_threads = True

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict[str, str]]] = []
        self.received: list[tuple[dict[str, str], bytes]] = []
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hook?from=troth"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        server: Any = self.server
        body = self.rfile.read(int(self.headers["Content-Length"]))
        server.received.append(({"path": self.path, **self.headers}, body))
        status, headers = server.answers.pop(0) if server.answers else (200, {})
        self.send_response(status)
        for name, value in {"Content-Length": "0", **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def _running(server: Receiver) -> Iterator[Receiver]:
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setenv(LOCAL, "1")
    with _running(Receiver()) as server:
        yield server


@pytest.fixture
def program(site: Site, database: object) -> Program:
    from troth.jobs import schedule

    for name in ("request.daily", "api.daily", "jobs.prune"):
        schedule.forget(name)  # the mornings of others
    return Program()


def added(program: Program, receiver: Receiver, *events: str) -> dict[str, Any]:
    made = program.post("/api/webhooks", {"url": receiver.url, "events": list(events)})
    assert made.status_code == 201, made.content
    return dict(made.json())


def work() -> None:
    from troth.jobs.worker import Worker

    Worker().run(until_idle=True)


def later(**time: float) -> None:
    """As if so much time had gone by for the journal and the webhooks."""
    from django.db.models import F

    from troth.jobs.models import Step
    from troth.web.api.models import Webhook

    gone = timedelta(**time)
    Step.objects.filter(free_at__isnull=False).update(free_at=F("free_at") - round(gone.total_seconds() * 1000))
    for hook in Webhook.objects.all():
        hook.rests_until = hook.rests_until and hook.rests_until - gone
        hook.failing_since = hook.failing_since and hook.failing_since - gone
        hook.save()


def steps() -> list[Any]:
    from troth.jobs.models import Step

    return list(Step.objects.filter(kind="webhook.deliver-1").order_by("pk"))


# --- what is told -------------------------------------------------------------------------------------


def test_each_act_is_told_signed_and_without_anybody_in_it(
    letters: Post, program: Program, receiver: Receiver
) -> None:  # fmt: skip
    secret = added(program, receiver)["secret"]
    ref = program.ask("erasure", answer_to="ana@example.org")
    program.post(f"/api/requests/{ref}/withdraw")
    work()
    told = [verify(secret, headers, body) for headers, body in receiver.received]
    assert [(one.id, one.type, one.data["state"]) for one in told] == [
        (f"evt-{ref}-0", "request.received", "received"), (f"evt-{ref}-1", "request.withdrawn", "withdrawn"),
    ]  # fmt: skip
    assert told[0].data == {"request": ref, "right": "erasure", "state": "received", "due": told[0].data["due"]}
    assert all(b"ana" not in body.lower() for _, body in receiver.received)
    assert receiver.received[0][0]["path"] == "/hook?from=troth"
    assert [one.result for one in steps()] == [{"status": 200}] * 2


def test_a_program_hears_only_of_what_it_wants(program: Program, receiver: Receiver) -> None:
    added(program, receiver, "request.withdrawn")
    ref = program.ask()
    program.post(f"/api/requests/{ref}/withdraw")
    work()
    assert [json.loads(body)["type"] for _, body in receiver.received] == ["request.withdrawn"]


def test_what_did_not_happen_is_not_told(program: Program, receiver: Receiver) -> None:
    added(program, receiver)
    problem(
        program.post("/api/requests", {"right": "rectification", "identifiers": {"email": "x@y.test"}}), 422, "invalid"
    )
    assert steps() == []


def test_a_test_event_is_told_when_asked_for(program: Program, receiver: Receiver) -> None:
    hook = added(program, receiver)
    sent = program.post(f"/api/webhooks/{hook['webhook']}/test")
    assert sent.status_code == 202
    work()
    event = verify(hook["secret"], *receiver.received[0])
    assert (event.id, event.type, event.data) == (sent.json()["event"], "webhook.test", {"webhook": hook["webhook"]})


def test_the_secret_is_shown_once_and_sealed(program: Program, receiver: Receiver) -> None:
    from troth.web.api.models import Webhook

    hook = added(program, receiver)
    again = program.get(f"/api/webhooks/{hook['webhook']}")
    assert "secret" not in again.json()
    assert hook["secret"].encode() not in bytes(Webhook.objects.get().secret)
    ended = program.delete(f"/api/webhooks/{hook['webhook']}").json()
    assert (ended["why"], bytes(Webhook.objects.get().secret)) == ("by_hand", b"")
    problem(program.post(f"/api/webhooks/{hook['webhook']}/test"), 409, "conflict")
    problem(program.post("/api/webhooks", {"url": receiver.url, "events": ["request.eaten"]}), 422, "invalid")


# --- failures -----------------------------------------------------------------------------------------


def test_a_failed_delivery_comes_again_later_with_the_same_name_and_body(program: Program, receiver: Receiver) -> None:
    secret = added(program, receiver)["secret"]
    receiver.answers = [(500, {}), (302, {"Location": "/elsewhere"})]
    program.ask()
    work()
    assert [one.error for one in steps()] == ["webhook_500"]
    assert program.get("/api/webhooks").json()["webhooks"][0]["failures"] == 1
    work()
    assert len(receiver.received) == 1  # not before its time
    later(seconds=10)
    work()
    assert (len(receiver.received), steps()[0].error) == (2, "webhook_302")  # and not where it was sent on to
    later(seconds=100)
    work()
    assert len(receiver.received) == 2
    later(seconds=400)
    work()
    told = [verify(secret, *one) for one in receiver.received]
    assert [one.id for one in told] == [told[0].id] * 3
    assert len({body for _, body in receiver.received}) == 1
    assert program.get("/api/webhooks").json()["webhooks"][0]["failing_since"] is None


def test_a_receiver_that_asks_for_time_gets_it_and_other_events_wait_too(program: Program, receiver: Receiver) -> None:
    added(program, receiver)
    receiver.answers = [(503, {"Retry-After": "3600"})]
    program.ask()
    program.ask("erasure")
    work()
    later(minutes=50)
    work()
    assert len(receiver.received) == 1
    later(minutes=11)
    work()
    assert len(receiver.received) == 3


@pytest.mark.parametrize(("answer", "days", "why"), [(410, 0, "gone"), (500, 6, "failing")])
def test_a_receiver_that_has_gone_is_told_nothing_more_and_staff_hear_of_it(
    program: Program, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, answer: int, days: int, why: str
) -> None:
    hook = added(program, receiver)["webhook"]
    with mailbox() as box:
        monkeypatch.setenv("TROTH_MAIL_URL", box.url)
        receiver.answers = [(answer, {})] * 2
        program.ask()
        work()
        if days:
            later(days=days)
            work()
        shown = program.get(f"/api/webhooks/{hook}").json()
        assert (shown["why"], shown["ended"] is not None) == (why, True)
        program.ask("erasure")
        work()
        assert len(receiver.received) == 1 + bool(days)
        assert steps()[0].state == "kept"
        mail = next(one for one in box.received if hook in one.text())
        assert receiver.url not in mail.text()


def test_nobody_there_is_a_failure_with_a_code(program: Program, receiver: Receiver) -> None:
    added(program, receiver)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        from troth.web.api.models import Webhook

        Webhook.objects.update(url=f"http://127.0.0.1:{probe.getsockname()[1]}/")
        program.ask()
        work()
    assert steps()[0].error == "webhook_unreachable"


# --- where nothing is ever sent -----------------------------------------------------------------------

PRIVATE = [
    "127.0.0.1", "127.8.8.8", "0.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "100.100.100.200", "168.63.129.16", "192.0.0.170", "192.88.99.1", "198.18.0.1", "203.0.113.7", "224.0.0.1",
    "240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::a00:1", "100::1",
    "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "ff02::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "3fff::1",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_nothing_is_sent_to_an_address_that_is_not_public(address: str) -> None:
    assert not wire.allowed(ip_address(address))
    with pytest.raises(wire.Unsent, match="not_public"):
        wire.post("https://receiver.test/", {}, b"{}", look=lambda host, port: ["9.9.9.9", address])


def test_public_addresses_are_allowed() -> None:
    for address in ("9.9.9.9", "192.0.1.1", "2606:4700:4700::1111"):
        assert wire.allowed(ip_address(address))


def test_a_developers_setting_opens_this_machine_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LOCAL, "1")
    opened = {one for one in PRIVATE if wire.allowed(ip_address(one))}
    assert opened == {"127.0.0.1", "127.8.8.8", "::1"}


def test_a_name_is_asked_for_once_and_the_connection_goes_to_the_address_that_was_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked, reached = [], []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["9.9.9.9"] if len(asked) == 1 else ["127.0.0.1"]

    def connect(address: Any, timeout: float) -> Any:
        reached.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(wire.socket, "create_connection", connect)
    monkeypatch.setattr(wire.socket, "getaddrinfo", lambda *_, **__: pytest.fail("the system was asked"))
    with pytest.raises(wire.Unsent, match="unreachable"):
        wire.post("https://receiver.test/", {}, b"{}", look=rebinding)
    assert (asked, reached) == (["receiver.test"], [("9.9.9.9", 443)])


@pytest.mark.parametrize(
    "url",
    ["http://receiver.test/", "ftp://receiver.test/", "https://user:pw@receiver.test/", "https://receiver.test/#x",
     "https://receiver.test:0/", "https://receiver.test:99999/", "https://", "https:///x", "//receiver.test/", "receiver",
     "https://127.0.0.1/", "https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://10.0.0.1/", "https://a b.test/",
     "https://localhost/", "https://a.localhost./", "https://2130706433/", "https://0x7f.1/", "https://127.1/",
     "https://metadata.google.internal/", "https://printer.local/", "https://intranet/", "https://x.home.arpa/",
     "https://é.test/", "https://receiver.test/\r\nX: y", "https://re_ceiver..test/", "https://" + "a" * 500 + ".test/"],
)  # fmt: skip
def test_an_address_that_nothing_may_be_sent_to_is_refused_when_it_is_added(url: str) -> None:
    with pytest.raises(UsageError):
        wire.target_of(url)


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "127.1", "localhost"])
def test_other_spellings_of_this_machine_end_at_its_address(host: str) -> None:
    target = wire.Target(True, host, 443, "/")
    with pytest.raises(wire.Unsent, match=r"not_public|no_such_name"):
        wire.addresses(target, wire.lookup)


# --- the wire -----------------------------------------------------------------------------------------


@contextmanager
def _says(content: bytes) -> Iterator[str]:
    """A server that says these very bytes, and nothing more."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def speak() -> None:
            line, _ = server.accept()
            with line, contextlib.suppress(OSError):
                line.sendall(content)
                line.settimeout(5)
                while line.recv(4096):
                    pass

        thread = threading.Thread(target=speak, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"


@pytest.mark.parametrize(
    ("said", "code"),
    [(b"", "timeout"), (b"SSH-2.0-x\r\n\r\n", "no_http"), (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 9000, 200),
     (b"HTTP/1.1 204 \r\nRETRY-AFTER: 7\r\n\r\n", 204)],
)  # fmt: skip
def test_only_the_head_of_an_answer_is_read_and_only_for_a_while(
    monkeypatch: pytest.MonkeyPatch, said: bytes, code: int | str
) -> None:
    monkeypatch.setenv(LOCAL, "1")
    with _says(said) as url:
        if isinstance(code, int):
            assert wire.post(url, {}, b"{}", seconds=2).status == code
        else:
            with pytest.raises(wire.Unsent, match=code):
                wire.post(url, {}, b"{}", seconds=0.3)


def _certificate(folder: Path) -> tuple[Path, Path]:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "receiver.test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("receiver.test")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ))  # fmt: skip
    return folder / "cert.pem", folder / "key.pem"


def test_a_certificate_is_checked_under_the_name_that_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(LOCAL, "1")
    certificate, key = _certificate(tmp_path)
    server = Receiver()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    port = server.server_address[1]
    with _running(server):
        there = {"look": lambda host, port: ["127.0.0.1"], "seconds": 5.0}
        with pytest.raises(wire.Unsent, match="certificate"):
            wire.post(f"https://receiver.test:{port}/", {}, b"{}", **there)  # nobody vouches for it
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert wire.post(f"https://receiver.test:{port}/x", {}, b"{}", **there).status == 200
        with pytest.raises(wire.Unsent, match="certificate"):
            wire.post(f"https://other.test:{port}/", {}, b"{}", **there)
    assert [headers["path"] for headers, _ in server.received] == ["/x"]
    assert server.received[0][0]["Host"] == f"receiver.test:{port}"


# --- signatures ---------------------------------------------------------------------------------------


def test_the_signature_is_that_of_the_specification() -> None:
    """The secret, the message and the signature that the libraries of Standard Webhooks test themselves with."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    made = signing.headers(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert made["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_what_was_changed_or_is_old_or_comes_from_elsewhere_is_not_believed() -> None:
    secret, body = signing.new_secret(), b'{"type":"t","timestamp":"2026-11-22T10:00:00Z","data":{}}'
    good = signing.headers(secret, "evt-1", 1000, body)
    assert verify(secret, good, body, now=1000).id == "evt-1"
    rotated = good | {"webhook-signature": "v1a,xx v1,AAAA " + good["webhook-signature"]}
    assert verify(secret, rotated, body, now=1299).type == "t"
    for headers, sent, now, key in (
        (good, body + b" ", 1000, secret), (good, body, 1301, secret), (good, body, 699, secret),
        (good, body, 1000, signing.new_secret()), (good | {"webhook-id": "evt-2"}, body, 1000, secret),
        (good | {"webhook-timestamp": "1001"}, body, 1000, secret), ({}, body, 1000, secret),
        (good | {"webhook-signature": good["webhook-signature"].replace("v1,", "v2,")}, body, 1000, secret),
        (good | {"webhook-timestamp": "soon"}, body, 1000, secret), (good, body, 1000, "whsec_*"),
    ):  # fmt: skip
        with pytest.raises(NotSigned):
            verify(key, headers, sent, now=now)
