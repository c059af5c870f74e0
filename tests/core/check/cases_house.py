"""For each rule about purposes, data and the house: a change that it must find, and a neighbour that it must not."""

from __future__ import annotations

from core.check.world import ALL_POINTS, BALANCE, RIGHTS, TEXT, Change, purpose

CUSTOMERS = "stores/shop/collections/customers"
HOLD = "stores/shop/collections/invoices/holds/accounting"
ALICE = "automated_decisions/decisions/credit"
DECISION = {
    "purpose": "orders", "logic": TEXT, "significance": TEXT, "review_by": ["officer"], "ground": "contract",
}  # fmt: skip


def abroad(country: str, **transfer: object) -> Change:
    return {
        "recipients/mailing/country": country, "data_location": ...,
        **({"recipients/mailing/transfer": transfer} if transfer else {}),
    }  # fmt: skip


def offers(people: str) -> Change:
    made = purpose(
        "legitimate_interest", people, ["EmailAddress"], {"for": "3 years", "after": "last_contact"}, balance=BALANCE,
        direct_marketing=True,
    )  # fmt: skip
    return {"purposes/offers": made}


def without(right: str) -> Change:
    return {"rights/offered": [other for other in RIGHTS if other != right]}


WISHES = {
    "stores/shop/collections/customers/fields/wishes": {"is": "Interest", "for": "newsletter"},
    "stores/shop/collections/customers/events/last_contact": "seen",
}
HOUSE: dict[str, tuple[Change, Change]] = {
    # --- purposes ---------------------------------------------------------------------------------------
    "interest_without_balance": (
        {"purposes/security/balance": ...}, {"purposes/security/balance": ..., "purposes/security/basis": "contract"},
    ),
    "balance_incomplete": ({"purposes/security/balance": {"interest": TEXT}}, {"purposes/security/balance": BALANCE}),
    "obligation_without_law": (
        {"purposes/billing/law": ...}, {"purposes/billing/law": ..., "purposes/billing/basis": "contract"},
    ),
    "required_not_told": (
        {"purposes/account/required": ...}, {"purposes/account/required": ..., "purposes/account/source": TEXT},
    ),
    "marketing_to_strangers": (offers("visitors"), offers("customers")),
    "purpose_without_categories": (
        {"purposes/audience/categories": []}, {"purposes/audience/categories": ["BrowsingBehaviour"]},
    ),
    "purpose_unused": (
        {"purposes/idle": purpose("contract", "customers", ["Name"], {"for": "1 year", "after": "collected"})},
        {
            "purposes/requests": purpose(
                "legal_obligation", "customers", ["Name"], {"for": "5 years", "after": "closed"}, law="GDPR"
            )
        },
    ),
    "people_unused": ({"people/ghosts": {"title": TEXT}}, {"purposes/audience/people": ["visitors", "customers"]}),
    # --- special data -----------------------------------------------------------------------------------
    "special_without_ground": (
        {"purposes/orders/categories": ["Name", "EmailAddress", "Health"]},
        {
            "purposes/orders/categories": ["Name", "EmailAddress", "Health"],
            "purposes/orders/special_ground": "health_care",
        },
    ),
    "explicit_consent_elsewhere": (
        {"purposes/orders/special_ground": "explicit_consent"},
        {"purposes/audience/special_ground": "explicit_consent"},
    ),
    "criminal_data": (
        {"purposes/orders/categories": ["Name", "EmailAddress", "CriminalConviction"]},
        {"purposes/billing/categories": ["Name", "CriminalConviction"]},
    ),
    # --- retention --------------------------------------------------------------------------------------
    "prospect_too_long": ({"purposes/newsletter/keep/for": "37 months"}, {"purposes/newsletter/keep/for": "36 months"}),
    "nothing_ends_it": (
        {"purposes/orders/keep": {"while": "open"}, f"{CUSTOMERS}/states": {"open": {"status": "open"}}},
        {
            "purposes/orders/keep": {"while": "open", "for": "1 year", "after": "contract_end"},
            f"{CUSTOMERS}/states": {"open": {"status": "open"}},
        },
    ),
    "longer_than_its_law": ({f"{HOLD}/for": "11 years"}, {f"{HOLD}/for": "120 months"}),
    "hold_without_source": ({f"{HOLD}/source": ...}, {f"{HOLD}/source": "C. civ. 2224", f"{HOLD}/for": "5 years"}),
    "archive_open_to_all": (
        {"purposes/orders/keep/archive": {"for": "5 years", "after": "contract_end", "because": TEXT}},
        {
            "purposes/orders/keep/archive": {
                "for": "5 years", "after": "contract_end", "because": TEXT, "readers": ["officer"],
            }
        },
    ),
    # --- backups and lists ------------------------------------------------------------------------------
    "backup_outlives_data": ({"backups/nightly/keep": "11 years"}, {"backups/nightly/keep": "10 years"}),
    "restore_never_tried": ({"backups/nightly/restore_tried": ...}, {"backups": ...}),
    "restore_overdue": (
        {"backups/nightly/restore_tried": "2026-05-21"}, {"backups/nightly/restore_tried": "2026-05-22"},
    ),
    "backup_in_clear": ({"backups/nightly/encrypted": False}, {"backups/nightly/encrypted": True}),
    "store_not_backed_up": (
        {"stores/other": {"url": "sqlite:///y", "location": "FR", "collections": {}}},
        {"stores/other": {"url": "sqlite:///y", "location": "FR", "recipient": "mailing", "collections": {}}},
    ),
    "checklist_overdue": (
        {"checklists/desks/items": [{"text": TEXT, "done": "2025-11-21"}]},
        {"checklists/desks/items": [{"text": TEXT, "done": "2025-11-22"}]},
    ),
    # --- transfers and places ---------------------------------------------------------------------------
    "transfer_without_ground": (abroad("IN"), abroad("IN", basis="standard_clauses", source="module 2")),
    "transfer_ground_not_told": (abroad("CH"), abroad("CH", basis="adequacy", source="2000/518/EC")),
    "adequacy_absent": (abroad("IN", basis="adequacy", source="?"), abroad("CH", basis="adequacy", source="2000/518")),
    "adequacy_not_checked": (
        abroad("US", basis="adequacy", source="DPF"),
        abroad("US", basis="adequacy", source="DPF", checked="2026-10-01"),
    ),
    "adequacy_checked_long_ago": (
        abroad("US", basis="adequacy", source="DPF", checked="2025-10-01"),
        abroad("US", basis="standard_clauses", source="module 2", checked="2025-10-01"),
    ),
    "adequacy_ends_soon": (
        {**abroad("GB", basis="adequacy", source="decision"), "as_of": "2031-06-01"},
        {**abroad("GB", basis="adequacy", source="decision"), "as_of": "2026-11-22"},
    ),
    "transfer_without_source": (
        abroad("IN", basis="standard_clauses"), abroad("IN", basis="standard_clauses", source="module 2"),
    ),
    "derogation_as_rule": (
        abroad("IN", basis="derogation", source="x"), abroad("IN", basis="binding_rules", source="x"),
    ),
    "location_promise_broken": (
        {"stores/shop/location": "NO", "data_location/allowed": ["EU"], "data_location/mostly": ...},
        {"stores/shop/location": "NO", "data_location/allowed": ["EU", "NO"], "data_location/mostly": ...},
    ),
    "mostly_elsewhere": ({"data_location/mostly": "DE"}, {"data_location/mostly": "FR"}),
    "national_law_not_known": ({"publisher/country": "DE"}, {"publisher/country": "MQ"}),
    "outside_the_union": ({"publisher/country": "CA"}, {"publisher/country": "IS"}),
    "representative_missing": (
        {"publisher/country": "CA"},
        {"publisher/country": "CA", "publisher/representative": {"email": "r@example.org"}},
    ),
    # --- processors and clients -------------------------------------------------------------------------
    "processor_without_agreement": (
        {"recipients/mailing/agreement": ...},
        {"recipients/mailing/agreement": ..., "recipients/mailing/kind": "third_party"},
    ),
    "client_without_agreement": (
        {"clients/client/agreement": ...},
        {
            "clients/client/agreement": ...,
            "agreements/c": {"client": "client", "signed": "2024-01-01", "points": ALL_POINTS},
        },
    ),
    "agreement_incomplete": ({"agreements/hosting/points": ALL_POINTS[:-1]}, {"agreements/hosting/points": []}),
    "agreement_unread": ({"agreements/hosting/points": []}, {"agreements/hosting/points": ["a"]}),
    "agreement_ended": ({"agreements/hosting/until": "2026-11-21"}, {"agreements/hosting/until": "2026-11-22"}),
    "subprocessor_not_told": (
        {"recipients/host/subprocessors": ["mailing"]},
        {"recipients/host/subprocessors": ["mailing"], "purposes/orders/recipients": ["host", "mailing"]},
    ),
    "recipient_unused": (
        {"recipients/idle": {"name": "I", "role": "r", "country": "FR", "agreement": "2024-01-01"}},
        {
            "recipients/idle": {
                "name": "I", "role": "r", "country": "FR", "agreement": "2024-01-01",
                "notices": {"by": "none", "because": TEXT},
            }
        },
    ),
    "clients_told_late": (
        {"clients/client/incidents_told_within": "4 days"}, {"clients/client/incidents_told_within": "72 hours"},
    ),
    "marketing_by_others": (
        {"disclosures/marketing": "with_consent", "purposes/newsletter/direct_marketing": False},
        {"disclosures/marketing": "with_consent"},
    ),
    "staff_not_bound": ({"staff/undertaking": ...}, {"staff/undertaking": ..., "staff/roles/officer/may": []}),
    # --- rights -----------------------------------------------------------------------------------------
    "rights_not_told": ({"rights": ...}, {"rights": {}}),
    "right_missing": (without("objection"), without("directives_after_death")),
    "complaint_missing": (without("complaint"), without("objection")),
    "withdrawal_missing": (without("withdrawal"), without("objection")),
    "right_without_basis": (
        {"purposes/security/basis": "contract", "purposes/contact/basis": "contract", "purposes/newsletter/direct_marketing": False},
        {"purposes/security/basis": "contract", "purposes/contact/basis": "contract"},
    ),
    "refusal_not_in_rows": (
        WISHES, {**WISHES, "stores/shop/collections/customers/refused": {"newsletter": {"flag": "optin", "value": 0}}},
    ),
    "directives_missing": (without("directives_after_death"), {**without("directives_after_death"), "publisher/country": "DE"}),
    "answer_too_late": ({"rights/answer_within": "45 days"}, {"rights/answer_within": "30 days"}),
    "days_for_a_month": (
        {"rights/answer_within": "30 days"},
        {
            "rights/answer_within": "30 days",
            "clauses/answer": {
                "text": {"fr": "Trente jours, ou un mois s’il est plus court.", "en": "Thirty days, or one month if shorter."},
                "about": ["rights.answer_within"],
            },
        },
    ),
    "recipients_not_told": ({"rights/notices": {"recipients": False}}, {"rights/notices": {"person": False}}),
    "asking_made_hard": ({"rights/channels": ["post", "phone"]}, {"rights/channels": ["post", "email"]}),
    "nobody_to_ask": (
        {"publisher/privacy_contact": {"name": "The desk"}},
        {"publisher/privacy_contact": ..., "publisher/data_protection_officer": {"phone": "03"}},
    ),
    # --- identity ---------------------------------------------------------------------------------------
    "identity_always_asked": (
        {"rights/identity_document": {"when": "always"}}, {"rights/identity_document": {"when": "reasonable_doubt"}},
    ),
    "identity_only_by_document": (
        {"rights/verify": ["identity_document", "account"]}, {"rights/verify": ["account", "identity_document"]},
    ),
    "identity_with_request": ({"rights/request_needs": ["Name", "Passport"]}, {"rights/request_needs": ["Name"]}),
    "identity_kept": (
        {"rights/identity_document": {"destroyed": "1 month"}},
        {"rights/identity_document": {"destroyed": "on_decision"}},
    ),
    "identity_unprotected": (
        {"rights/verify": ["account", "identity_document"]},
        {"rights/verify": ["account", "identity_document"], "rights/identity_document": {"seen_by": ["officer"]}},
    ),
    "identity_in_store": (
        {f"{CUSTOMERS}/fields/passport": "Passport"},
        {"stores/shop/collections/invoices/fields/passport": "Passport"},
    ),
    "request_asks_much": ({"rights/request_needs": ["Name", "BirthDate"]}, {"rights/request_needs": ["EmailAddress"]}),
    # --- children ---------------------------------------------------------------------------------------
    "age_of_consent_too_low": ({"minors/joint_consent_under": 14}, {"minors/joint_consent_under": 15}),
    "age_of_consent_too_high": (
        {"minors/joint_consent_under": 16}, {"minors/joint_consent_under": 16, "publisher/country": "DE"},
    ),
    "age_of_consent_unknown": ({"publisher/country": "CA"}, {"publisher/country": "CA", "minors": ...}),
    "minors_not_spoken_of": ({"minors": ...}, {"minors": {"joint_consent_under": 15}}),
    "age_asked_of_all": ({"minors/age_asked": "everywhere"}, {"minors/age_asked": "where_consent_needs_it"}),
    "age_never_asked": ({"minors/age_asked": "never"}, {"minors/age_asked": "everywhere"}),
    # --- breaches and decisions -------------------------------------------------------------------------
    "authority_told_late": ({"breach/authority_within": "73 hours"}, {"breach/authority_within": "3 days"}),
    "people_not_told_of_breach": ({"breach/notify_people": False}, {"breach": ...}),
    "breach_notice_incomplete": (
        {"breach/tells": ["origin", "measures"]}, {"breach/tells": ["consequences", "measures", "contact"]},
    ),
    "decisions_denied": ({ALICE: DECISION}, {ALICE: DECISION, "automated_decisions/none": False}),
    "decision_without_review": ({ALICE: {**DECISION, "review_by": []}}, {ALICE: DECISION}),
    "decision_without_ground": (
        {ALICE: {k: v for k, v in DECISION.items() if k != "ground"}}, {ALICE: DECISION},
    ),
    # --- cards and secrets ------------------------------------------------------------------------------
    "card_code_kept": (
        {f"{CUSTOMERS}/fields/card_cvv": "PaymentCard"}, {f"{CUSTOMERS}/fields/card_brand": "PaymentCard"},
    ),
    "card_promise_broken": (
        {f"{CUSTOMERS}/fields/card": "PaymentCardNumber"},
        {f"{CUSTOMERS}/fields/card": "PaymentCardNumber", "security/cards/stored": True},
    ),
    "card_number_kept": (
        {f"{CUSTOMERS}/fields/card": "CreditCardNumber", "security/cards": ...},
        {f"{CUSTOMERS}/fields/card": "Transaction", "security/cards": ...},
    ),
    "secret_handed_over": (
        {f"{CUSTOMERS}/fields/password/export": True}, {f"{CUSTOMERS}/fields/password": {"is": "Name", "for": "orders"}},
    ),
    "hsts_missing": ({"security/headers": ["Referrer-Policy"]}, {"security/headers": []}),
}  # fmt: skip
