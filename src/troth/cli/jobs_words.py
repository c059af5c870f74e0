"""``troth jobs list`` in words: what a job does, how far it is, and what keeps it. Codes and places in Troth's own code
stand behind, for whoever mends it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from troth.package import locale
from troth.web.wording import Words

if TYPE_CHECKING:
    from troth.jobs.standing import JobStands, StepStands

_SIGNS = {"done": "●", "failed": "▲", "cancelled": "✕"}
_VERSION = re.compile(r"-\d+$")
_CLASS = re.compile(r"(\w+?)(?:_[a-z0-9]+|\[.*)?(?: at .*)?")


def said(job: JobStands, language: str) -> Iterator[str]:
    """A job as lines: itself, then each of its steps that can be done, waits or has failed."""
    words = Words("console", language)
    sign = "▲" if job.stuck else _SIGNS.get(job.state, "○")
    yield f"{sign} {title(job, words)} ({job.ref}){words['colon']} {_standing(job, words)}"
    for step in job.open:
        if step.state != "waiting":
            yield f"    {_step(step, words)}"


def title(job: JobStands, words: Words) -> str:
    """What it does; its kind where there are no words for it."""
    name = f"job_{job.kind}"
    return words.say(name, key=job.key) if words.has(name) else f"{job.kind} {job.key}"


def _standing(job: JobStands, words: Words) -> str:
    if job.ended is not None:
        return words.say(f"jobs_{job.state}", when=_moment(job.ended, words), ref=job.ref)
    left = len(job.open)
    steps = words.say("jobs_steps_one" if left == 1 else "jobs_steps", n=left, all=job.steps)
    parts = [words.say("jobs_since", when=_moment(job.created, words)), steps]
    if any(step.state == "failed" for step in job.open):
        parts.append(words.say("jobs_failed", ref=job.ref))
    return ", ".join(parts)


def _step(step: StepStands, words: Words) -> str:
    what = words.say("jobs_step", n=step.number, what=_name(step, words))
    about = f" ({step.store})" if step.store else ""
    later = words.say("jobs_until", when=_moment(step.not_before, words)) if step.not_before else ""
    parts = [] if later and step.state == "ready" else [_state(step, words)]
    parts += [later] if later else []
    if step.tries:
        parts.append(words.say("jobs_tries_one" if step.tries == 1 else "jobs_tries", n=step.tries))
    if step.trouble:
        parts.append(f"{trouble(step.trouble, words)} [{step.trouble}]")
    return f"{what}{about} – {'; '.join(parts)}"


def _name(step: StepStands, words: Words) -> str:
    name = f"step_{_VERSION.sub('', step.kind)}"
    return words[name] if words.has(name) else step.kind


def _state(step: StepStands, words: Words) -> str:
    if step.state != "waiting_for":
        return words[f"jobs_state_{step.state}"]
    name = f"waits_{step.waits_for}"
    return words.say("jobs_state_waiting_for", what=words[name]) if words.has(name) else words["jobs_state_else"]


def trouble(code: str, words: Words) -> str:
    """Why a step does not come forward, from the code that the journal keeps of it."""
    found = _CLASS.fullmatch(code)
    names = (f"trouble_{code}", f"trouble_{found[1] if found else ''}", "trouble_else")
    return next(words[name] for name in names if words.has(name))


def _moment(text: str, words: Words) -> str:
    """By the clock of universal time, and said to be: the machine's own says nothing to somebody elsewhere."""
    return f"{locale.minute(datetime.fromisoformat(text).astimezone(UTC), words.language)} UTC"
