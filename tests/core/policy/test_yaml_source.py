from __future__ import annotations

import codecs
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.policy.files import codes, examined, good_files
from troth.core.policy import yaml_source
from troth.core.policy.loader import load
from troth.core.policy.model import Policy, Position
from troth.core.policy.problems import PolicyError, Problem
from troth.core.policy.text_source import MAX_BYTES
from troth.core.policy.tree import MapNode, ScalarNode, locate
from troth.core.policy.yaml_source import read_tree

GOOD = good_files()[0].read_bytes()


def tree_of(text: str) -> MapNode:
    tree, problems = read_tree(text.encode(), "a.yaml")
    assert problems == []
    assert tree is not None
    return tree


def value(text: str) -> object:
    node = tree_of(f"a: {text}").get("a")
    assert isinstance(node, ScalarNode)
    return node.value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true", True), ("False", False), ("~", None), ("null", None), ("", None), ("12", 12), ("-3", -3),
        ("+4", 4), ("0", 0), ("1.50", 1.5), ("1e3", 1000.0), (".5", 0.5), ("2026-11-22", date(2026, 11, 22)),
        ("12-31", "12-31"), ("1_000", "1_000"), ("12:30:45", "12:30:45"), ("nan", "nan"), ("yes!", "yes!"),
        ('"no"', "no"), ("'0612'", "0612"), ('"2026-11-22"', "2026-11-22"), ("no thanks", "no thanks"),
        ("tRuE", "tRuE"), ("Norway", "Norway"), ("1.2.3", "1.2.3"), ("=", "="),
    ],
)  # fmt: skip
def test_it_reads_words_as_yaml_1_2_does(text: str, expected: object) -> None:
    found = value(text)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize("word", ["no", "NO", "No", "nO", "off", "OFF", "n", "N"])
def test_it_refuses_what_others_read_as_false(word: str) -> None:
    _, problems = read_tree(f"a: {word}".encode(), "a.yaml")
    assert [p.code for p in problems] == ["ambiguous_norway" if word.lower() == "no" else "ambiguous_false"]
    assert f'"{word}"' in problems[0].message


def test_a_column_may_be_called_n_or_y() -> None:
    assert list(tree_of("{n: 1, y: 2}").entries) == ["n", "y"]


def test_keys_are_text_whatever_they_look_like() -> None:
    assert list(tree_of("2026-11-22: a\n12: b\n1.5: c").entries) == ["2026-11-22", "12", "1.5"]


def test_it_refuses_what_is_not_utf8_and_says_where() -> None:
    _, problems = read_tree("é: à\nnom: ".encode() + "Hélène".encode("latin-1"), "a.yaml")
    assert [(p.code, p.line, p.column) for p in problems] == [("not_utf8", 2, 7)]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_it_refuses_other_encodings(encoding: str) -> None:
    found = examined("format: 1\n".encode(encoding))
    assert found.policy is None
    assert codes(found)[0] in ("not_utf8", "control_character")


def test_it_reads_past_the_mark_of_utf8() -> None:
    assert examined(codecs.BOM_UTF8 + GOOD).problems == ()


def test_it_reads_the_line_breaks_of_windows() -> None:
    assert examined(GOOD.replace(b"\n", b"\r\n")).problems == ()
    _, problems = read_tree(b"a: 1\r\nb: no\r\n", "a.yaml")
    assert (problems[0].line, problems[0].column) == (2, 4)


@pytest.mark.slow
def test_it_refuses_more_than_5_megabytes() -> None:
    assert codes(examined(b"format: 1\n" + b"#" * MAX_BYTES)) == ["too_large"]
    assert "too_large" not in codes(examined(b"format: 1\n" + b"#" * (MAX_BYTES - 10)))


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\x85", "\u2028", "\u202e", "\ufeff", "\x7f"])
def test_it_refuses_characters_nobody_sees(character: str) -> None:
    _, problems = read_tree(f"a: 1\nb: x{character}y".encode(), "a.yaml")
    assert [(p.code, p.line, p.column) for p in problems] == [("control_character", 2, 5)]


def test_a_few_anchors_are_welcome() -> None:
    tree = tree_of("a: &x {k: 1}\nb: *x\nc: *x")
    assert tree.get("b") is tree.get("a")


def test_it_counts_what_aliases_add_not_how_many_there_are() -> None:
    many = "a: &x 1\nb: [" + ", ".join(["*x"] * 9_000) + "]"
    assert read_tree(many.encode(), "a.yaml")[1] == []
    more = "a: &x [1, 2]\nb: [" + ", ".join(["*x"] * 9_000) + "]"
    assert [p.code for p in read_tree(more.encode(), "a.yaml")[1]] == ["alias_bomb"]


