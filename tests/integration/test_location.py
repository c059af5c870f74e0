"""A store outside the places that the policy promises is not opened, by no verb."""

from __future__ import annotations

from integration.world import World

ANA = "email=ana@example.org"


def abroad(world: World, country: str, promised: str) -> None:
    """The newsletter lies in another country; the policy promises where data stays."""
    world.edit("url: ${MAILING_URL}\n    location: FR", f"url: ${{MAILING_URL}}\n    location: {country}")
    world.edit("\nstores:", f"\ndata_location: {{allowed: {promised}}}\nstores:")


def test_a_store_outside_the_promised_places_is_not_opened(file_world: World) -> None:
    abroad(file_world, "US", "EEA")
    before = file_world.content()
    ran = file_world.erase("--yes", ANA)
    assert ran.code == 1
    assert "mailing" in ran.err
    planned = file_world.troth("erase", "--dry-run", ANA)
    assert "it lies in US, and the policy promises that data stays in EEA" in planned.said
    assert file_world.content() == before


def test_it_is_not_even_connected_to(file_world: World) -> None:
    abroad(file_world, "US", "EEA")
    file_world.env["MAILING_URL"] = "sqlite:////nowhere/at/all.sqlite"
    planned = file_world.troth("erase", "--dry-run", ANA)
    assert "it lies in US" in planned.said
    assert "nowhere" not in planned.said


def test_iceland_is_in_the_area_and_not_in_the_union(file_world: World) -> None:
    abroad(file_world, "IS", "EEA")
    assert file_world.troth("erase", "--dry-run", ANA).code == 0
    file_world.edit("allowed: EEA", "allowed: EU")
    assert file_world.troth("erase", "--dry-run", ANA).code == 1
    file_world.edit("allowed: EU", "allowed: [EU, IS]")
    assert file_world.troth("erase", "--dry-run", ANA).code == 0


def test_a_policy_that_promises_no_place_forbids_none(file_world: World) -> None:
    file_world.edit("url: ${MAILING_URL}\n    location: FR", "url: ${MAILING_URL}\n    location: US")
    assert file_world.troth("erase", "--dry-run", ANA).code == 0
