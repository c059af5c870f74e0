"""What goes in and what comes out, typed: bodies are checked by these, and the OpenAPI document is made of them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from troth.core.requests.model import Act, Behalf, By, Channel, Right, State

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,59}$")]
Value = Annotated[str, StringConstraints(min_length=1, max_length=320)]
Reference = Annotated[str, StringConstraints(pattern=r"^req-[a-z]{12}$")]
HookReference = Annotated[str, StringConstraints(pattern=r"^hook-[a-z]{12}$")]
Place = Annotated[str, StringConstraints(min_length=1, max_length=120)]
Subject = Annotated[
    dict[Name, Value],
    Field(min_length=1, max_length=10, description="Who: kinds of identifier of the policy, with their values."),
]
Way = Literal["account", "email_link", "phone", "customer_number", "identity_document"]

MOST_SUBJECTS = 1000


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class NewRequest(_In):
    """What somebody asks for, as a program of the publisher passes it on."""

    right: Right
    identifiers: Subject
    channel: Literal["api", "form", "email", "post", "phone"] = Field(
        "api", description="How it reached you: `api` if the person asked this program."
    )
    scope: list[Name] = Field([], max_length=100, description="Purposes; none means all.")
    categories: list[Name] = Field(
        [], max_length=100, description="Of an erasure: only these kinds of data, by the policy's words of `is:` "
        "(`TelephoneNumber`); none means every kind. With `scope`: of these kinds, what serves only those purposes."
    )  # fmt: skip
    behalf: Behalf | None = Field(None, description="Who speaks for the person, if not they themselves.")
    controller: Name | None = Field(None, description="The client whose data it is, if you are its processor.")
    answer_to: Annotated[str, StringConstraints(max_length=254)] | None = Field(
        None, description="E-mail address of the answer; without one staff write a letter."
    )
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")] | None = None
    corrections: dict[Place, Annotated[str, StringConstraints(max_length=4000)]] = Field(
        {}, max_length=100, description="For a rectification: `collection.field` and the right value."
    )
    message: Annotated[str, StringConstraints(max_length=4000)] | None = None
    received: AwareDatetime | None = Field(None, description="When it arrived, if earlier: the clock starts there.")
    verified: Way | None = Field(
        None, description="How you know who asks. The policy's `rights: verify:` has to name it; needs "
        "`requests:vouch`; the answer then goes to one of the identifiers only. Never `identity_document`: a copy is "
        "looked at by staff."
    )  # fmt: skip


class HappenedOut(BaseModel):
    """Something that happened to a request."""

    act: Act
    at: AwareDatetime
    by: By
    reasons: list[str]


class RequestOut(BaseModel):
    """A request as it stands. It says nothing of whom it is about."""

    request: Reference
    right: Right
    state: State
    open: bool
    channel: Channel
    behalf: Behalf | None
    controller: str | None
    scope: list[str]
    categories: list[str]
    received: AwareDatetime
    verified: bool = Field(description="It is known who asks.")
    due: date = Field(description="The day by which it is to be answered, by the law and by the promise.")
    limit: date = Field(description="The law's own last day.")
    clock_runs: bool = Field(description="False while it is awaited who asks, and after the end.")
    late: bool


class FullRequestOut(RequestOut):
    """A request with its history."""

    history: list[HappenedOut]


class CreatedOut(RequestOut):
    """A request that was entered."""

    joined: bool = Field(description="The same had been asked for already, and is still open.")


class PageOut(BaseModel):
    """Some requests, in the order in which they were entered."""

    requests: list[RequestOut]
    next: str | None = Field(description="The cursor of the next page; null on the last.")


class MayIn(_In):
    """A question about one person, or about many at once: `subject` or `subjects`, never both."""

    purpose: Name
    subject: Subject | None = None
    subjects: list[Subject] | None = Field(None, min_length=1, max_length=MOST_SUBJECTS)
    consent: Literal["given"] | None = Field(
        None,
        description="You hold a record that all who are named consented to this purpose, and answer for it. It counts "
        "for a purpose that rests on consent, and outweighs no refusal.",
    )
    handles: bool = Field(False, description="Give a handle with each answer, for questions by GET.")


MayReason = Literal["restricted", "objection", "withdrawal", "consent_unknown", "consent_given", "no_consent_needed"]


class MayOut(BaseModel):
    """Whether it may be used. Only `consent_given` and `no_consent_needed` come with a yes."""

    may: bool
    reason: MayReason
    handle: str | None = Field(None, description="Stands for this person in questions of this token.")


class OneMayOut(MayOut):
    """The answer to one question."""

    purpose: str


class ManyMayOut(BaseModel):
    """The answers, in the order of the questions."""

    purpose: str
    answers: list[MayOut]


class NewWebhook(_In):
    """Where to tell of what happens."""

    url: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    events: list[Annotated[str, StringConstraints(pattern=r"^request\.[a-z_]{1,40}$")]] = Field(
        [], max_length=40, description="Kinds of event; none means all."
    )


class WebhookOut(BaseModel):
    """A webhook as it stands."""

    webhook: HookReference
    url: str
    events: list[str]
    created: AwareDatetime
    failures: int = Field(description="Deliveries that failed in a row.")
    failing_since: AwareDatetime | None
    trouble: str | None = Field(description="Why the last one failed, as a code.")
    ended: AwareDatetime | None
    why: Literal["by_hand", "gone", "failing"] | None


class NewWebhookOut(WebhookOut):
    """A new webhook, with the secret that signs what is sent there. It is not shown again."""

    secret: str


class WebhooksOut(BaseModel):
    """All webhooks."""

    webhooks: list[WebhookOut]


class TestOut(BaseModel):
    """A test was put into the journal."""

    event: str


class ErrorOut(BaseModel):
    """What is wrong at one place of the body."""

    pointer: str
    detail: str


class ProblemOut(BaseModel):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str | None = None
    remedy: str | None = None
    errors: list[ErrorOut] | None = None


class KindOut(BaseModel):
    """What a type of problem means."""

    status: int
    title: str
    about: str
