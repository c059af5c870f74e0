"""A request goes its way through the house: asked, approved, carried out on the real rows, answered."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime, timedelta

import pytest

from desk.house_of import Front
from desk.test_space import rewritten
from troth.core.errors import UsageError


def test_an_access_is_answered_with_a_package_that_only_the_link_opens(front: Front) -> None:
    from troth.desk import packages
    from troth.desk.hand import link_of
    from troth.desk.house import house
    from troth.desk.models import Package

    ref = front.ask("access").request.ref
    front.work()
    assert front.state_of(ref) == "answered"
    mail = front.box.the_only()
    assert mail.recipients == ["ana@example.org"]
    link = next(word for word in mail.text().split() if "/answers/" in word)
    secret = link.rpartition("/")[2]
    package = Package.objects.get(link=link_of(secret))
    sealed = (packages.folder() / package.name).read_bytes()
    assert b"Ana Exemple" not in sealed
    with house() as at:
        content = b"".join(packages.read(at.records.state.keys.vault, package.name))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert b"Ana Exemple" in archive.read("data.json")
        assert b"bo@example.org" not in archive.read("data.json")
    assert package.secret is None
    assert "UTC" not in mail.text()
    assert [path.name for path in packages.folder().iterdir()] == [package.name]


def test_an_erasure_waits_for_staff_then_keeps_what_the_law_keeps(front: Front) -> None:
    ref = front.ask("erasure").request.ref
    front.work()
    assert front.rows("SELECT count(*) FROM customers WHERE email IS NOT NULL") == [(2,)]
    assert front.say_yes(ref) == 1
    front.work()
    assert front.rows("SELECT email, name FROM customers WHERE id = 1") == [(None, "Ana Exemple")]
    assert front.rows("SELECT email FROM customers WHERE id = 2") == [("bo@example.org",)]
    assert front.state_of(ref) == "partly_refused"
    told = {mail.recipients[0]: mail.text() for mail in front.box.received}
    assert "2036" in told["ana@example.org"]
    assert "ana@example.org" in told["rgpd@messager.test"]
    assert front.ledger(ref)[:2] == ["request.received", "request.taken_up"]
    assert front.ledger(ref)[-1] == "request.partly_refused"


def test_a_correction_that_the_policy_lets_through_is_made_at_once(front: Front) -> None:
    ref = front.ask("rectification", corrections={"customers.name": "Ana Juste"}).request.ref
    front.work()
    assert front.rows("SELECT name FROM customers WHERE id = 1") == [("Ana Juste",)]
    assert front.state_of(ref) == "answered"


def test_nothing_happens_before_it_is_known_who_asks(front: Front) -> None:
    from troth.core.requests.model import Act, By, Happened
    from troth.desk.files import let
    from troth.desk.house import house

    ref = front.ask("rectification", corrections={"customers.name": "X"}, verified="").request.ref
    front.work()
    assert front.rows("SELECT name FROM customers WHERE id = 1") == [("Ana Exemple",)]
    now = datetime.now(UTC)
    with house() as at:
        let(at, ref, Happened(Act.IDENTITY_ASKED, now, By.STAFF, ("identity_required",)), now)
        let(at, ref, Happened(Act.IDENTITY_SHOWN, now, By.PERSON, reference="email_link"), now)
    front.say_yes(ref, "identity")
    front.work()
    assert front.rows("SELECT name FROM customers WHERE id = 1") == [("X",)]


def test_a_request_withdrawn_while_it_waits_does_nothing(front: Front) -> None:
    from troth.core.requests.model import Act, By, Happened
    from troth.desk.files import let
    from troth.desk.house import house

    ref = front.ask("erasure").request.ref
    front.work()
    now = datetime.now(UTC)
    with house() as at:
        let(at, ref, Happened(Act.WITHDRAWN, now, By.PERSON), now)
    front.say_yes(ref)
    front.work()
    assert front.rows("SELECT email FROM customers WHERE id = 1") == [("ana@example.org",)]
    assert front.state_of(ref) == "withdrawn"
    assert front.ledger(ref)[-1] == "request.withdrawn"
    assert front.box.received == []


def test_asking_twice_is_one_request(front: Front) -> None:
    first = front.ask("erasure")
    second = front.ask("erasure")
    assert second.joined
    assert second.request.ref == first.request.ref


def test_who_read_the_clock_first_and_came_second_joins_all_the_same(front: Front) -> None:
    first = front.ask("erasure")
    second = front.ask("erasure", now=first.request.received - timedelta(milliseconds=5))
    assert second.joined
    assert second.request.last_at == first.request.received


def test_a_shared_address_waits_for_a_human(front: Front) -> None:
    front.change("UPDATE customers SET email = NULL WHERE id = 2")
    front.change("CREATE TABLE twins AS SELECT * FROM customers")
    front.change("DROP TABLE customers")
    front.change("CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT, name TEXT, last_seen TEXT)")
    front.change("INSERT INTO customers SELECT * FROM twins")
    front.change("UPDATE customers SET email = 'ana@example.org' WHERE id = 2")
    ref = front.ask("access").request.ref
    front.work()
    assert front.state_of(ref) == "in_progress"
    assert front.box.received == []
    front.say_yes(ref, "shared", shared=True)  # without having seen the rows
    front.work()
    assert front.state_of(ref) == "in_progress"
    seen = digest_of(ref)
    front.change("INSERT INTO customers VALUES (3, 'ana@example.org', 'Cara', '2026-10-03')")
    with pytest.raises(UsageError, match="not the rows"):
        share(ref, seen)
    share(ref, digest_of(ref))
    front.change("INSERT INTO customers VALUES (4, 'ana@example.org', 'Dora', '2026-10-03')")
    front.work()
    assert front.state_of(ref) == "in_progress"  # somebody came between the yes and the deed
    assert front.box.received == []
    share(ref, digest_of(ref))
    front.work()
    assert front.state_of(ref) == "answered"


def test_what_an_erasure_would_delete_is_seen_though_it_has_nothing_to_tell(front: Front) -> None:
    text = (front.folder / "troth.yaml").read_text()
    text = text.replace(
        "      invoices:\n", "      marks: {for: orders, belongs_to: {customers: customer_id}}\n      invoices:\n"
    )
    (front.folder / "troth.yaml").write_text(text)
    front.change("CREATE TABLE marks (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id))")
    front.change("CREATE INDEX marks_customer ON marks (customer_id)")
    refs = [front.ask(right).request.ref for right in ("access", "erasure")]
    before = [digest_of(ref) for ref in refs]
    front.change("INSERT INTO marks VALUES (1, 1)")
    after = [digest_of(ref) for ref in refs]
    assert (before[0] == after[0], before[1] == after[1]) == (True, False)


def digest_of(ref: str) -> str:
    """What a member of staff is shown of the rows in doubt."""
    from troth.desk.files import file_of
    from troth.desk.house import house
    from troth.desk.sharing import doubt

    with house() as at:
        opened, who = file_of(at, ref, datetime.now(UTC))
        return doubt(at, opened.request, who, datetime.now(UTC)).digest


def share(ref: str, seen: str) -> None:
    from troth.desk import deciding
    from troth.desk.house import house

    with house() as at:
        deciding.share(at, ref, seen, datetime.now(UTC))


def test_a_store_that_is_away_is_waited_for_and_the_person_told_once(front: Front) -> None:
    from jobs.scene import Journal

    shop = front.folder / "shop.sqlite"
    away = shop.rename(front.folder / "elsewhere")
    ref = front.ask("access").request.ref
    front.work()
    assert front.state_of(ref) == "in_progress"
    away.rename(shop)
    Journal("sqlite", {}).pass_time(4000)
    front.work()
    assert front.state_of(ref) == "answered"
    assert len(front.box.received) == 1


def test_a_mail_server_that_refuses_is_tried_again(front: Front) -> None:
    from jobs.scene import Journal

    front.box.mode = "refuse_content"
    ref = front.ask("access").request.ref
    front.work()
    front.box.mode = "accept"
    front.box.received.clear()
    Journal("sqlite", {}).pass_time(4000)
    front.work()
    assert front.state_of(ref) == "answered"
    assert len(front.box.received) == 1
    assert front.ledger(ref).count("request.answered") == 1


def test_an_objection_to_offers_is_on_record(front: Front) -> None:
    from troth.desk.house import house
    from troth.desk.may import may

    ref = front.ask("objection", scope={"offers"}).request.ref
    front.work()
    assert front.state_of(ref) == "answered"
    for who in (("email", "ana@example.org"), ("customer_id", "1")):
        with house() as at:
            assert may(at, [who], "offers").may is False
            assert may(at, [who], "orders").may is True
            assert may(at, [("email", "bo@example.org")], "offers").may is True


def test_a_restricted_person_is_refused_for_every_purpose(front: Front) -> None:
    from troth.desk.house import house
    from troth.desk.may import may

    front.ask("restriction")
    front.work()
    with house() as at:
        assert [may(at, [("email", "ana@example.org")], name).reason for name in ("orders", "offers")] == [
            "restricted"
        ] * 2
        assert may(at, [("email", "bo@example.org")], "orders").may


def test_who_objects_without_a_word_means_all_that_can_be_objected_to(front: Front) -> None:
    assert front.ask("objection").request.scope == {"offers"}


def test_a_clients_request_is_handed_on(front: Front) -> None:
    ref = front.ask("erasure", controller="fabrique").request.ref
    front.work()
    assert front.state_of(ref) == "forwarded"
    assert [mail.recipients for mail in front.box.received] == [["dpo@fabrique.test"], ["ana@example.org"]]
    assert front.rows("SELECT count(*) FROM customers WHERE email IS NOT NULL") == [(2,)]


def test_the_package_goes_on_its_day(front: Front) -> None:
    from jobs.scene import Journal
    from troth.desk import packages
    from troth.desk.models import Package

    front.ask("access")
    front.work()
    Package.objects.update(until=datetime(2026, 1, 1, tzinfo=UTC))
    Journal("sqlite", {}).pass_time(8 * 86400)
    front.work()
    assert list(packages.folder().iterdir()) == []
    assert not Package.objects.exists()


@pytest.mark.parametrize(
    ("right", "more", "why"),
    [
        ("directives_after_death", {}, "does not offer"), ("erasure", {"scope": {"nothing"}}, "no purpose"),
        ("erasure", {"controller": "nobody"}, "no client"), ("rectification", {}, "nothing is said"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_and_leaves_no_file(front: Front, right: str, more: dict, why: str) -> None:
    from troth.desk.models import File

    with pytest.raises(UsageError, match=why):
        front.ask(right, **more)
    assert not File.objects.exists()


def test_nothing_in_the_tables_names_the_person(front: Front) -> None:
    front.ask("access")
    front.ask("rectification", corrections={"customers.name": "Ana Juste"})
    front.work()
    content = b"".join(path.read_bytes() for path in (front.folder / "troth-state").glob("site.db*"))
    for secret in (b"ana@example.org", b"Ana Juste", b"Ana Exemple"):
        assert secret not in content


def test_a_company_whose_purpose_holds_nothing_of_the_person_hears_of_nobody(front: Front) -> None:
    """Neither of an erasure nor of a freeze: the notice itself would tell it an address that it never had."""
    rewritten(
        front,
        "events: {last_contact: {per: person}}",
        "  films: {name: Lanterne, role: video, country: FR, kind: third_party, notices: {by: email, to: a@lanterne.test}}\n"
        "events: {last_contact: {per: person}}",
    )
    rewritten(
        front,
        "stores:\n",
        "  videos: {title: {fr: Films, en: Films}, basis: consent, people: [clients], recipients: [films],\n"
        "    categories: [Name], keep: {for: 1 year, after: last_contact}}\nstores:\n",
    )
    freeze, erasure = front.ask("restriction").request.ref, front.ask("erasure", who="bo@example.org").request.ref
    front.work()
    front.say_yes(erasure)
    front.work()
    assert (front.state_of(freeze), front.state_of(erasure)) == ("answered", "answered")
    told = [recipient for mail in front.box.received for recipient in mail.recipients]
    assert told.count("rgpd@messager.test") == 2
    assert "a@lanterne.test" not in told
