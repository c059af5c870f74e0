from __future__ import annotations

import pytest

from troth.core.errors import KeyUnavailable
from troth.state.keyfiles import DirectoryFiles, MemoryFiles


@pytest.fixture
def files(tmp_path):
    return DirectoryFiles(tmp_path / "keys", create=True)


@pytest.fixture(params=["directory", "memory"])
def any_files(request):
    return MemoryFiles() if request.param == "memory" else request.getfixturevalue("files")


def test_a_secret_is_kept_replaced_and_destroyed(any_files):
    any_files.write("one", "first")
    any_files.write("one", "second")
    assert any_files.read("one") == "second"
    assert any_files.names() == ["one"]
    any_files.destroy("one")
    any_files.destroy("one")
    assert any_files.names() == []
    with pytest.raises(KeyUnavailable, match="one is missing"):
        any_files.read("one")


def test_directory_and_files_are_for_their_owner_only(files):
    files.write("one", "secret")
    assert files.directory.stat().st_mode & 0o777 == 0o700
    assert (files.directory / "one").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601, 0o644])
def test_a_file_that_others_can_use_is_refused_by_name_with_the_command_to_run(files, mode):
    files.write("one", "secret")
    (files.directory / "one").chmod(mode)
    with pytest.raises(KeyUnavailable) as caught:
        files.read("one")
    assert str(files.directory / "one") in caught.value.message
    assert f"chmod 600 '{files.directory / 'one'}'" in caught.value.remedy
    assert "secret" not in caught.value.message


@pytest.mark.parametrize("mode", [0o750, 0o705, 0o711, 0o777])
def test_a_directory_that_others_can_enter_is_refused(files, mode):
    files.directory.chmod(mode)
    with pytest.raises(KeyUnavailable) as caught:
        DirectoryFiles(files.directory)
    assert "chmod 700" in caught.value.remedy
    with pytest.raises(KeyUnavailable):
        DirectoryFiles(files.directory, create=True)


def test_without_a_directory_it_says_how_to_make_keys(tmp_path):
    with pytest.raises(KeyUnavailable) as caught:
        DirectoryFiles(tmp_path / "none")
    assert "troth keys init" in caught.value.remedy


def test_a_destroyed_secret_was_overwritten_before_it_was_removed(files):
    files.write("one", "secret")
    second = files.directory.parent / "second-name"
    second.hardlink_to(files.directory / "one")
    files.destroy("one")
    assert b"secret" not in second.read_bytes()
    assert len(second.read_bytes()) == len("secret")


def test_a_write_that_fails_leaves_the_old_secret(files, monkeypatch):
    files.write("one", "first")

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(KeyUnavailable, match="No space left"):
        files.write("one", "second")
    monkeypatch.undo()
    assert files.read("one") == "first"
    assert files.names() == ["one"]


def test_what_another_process_replaces_or_destroys_is_seen_at_the_next_look(tmp_path):
    mine, theirs = DirectoryFiles(tmp_path / "keys", create=True), DirectoryFiles(tmp_path / "keys")
    mine.write("vault.key", "first!")
    assert theirs.read("vault.key") == "first!"
    mine.write("vault.key", "second")
    assert theirs.read("vault.key") == "second"
    (tmp_path / "keys" / "vault.key").chmod(0o644)
    with pytest.raises(KeyUnavailable, match="others"):
        theirs.read("vault.key")
    (tmp_path / "keys" / "vault.key").chmod(0o600)
    mine.destroy("vault.key")
    with pytest.raises(KeyUnavailable, match="missing"):
        theirs.read("vault.key")
