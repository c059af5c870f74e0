"""The whole policy file as typed, frozen sections: what was written, with short forms written out.

The engine works on ``model.Policy``, which ``resolve.py`` makes of this; the pages, the banner and the proofs
also read the sections here.
"""

from __future__ import annotations

from typing import Literal

from troth.core.policy.sections.base import (
    Name,
    Section,
    Some,
    Text,
    empty,
)
from troth.core.policy.sections.organisation import (
    Agreement,
    AgreementRequests,
    Backup,
    Checklist,
    Client,
    DataLocation,
    Disclosures,
    Security,
    Staff,
)
from troth.core.policy.sections.people import (
    AfterDeath,
    AutomatedDecisions,
    Breach,
    Minors,
    Rights,
)
from troth.core.policy.sections.publishing import (
    Category,
    Chapter,
    Clause,
    PeopleGroup,
    PolicyInfo,
    Publisher,
    Site,
)
from troth.core.policy.sections.purposes import (
    Event,
    IdentifierKind,
    Purpose,
    Recipient,
)
from troth.core.policy.sections.site import (
    Accounts,
    Consent,
    Contact,
    Cookie,
    Log,
    Mail,
    Newsletter,
    Service,
)
from troth.core.policy.sections.stores import (
    Store,
)

FORMAT = 1
"""The format of policy files that this version reads and writes."""


class PolicyDocument(Section):
    """A Troth policy: what is promised about personal data, and where that data lies."""

    format: Literal[1]
    """The version of this format; it opens the file."""
    include: Some[Text] = ()
    """Further files of this policy, relative to this one; each holds sections, or entries of them."""
    policy: PolicyInfo
    """The policy as a published text."""
    publisher: Publisher
    """The controller: who decides about the data and answers for it."""
    sites: dict[Name, Site] = empty()
    """The sites that the policy covers."""
    people: dict[Name, PeopleGroup] = empty()
    """The groups of people; when given, purposes may name only these."""
    categories: dict[Name, Category] = empty()
    """Categories of data that the W3C vocabulary lacks."""
    identifiers: dict[Name, IdentifierKind] = empty()
    """The kinds of identifiers; those not listed are strong."""
    events: dict[Name, Event] = empty()
    """Moments from which periods are counted, besides those built in."""
    recipients: dict[Name, Recipient] = empty()
    """Processors and third parties that receive data."""
    purposes: dict[Name, Purpose] = empty()
    """Why data is processed, for whom, and how long."""
    stores: dict[Name, Store] = empty()
    """The places where personal data lies."""
    services: dict[Name, Service] = empty()
    """What the site embeds."""
    cookies: dict[Text, Cookie] = empty()
    """The site's own cookies."""
    consent: Consent | None = None
    """How consent is asked for, remembered and withdrawn."""
    contact: Contact | None = None
    """The contact form."""
    newsletter: Newsletter | None = None
    """The newsletter."""
    accounts: Accounts | None = None
    """Accounts of people on the site."""
    logs: dict[Name, Log] = empty()
    """Logs that record visits or acts."""
    mail: Mail | None = None
    """How Troth sends mail."""
    rights: Rights | None = None
    """The rights people have, and how they are served."""
    minors: Minors | None = None
    """What holds for children."""
    breach: Breach | None = None
    """What happens after a personal data breach."""
    automated_decisions: AutomatedDecisions | None = None
    """Whether anything is decided by software alone."""
    after_death: AfterDeath | None = None
    """What becomes of data after death."""
    staff: Staff | None = None
    """The people who may see personal data."""
    security: Security | None = None
    """Security measures that can be looked at."""
    checklists: dict[Name, Checklist] = empty()
    """Lists that a person goes through, for what software cannot see."""
    data_location: DataLocation | None = None
    """Where data may lie."""
    backups: dict[Name, Backup] = empty()
    """Backups."""
    agreements: dict[Name, Agreement] = empty()
    """Processing agreements."""
    agreement_requests: AgreementRequests | None = None
    """Agreements made to measure on request."""
    clients: dict[Name, Client] = empty()
    """Clients who are the controllers of data that the publisher processes for them."""
    disclosures: Disclosures | None = None
    """When data is given to authorities or third parties."""
    chapters: dict[Name, Chapter] = empty()
    """The parts of the published page, in order."""
    clauses: dict[Name, Clause] = empty()
    """The sentences of the policy, and what can be checked about them."""
