"""What a request asked for is named: on its page, in its answer, to those who are told of it."""

from __future__ import annotations

from desk.house_of import Front
from desk.test_portal import Browser, browser, entry  # noqa: F401  (a fixture)


def test_an_answer_names_the_uses_that_were_objected_to(front: Front) -> None:
    ref = front.ask("objection", scope=("offers",)).request.ref
    front.work()
    letter = " ".join(front.box.the_only().text().split())
    assert "you asked for the processing to stop" in letter
    assert "must no longer be used for: – Offers" in letter
    assert front.state_of(ref) == "answered"


def test_who_receives_data_hears_which_fields_were_corrected_and_not_how(browser: Browser) -> None:  # noqa: F811
    from troth.desk.models import File

    front = browser.front
    browser.come_in()
    name = entry(browser.get("/me/ask/rectification")[1], "Ana Exemple")
    browser.post("/me/ask/rectification", **{name: "Ana Juste"})
    front.box.received.clear()
    front.work()
    told = next(one.text() for one in front.box.received if "rgpd@messager.test" in one.recipients)
    told = " ".join(told.split())
    assert "Cela concerne : Nom." in told
    assert "adresse e-mail ana@example.org" in told
    assert "Juste" not in told
    _, page = browser.get(f"/me/requests/{File.objects.get().ref}")
    assert '<dt>Name</dt><dd dir="auto">Ana Juste</dd>' in page


def test_what_staff_wrote_into_a_request_is_not_shown_as_the_persons_words(browser: Browser) -> None:  # noqa: F811
    from troth.core.requests.model import Channel

    ref = browser.front.ask("rectification", corrections={"shop.customers.name": "Ana Lue"}).request.ref
    browser.come_in()
    assert "Ana Lue" in browser.get(f"/me/requests/{ref}")[1]
    from troth.desk.models import File

    File.objects.filter(ref=ref).update(channel=Channel.POST)
    assert "Ana Lue" not in browser.get(f"/me/requests/{ref}")[1]


def test_whoever_asked_for_somebody_else_is_not_told_that_the_data_is_theirs(front: Front) -> None:
    from troth.core.requests.model import Behalf

    ref = front.ask("access", behalf=Behalf.MANDATE, verified="known").request.ref
    front.work()
    front.say_yes(ref)
    front.work()
    letter = front.box.received[-1]
    assert "The data is ready." in letter.text().replace("\n", " ")
    assert "Your data" not in letter.text()


def test_a_row_that_stays_for_what_hangs_on_it_says_so_and_is_told_once(front: Front) -> None:
    from troth.desk.house import house
    from troth.desk.kept import kept_lines
    from troth.web.wording import Words

    kept = [
        ["shop", "customers", "hold", "2036-12-31"],
        ["shop", "customers", "", ""],
        ["shop", "invoices", "hold", ""],
    ]
    with house() as at:
        lines = kept_lines(at.policy, Words("portal", "en"), kept, "en")
    assert [line.partition(":")[0] for line in lines] == ["customers", "invoices"]
