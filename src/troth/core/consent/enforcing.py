"""From a policy to the rules by which a web server lets the browser enforce choices."""

from __future__ import annotations

from troth.core.consent.choice import keeping, mark
from troth.core.consent.csp import Embed, address
from troth.core.consent.rules import LOADS, Rules
from troth.core.consent.services import SiteService, site_services
from troth.core.errors import UsageError
from troth.core.policy.model import Policy


def rules_of(policy: Policy, troth: str) -> Rules:
    """The rules of a policy's site; ``troth`` is where Troth answers, without a slash at the end, or nothing.

    Raises UsageError for a host that cannot stand in a header, with the service that has it.
    """
    kept = keeping(policy)
    services = site_services(policy)
    return Rules(
        cookie=kept.name,
        mark=mark(policy),
        days=kept.days,
        troth=address(troth) if troth else "",
        services=tuple(_embed(one) for one in services if one.active and not one.exempt),
        retired=tuple(_embed(one) for one in services if not one.active),
        always=tuple(_embed(one) for one in services if one.active and one.exempt),
    )


def _embed(service: SiteService) -> Embed:
    try:
        return Embed(service.name, service.hosts, LOADS.get(service.kind, LOADS["other"]))
    except UsageError as error:
        raise UsageError(f"services.{service.name}.host: {error.message}", remedy=error.remedy) from None
