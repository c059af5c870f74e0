"""The addresses of the rooms about people's data, the stores, the ledger and staff."""

from __future__ import annotations

from django.urls import path

from troth.web.console import archive, correcting, disclosures, holds, ledger, people, staff, stores, sweeps, versions

urlpatterns = [
    path("console/people", people.people, name="console_people"),
    path("console/person", people.person, name="console_person"),
    path("console/person/close", people.close, name="console_person_close"),
    path("console/person/correct", correcting.correct, name="console_correct"),
    path("console/person/hold", holds.add, name="console_hold_add"),
    path("console/person/disclosure", disclosures.add, name="console_disclosure_add"),
    path("console/disclosures", disclosures.disclosures, name="console_disclosures"),
    path("console/disclosures/<slug:ref>", disclosures.one, name="console_disclosure"),
    path("console/archive", archive.archive, name="console_archive"),
    path("console/holds", holds.holds, name="console_holds"),
    path("console/holds/<slug:ref>", holds.end, name="console_hold_release"),
    path("console/sweeps", sweeps.sweeps, name="console_sweeps"),
    path("console/count", sweeps.count, name="console_count"),
    path("console/stores", stores.shown, name="console_stores"),
    path("console/versions", versions.versions, name="console_versions"),
    path("console/ledger", ledger.ledger, name="console_ledger"),
    path("console/ledger/<int:position>", ledger.event, name="console_event"),
    path("console/staff", staff.staff, name="console_staff"),
    path("console/staff/<str:public_id>", staff.one, name="console_member"),
]
