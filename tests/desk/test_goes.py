"""What an erasure says of what goes and of what stays: what is there, why, and until when, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from desk.house_of import Front
from desk.test_mirror import Say, say  # noqa: F401  (a fixture)
from desk.test_portal import Browser, browser  # noqa: F401  (a fixture)
from desk.test_space import rewritten

ANA = (("email", "ana@example.org"),)
PURPOSE = """  {name}:
    title: {{fr: {name}, en: {name}}}
    basis: consent
    people: [clients]
    categories: [EmailAddress]
    keep: {{for: 3 years, after: last_contact}}
"""
LETTER = """      subscribers:
        for: letter
        subject: {email: email}
        fields: {email: EmailAddress, name: Name}
      clicks:
        for: counting
        belongs_to: {subscribers: subscriber_id}
        fields: {ip: IPAddress}
"""
SETTINGS = """        fields:
          email: EmailAddress
          name: Name
          employer: {is: CurrentEmployment, for: offers}
          born: {is: BirthDate, for: offers}
          phone: {is: TelephoneNumber, for: orders}
          alarm: {is: TelephoneNumber, title: {fr: téléphone d’alerte, en: telephone for alarms}, for: offers}
"""


@pytest.fixture
def letter(front: Front) -> Front:
    """The shop with a newsletter, and with clicks that are counted for another use."""
    front.change("CREATE TABLE subscribers (id INTEGER PRIMARY KEY, email TEXT NOT NULL, name TEXT)")
    front.change("CREATE TABLE clicks (id INTEGER PRIMARY KEY, subscriber_id INTEGER, ip TEXT)")
    front.change("INSERT INTO subscribers VALUES (7, 'ana@example.org', 'Ana')")
    front.change("INSERT INTO clicks VALUES (70, 7, '192.0.2.15')")
    rewritten(front, "stores:\n", PURPOSE.format(name="letter") + PURPOSE.format(name="counting") + "stores:\n")
    rewritten(front, "      invoices:\n", f"{LETTER}      invoices:\n")
    return front


@pytest.fixture
def settings(front: Front) -> Front:
    """The shop with more fields of its clients, most of them empty."""
    for column in ("employer TEXT", "born DATE", "phone TEXT", "alarm TEXT"):
        front.change(f"ALTER TABLE customers ADD COLUMN {column}")
    front.change("UPDATE customers SET employer = '', born = '0000-00-00', phone = '0102', alarm = '0304' WHERE id = 1")
    rewritten(front, "        fields: {email: EmailAddress, name: Name}\n", SETTINGS)
    rewritten(front, "parents: {customers: [name]}", "parents: {customers: [name, phone]}")
    return front


def previewed(*uses: str, language: str = "en") -> Any:
    from troth.desk.house import house
    from troth.desk.preview import preview

    with house() as at:
        return preview(at, ANA, frozenset(uses), language, datetime.now(UTC))


def lines(found: Any) -> list[str]:
    return [f"{one.place} ({one.rows})" for one in found]


def whys(found: Any) -> list[str]:
    return [" | ".join((one.place, why.what, why.why, why.until)) for one in found for why in one.whys]


def mailed(front: Front, ref: str) -> str:
    front.box.received.clear()
    front.work()
    front.say_yes(ref)
    front.work()
    (mail,) = [one for one in front.box.received if one.recipients == ["ana@example.org"]]
    return " ".join(mail.text().split())


# --- what others are found by


def test_what_other_uses_are_found_by_stays_is_said_to_and_an_erasure_of_all_takes_all(letter: Front) -> None:
    found = previewed("letter")
    assert lines(found.goes) == ["subscribers: name (1)"]
    assert whys(found.stays) == [
        "subscribers | e-mail address | what stays is found by it; it goes with the last of that | "
    ]
    ref = letter.ask("erasure", scope=("letter",)).request.ref
    assert "subscribers: e-mail address – what stays is found by it" in mailed(letter, ref)
    assert letter.rows("SELECT * FROM subscribers") == [(7, "ana@example.org", None)]
    assert letter.state_of(ref) == "partly_refused"
    letter.change("DELETE FROM invoices")
    ref = letter.ask("erasure").request.ref
    assert "has been erased" in mailed(letter, ref)
    assert letter.rows("SELECT count(*) FROM clicks") == letter.rows("SELECT count(*) FROM subscribers") == [(0,)]


def test_of_uses_that_no_rows_of_others_hang_on_nothing_of_the_kind_is_said(letter: Front) -> None:
    found = previewed("letter", "counting")
    assert lines(found.goes) == ["subscribers (1)", "clicks (1)"] or lines(found.goes) == [
        "clicks (1)",
        "subscribers (1)",
    ]
    assert found.stays == ()


# --- nothing to do


def test_rows_in_doubt_that_serve_other_uses_hold_nothing_up_and_a_plan_of_nothing_says_so(
    browser: Browser,  # noqa: F811
) -> None:
    front = browser.front
    front.change("CREATE TABLE reviews (id INTEGER PRIMARY KEY, author TEXT, said TEXT)")
    front.change("INSERT INTO reviews VALUES (1, 'ana@example.org', 'good')")
    rewritten(front, "stores:\n", PURPOSE.format(name="reviews") + "stores:\n")
    rewritten(
        front, "      invoices:\n",
        "      reviews: {for: reviews, subject: {email: {column: author, verified: false}}, fields: {said: Opinion}}\n"
        "      invoices:\n",
    )  # fmt: skip
    found = previewed("offers")
    assert (found.idle, found.waiting) == (True, 0)
    assert previewed("reviews").waiting == previewed().waiting == 1
    browser.come_in()
    page = browser.get("/me/ask/erasure?purpose=offers")[1]
    assert "serves only what you have ticked" in page
    assert 'class="danger"' not in page
    assert "Nothing for now." in browser.get("/me/ask/erasure?purpose=reviews")[1]


# --- what is there


def test_of_what_goes_only_what_is_there_is_told_and_one_word_never_goes_and_stays(settings: Front) -> None:
    found = previewed()
    assert lines(found.goes) == ["customers: e-mail address, telephone for alarms (1)"]
    assert "customers | name, telephone number | accounting documents (C. com. L123-22) | 31 December 2036" in whys(
        found.stays
    )
    settings.change("UPDATE customers SET employer = 'Essai', born = '1980-02-03', phone = NULL WHERE id = 1")
    assert lines(previewed().goes) == ["customers: e-mail address, employer, date of birth, telephone for alarms (1)"]
    assert lines(previewed(language="fr").goes)[0].endswith("téléphone d’alerte (1)")


# --- until when


def test_rows_that_end_on_different_days_are_told_with_the_first_and_the_last(front: Front) -> None:
    from troth.desk.house import house

    front.change("INSERT INTO invoices VALUES (11, 1, 100, '2019-03-03')")
    told = [one for one in whys(previewed().stays) if one.startswith("invoices")]
    assert told[0].endswith("| 31 December 2029 for the oldest and 31 December 2036 for the newest")
    french = " ".join(whys(previewed(language="fr").stays)).replace("\u00a0", " ")
    assert "31 décembre 2029 pour le plus ancien et 31 décembre 2036 pour le plus récent" in french
    ref = front.ask("erasure").request.ref
    assert "until 31 December 2029 for the oldest and 31 December 2036 for the newest" in mailed(front, ref)
    with house() as at:
        (done,) = [body for kind, body in at.records.state.events_of(ref) if kind == "erasure.done"]
    assert done is not None
    assert done["rest_due"] == "2030-01-01", "the day after the first that was told"


# --- why


def test_a_hold_whose_state_holds_for_no_row_is_not_named_and_the_reasons_are_those_of_the_mail(front: Front) -> None:
    from desk.test_holdings import read
    from troth.desk.models import File

    front.change("ALTER TABLE invoices ADD COLUMN paid TEXT")
    front.change("UPDATE invoices SET paid = '2026-06-01'")
    rewritten(
        front, "        holds:\n",
        "        states: {unpaid: {paid: null}}\n        holds:\n          unpaid: {fields: [total], parents: {customers:"
        " [email]}, while: unpaid, because: {fr: à payer, en: to be paid}, source: 'RGPD art. 17(3)(e)'}\n",
    )  # fmt: skip
    said = [hold for held in read("ana@example.org").purposes for hold in held.holds]
    assert not [one for one in said if "to be paid" in one]
    assert "to be paid" not in str(previewed())
    front.change("UPDATE invoices SET paid = NULL")
    said = [hold for held in read("ana@example.org").purposes for hold in held.holds]
    assert "to be paid (GDPR Article 17(3)(e)): as long as something is unpaid" in said
    ref = front.ask("erasure").request.ref
    told = mailed(front, ref)
    assert "to be paid (GDPR Article 17(3)(e))" in told
    assert "accounting documents (C. com. L123-22)" in told
    assert File.objects.get(ref=ref).acts[-1]["reasons"] == ["legal_claims", "legal_obligation_or_public_task"]


def test_where_nobody_looks_a_state_is_told_as_a_condition() -> None:
    from troth.core.policy.model import Hold
    from troth.core.rights.information_words import hold_words

    hold = Hold("unpaid", "to be paid", (), while_state="unpaid", because_in={"en": "to be paid", "fr": "à payer"})
    told = hold_words(hold, {}, {}, condition=True)
    assert told["en"] == "only if this is so – to be paid: as long as something is unpaid"
    assert told["fr"] == "seulement si tel est le cas – à payer\u00a0: tant qu’une somme reste due"


@pytest.mark.parametrize(
    ("source", "code"),
    [("RGPD art. 17(3)(e)", "legal_claims"), ("GDPR, Article 17(3)(b)", "legal_obligation_or_public_task"),
     ("RGPD, article 17, paragraphe 3, point d)", "archiving_research_statistics"), ("RGPD art. 6(1)(b)", "still_needed"),
     ("règlement (UE) 2016/679, art. 6.1 c", "legal_obligation_or_public_task"), ("RGPD art. 21(3)",
     "legal_obligation_or_public_task"), ("C. com. art. L123-22", "legal_obligation_or_public_task"),
     ("GDPR, Article 17(1)(a)", "still_needed"), (None, "still_needed")],
)  # fmt: skip
def test_the_code_on_record_is_the_ground_that_the_policy_names(source: str | None, code: str) -> None:
    from troth.desk.grounds import by_source

    assert by_source(source) == code


# --- by hand


def test_a_hold_by_hand_is_told_with_the_law_and_its_end_and_staff_hear_of_what_hangs_on_it(
    front: Front,
    say: Say,  # noqa: F811
) -> None:
    from troth.desk.models import File

    front.change("CREATE TABLE lines (id INTEGER PRIMARY KEY, invoice_id INTEGER, item TEXT)")
    front.change("INSERT INTO lines VALUES (1, 10, 'chair'), (2, 10, 'table')")
    front.change("UPDATE invoices SET issued = '2001-01-01'")
    rewritten(
        front, "rights:\n",
        "      lines: {for: orders, belongs_to: {invoices: invoice_id}, fields: {item: Purchase}}\nrights:\n",
    )  # fmt: skip
    assert previewed().hanging == ()
    code, _ = say("hold", "add", "ana@example.org", "--because", "secret quarrel", "--until", "2031-06-30",
                  "--collection", "shop.invoices")  # fmt: skip
    assert code == 0
    found = previewed()
    assert found.hanging == (("lines", "invoices", 2),)
    french = " ".join(whys(previewed(language="fr").stays)).replace("\u00a0", " ")
    assert "de droits en justice (RGPD, article 17(3)(e)) | 30 juin 2031" in french
    ref = front.ask("erasure").request.ref
    front.work()
    code, printed = say("request", "approve", ref, "--lang", "en")
    assert "belongs to what is held by hand" in printed
    assert "lines (2) · invoices" in printed
    told = mailed(front, ref)
    assert "exercise or defence of a legal claim (GDPR Article 17(3)(e)), until 30 June 2031" in told
    assert "quarrel" not in told
    assert File.objects.get(ref=ref).acts[-1]["reasons"] == ["legal_claims"]


def test_the_keys_of_one_table_are_one_line(front: Front) -> None:
    from troth.desk.house import house
    from troth.desk.preview import preview

    front.change("CREATE TABLE meta (id INTEGER PRIMARY KEY, customer_id INTEGER, k TEXT, v TEXT)")
    front.change("INSERT INTO meta VALUES (1, 1, 'city', 'Lyon'), (2, 1, 'phone', '0102')")
    rewritten(
        front, "      invoices:\n",
        "      meta:\n        title: {fr: Informations libres, en: Free entries}\n        for: offers\n"
        "        belongs_to: {customers: customer_id}\n        rows: {key: k, value: v, fields: {city: City, "
        "phone: TelephoneNumber}}\n      invoices:\n",
    )  # fmt: skip
    with house() as at:
        goes = preview(at, ANA, frozenset(), "en", datetime.now(UTC)).goes
    assert [(one.place, one.rows) for one in goes if "Free entries" in one.place] == [
        ("Free entries: town, telephone number", 2)
    ]
