"""Secrets from variables and from files that variables name."""

from __future__ import annotations

from pathlib import Path

import pytest

from databases import CHECKOUT
from troth.bootstrap import load_policy, open_connector
from troth.core.errors import UsageError
from troth.core.policy.model import Store
from troth.state.environment import Environment, secret
from troth.state.state import Place


def test_a_variable_comes_before_its_file_and_line_ends_are_no_part_of_it(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from the file\r\n", encoding="utf-8")
    by_file = {"TROTH_X_FILE": str(tmp_path / "secret")}
    assert secret("TROTH_X", {}) == ""
    assert secret("TROTH_X", by_file) == "from the file"
    assert secret("TROTH_X", {**by_file, "TROTH_X": "from the variable"}) == "from the variable"
    assert secret("TROTH_X", {**by_file, "TROTH_X": ""}) == "from the file"


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_named_by_its_variable(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "canary"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError) as told:
        secret("TROTH_X", {"TROTH_X_FILE": str(path)})
    assert "TROTH_X_FILE" in told.value.message
    assert told.value.remedy


def test_the_variables_of_a_policy_may_have_their_values_in_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "url").write_text(f"sqlite:///{tmp_path}/shop.sqlite\n", encoding="utf-8")
    (tmp_path / "shop.sqlite").touch()
    monkeypatch.delenv("SHOP_URL", raising=False)
    store = Store("shop", "${SHOP_URL}", "FR", None, "observe", {})
    with pytest.raises(UsageError, match="SHOP_URL is not set"):
        open_connector(store, tmp_path)
    monkeypatch.setenv("SHOP_URL_FILE", str(tmp_path / "url"))
    open_connector(store, tmp_path).close()
    assert Environment()["SHOP_URL"].endswith("shop.sqlite")
    assert "SHOP_URL" in Environment()
    with pytest.raises(KeyError):
        Environment()["NOT_SET_AT_ALL"]
    assert load_policy(CHECKOUT / "examples" / "maison" / "troth.yaml").stores


def test_the_place_of_the_state_may_be_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "url").write_text("postgresql://troth@localhost/troth\n", encoding="utf-8")
    monkeypatch.delenv("TROTH_STATE_URL", raising=False)
    monkeypatch.setenv("TROTH_STATE_URL_FILE", str(tmp_path / "url"))
    assert Place.find(tmp_path).url == "postgresql://troth@localhost/troth"
