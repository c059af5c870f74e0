"""The ground itself: what the helpers are there to notice, they notice."""

from __future__ import annotations

from pathlib import Path

import pytest

from browser.looking import enlarge_text, fits, no_violations, shot, tab_order
from browser.site import Served
from browser.visiting import Visit


def page_of(folder: Path, body: str, head: str = "") -> str:
    """A page of the test's own, with nothing else wrong; its address."""
    file = folder / "page.html"
    file.write_text(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A page</title>{head}</head>'
        f"<body><main><h1>A page</h1>{body}</main></body></html>"
    )
    return file.as_uri()


@pytest.mark.parametrize("script", [True, False])
def test_axe_tells_of_a_picture_without_words(visitor: Visit, tmp_path: Path, script: bool) -> None:
    somebody = visitor(script=script)
    address = page_of(tmp_path, '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" width="9" height="9">')
    with pytest.raises(AssertionError, match=r"image-alt \(critical\)"):
        no_violations(somebody.open(address))


def test_a_page_without_fault_passes_where_scripts_are_off_and_stay_off(visitor: Visit, tmp_path: Path) -> None:
    page = visitor(script=False).open(page_of(tmp_path, "<p id=p>Good</p><script>p.textContent = 'ran'</script>"))
    no_violations(page)
    assert page.inner_text("#p") == "Good"
    page.reload()
    assert page.inner_text("#p") == "Good"


def test_a_request_to_somebody_else_fails_the_visit(visitor: Visit, tmp_path: Path) -> None:
    somebody = visitor()
    somebody.open(page_of(tmp_path, '<img alt="A dot" src="http://tracker.invalid/dot.gif">'))
    with pytest.raises(AssertionError, match=r"asked of others.*tracker\.invalid/dot\.gif"):
        somebody.leave()
    somebody.foreign.clear()


def test_an_error_of_a_script_fails_the_visit(visitor: Visit, tmp_path: Path) -> None:
    somebody = visitor()
    somebody.open(page_of(tmp_path, "<script>throw new Error('spilt')</script>"))
    somebody.page.wait_for_timeout(50)
    with pytest.raises(AssertionError, match=r"the browser complains.*spilt"):
        somebody.leave()
    somebody.complaints.clear()


def test_what_is_too_wide_is_named(visitor: Visit, tmp_path: Path) -> None:
    page = visitor(width=360).open(page_of(tmp_path, '<p style="width:30rem">Long</p>'))
    with pytest.raises(AssertionError, match=r"p\. ends at \d+: Long"):
        fits(page)


def test_larger_letters_make_a_page_wider(visitor: Visit, tmp_path: Path) -> None:
    page = visitor(width=360).open(page_of(tmp_path, '<p style="width:18rem">Long</p>'))
    fits(page)
    enlarge_text(page)
    with pytest.raises(AssertionError, match="Long"):
        fits(page)


def test_the_keyboard_walks_in_order(visitor: Visit, tmp_path: Path) -> None:
    body = '<a href="#x">One</a><label>Two <input id="x"></label><button>Three</button>'
    assert tab_order(visitor().open(page_of(tmp_path, body))) == ["a One", "input Two", "button Three"]


def test_a_visitor_speaks_a_language_and_sees_the_site(visitor: Visit, served: Served) -> None:
    assert visitor(language="fr").open("/").get_attribute("html", "lang") == "fr"
    assert visitor(language="en").open("/").get_attribute("html", "lang") == "en"


def test_a_secure_cookie_is_kept_on_localhost(visitor: Visit, served: Served) -> None:
    somebody = visitor()
    somebody.open("/").evaluate("document.cookie = 'a=1; Secure; SameSite=Lax'")
    assert somebody.cookies() == ["a"]
    assert visitor().cookies() == []


def test_a_picture_of_the_whole_page_is_saved(visitor: Visit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TROTH_SHOTS", str(tmp_path / "shots"))
    saved = shot(visitor().open(page_of(tmp_path, "<p>Good</p>")), "good")
    assert saved is not None
    assert saved.read_bytes().startswith(b"\x89PNG")