def test_very_deep_nesting_is_a_problem_and_not_a_crash() -> None:
    for opening in ("[", "{a: ", "- ", "? "):
        found = examined("format: 1\na: " + opening * 20_000)
        assert found.policy is None


def test_places_are_those_of_the_written_entry() -> None:
    tree = tree_of("a:\n  b: {c: 1}\n  d: x\n  e: {one: p, two: {q: r}}\n")
    for path, key, expected in (
        (("a", "b", "c"), False, (2, 10)),
        (("a", "b", "c"), True, (2, 7)),
        (("a", "b", "missing"), True, (2, 3)),
        (("a", "d", 0), False, (3, 6)),  # a single value for a list of one
        (("a", "e", 1, "by", "q"), False, (4, 24)),  # a mapping for a list, with a step written out
        (("a", "e", 1, "to"), True, (4, 15)),
    ):
        at = locate(tree, path, key=key)
        assert (at.line, at.column) == expected, path


def load_any(source: bytes) -> Policy | None:
    """Whatever else it raises fails the test."""

    def read(path: str) -> bytes:
        raise FileNotFoundError(path)

    problems: list[Problem] = []
    policy = None
    try:
        policy = load(source, name="troth.yaml", read=read, env={})
    except PolicyError as error:
        problems = error.problems
    assert (policy is None) == bool(problems)
    for problem in problems:
        assert problem.line >= 1
        assert problem.column >= 1
        assert problem.message
        assert problem.in_language("fr").message
    return policy


@given(st.binary(max_size=300))
@example(b"\xff\xfe")
@example(b"%YAML 9.9\n---\na")
@example(b"a: !<tag:yaml.org,2002:float> x")
@example(b"? |\n  x\n: y")
@example(b"&a [*a]")
@example(b"format: 1\n'")
def test_no_bytes_cause_anything_but_a_policy_error(source: bytes) -> None:
    load_any(source)


YAML_BITS = st.lists(
    st.sampled_from(
        [
            "format: 1", "\n", "  ", "\t", "- ", ": ", "{", "}", "[", "]", ",", "&a ", "*a", "!!str ", "'", '"',
            "|\n", ">-\n", "#", "?", "%", "---\n", "...", "stores", "purposes:", "no", "null", "é", "${X}", "<<: ",
            "\\", "2026-02-30", "include: ",
        ]
    ),
    max_size=40,
)  # fmt: skip


@settings(max_examples=300)
@given(YAML_BITS)
def test_no_pieces_of_yaml_cause_anything_but_a_policy_error(bits: list[str]) -> None:
    load_any("".join(bits).encode())


@settings(max_examples=25)
@given(st.integers(0, len(GOOD) - 1), st.sampled_from(["", "\t", ":", "{", "'", "no", "\n", "é", "&a ", "*a ", "-"]))
def test_no_slip_of_the_pen_causes_anything_but_a_policy_error(at: int, slip: str) -> None:
    load_any(GOOD[:at] + slip.encode() + GOOD[at + 1 :])


def test_what_was_read_before_is_not_parsed_again_and_is_a_tree_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a: {b: [1, 2]}\nc: &x no\nd: *x\n".replace("no", "'no'")
    first, _ = read_tree(text.encode(), "first.yaml")
    monkeypatch.setattr("troth.core.policy.yaml_source.YAML", None)
    second, problems = read_tree(text.encode(), "second.yaml")
    assert (first is not None, second is not None, problems) == (True, True, [])
    assert first is not None
    assert second is not None
    assert second.get("c") == ScalarNode(Position("second.yaml", 2, 4), "no")
    first.entries.clear()
    assert list(second.entries) == ["a", "c", "d"]


def test_of_many_files_the_latest_are_remembered_and_faults_never() -> None:
    memory = yaml_source._Memory()
    texts = [f"{n}".ljust(memory.room // 4) for n in range(6)]
    for text in texts:
        memory.keep(text, ())
        assert memory.get(texts[0]) == ()  # used all the time
    assert [memory.get(text) for text in texts] == [(), None, None, (), (), ()]
    memory.keep("x" * memory.room, ())
    assert memory.get("x" * memory.room) is None
    for _ in range(2):
        assert [p.code for p in read_tree(b"a: [1, 2\n", "a.yaml")[1]] == ["syntax_bracket"]
