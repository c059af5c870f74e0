"""For each rule about the site: a change that it must find, and a neighbouring one that it must not."""

from __future__ import annotations

from core.check.world import TEXT, Change, purpose

ASSESSED = {
    "date": "2026-01-01", "only_own_audience": True, "anonymous_output": True, "no_crossing": True, "no_following": True,
}  # fmt: skip
EXEMPT = "audience_measurement_exempt"
PIXEL = {"purpose": "ads", "kind": "advertising", "recipient": "host"}
ADS = purpose("consent", "visitors", ["BrowsingBehaviour"], {"for": "1 year", "after": "collected"})


def said(fr: str, en: str) -> dict[str, str]:
    return {"fr": fr, "en": en}


def clause(fr: str, en: str, **more: object) -> dict[str, object]:
    return {"text": said(fr, en), **more}


BROWSING = said("En poursuivant votre navigation, vous acceptez les cookies.", "By browsing on you accept cookies.")
NO_BROWSING = said(
    "Poursuivre la navigation ne vaut pas accord.", "Browsing on does not mean that you accept cookies."
)  # fmt: skip
VISITING = clause("L’usage du site vaut acceptation de la politique.", "Using the site is acceptance of the policy.")
STATISTICS = said("Ces données ne servent qu’à des statistiques.", "These data serve statistics only.")
ATTACKS = said("Elles servent à déceler les attaques.", "They serve to notice attacks.")

SITE: dict[str, tuple[Change, Change]] = {
    # --- consent ----------------------------------------------------------------------------------------
    "silence_as_consent": ({"consent/silence": "accept"}, {"consent/silence": "refuse"}),
    "visit_as_acceptance": ({"policy/use_means_acceptance": True}, {"policy/use_means_acceptance": False}),
    "consent_narrowed": (
        {"consent/required_for": "third_party_persistent"}, {"consent/required_for": "all_trackers"},
    ),
    "consent_not_set_up": ({"consent": ...}, {"consent": ..., "services/stats/exempt": EXEMPT}),
    "choice_remembered_too_long": (
        {"consent/ask_again_after": "7 months"}, {"consent/ask_again_after": "183 days"},
    ),
    "refusal_not_remembered": (
        {"consent/when_all_off": "ask_on_next_page"}, {"consent/when_all_off": "remember"},
    ),
    "choice_cookie_differs": ({"cookies/choice/for": "3 months"}, {"cookies/choice/for": "183 days"}),
    "gpc_ignored": ({"consent/global_privacy_control": "ignore"}, {"consent/global_privacy_control": "refuse"}),
    "consent_unproven": (
        {"consent/proof_kept": ...}, {"consent/proof_kept": ..., "services/stats/exempt": EXEMPT},
    ),
    "no_way_back": ({"consent/button": "none"}, {"consent/button": "footer"}),
    "consent_nowhere_asked": (
        {"purposes/reviews": purpose("consent", "customers", ["Opinion"], {"for": "1 year", "after": "collected"})},
        {
            "purposes/reviews": purpose(
                "consent", "customers", ["Opinion"], {"for": "1 year", "after": "collected"}, asked=TEXT
            )
        },
    ),
    # --- trackers ---------------------------------------------------------------------------------------
    "service_without_consent": (
        {"services/stats/purpose": "security"}, {"services/stats/purpose": "security", "services/stats/active": False},
    ),
    "cookie_without_consent": (
        {"cookies/idea": {"for": "1 year", "purpose": "security"}},
        {"cookies/idea": {"for": "1 year", "purpose": "audience"}},
    ),
    "exempt_kind_unfit": (
        {"services/stats/kind": "video", "services/stats/exempt": "security"},
        {"services/stats/kind": "captcha", "services/stats/exempt": "security"},
    ),
    "audience_not_exempt": (
        {"services/stats/exempt": EXEMPT, "services/stats/self_assessment": {**ASSESSED, "no_crossing": False}},
        {"services/stats/exempt": EXEMPT, "services/stats/self_assessment": ASSESSED},
    ),
    "audience_not_assessed": (
        {"services/stats/exempt": EXEMPT},
        {"services/stats/exempt": EXEMPT, "services/stats/self_assessment": ASSESSED},
    ),
    "exemption_not_known_here": (
        {"services/stats/exempt": EXEMPT, "publisher/country": "DE"},
        {"services/stats/exempt": EXEMPT, "publisher/country": "RE"},
    ),
    "audience_data_too_long": (
        {"services/stats/exempt": EXEMPT, "purposes/audience/keep/for": "26 months"},
        {"services/stats/exempt": EXEMPT, "purposes/audience/keep/for": "25 months"},
    ),
    "tracker_too_long": ({"cookies/session/remembered": "14 months"}, {"cookies/session/remembered": "13 months"}),
    "trackers_live_too_long": ({"consent/trackers_live": "2 years"}, {"consent/trackers_live": "395 days"}),
    "tracker_outlives_promise": ({"consent/trackers_live": "6 months"}, {"consent/trackers_live": "13 months"}),
    "advertising_despite_promise": (
        {"consent/advertising": "none", "services/pixel": PIXEL, "purposes/ads": ADS},
        {"consent/advertising": "asked", "services/pixel": PIXEL, "purposes/ads": ADS},
    ),
    # --- services ---------------------------------------------------------------------------------------
    "service_discontinued": (
        {"services/stats/discontinued": "2026-11-22"}, {"services/stats/discontinued": "2026-11-23"},
    ),
    "service_without_recipient": (
        {"services/stats/company": "Elsewhere", "services/stats/recipient": ...}, {"services/stats/company": "Elsewhere"},
    ),
    "service_without_host": (
        {"services/stats/uses": "matomo"}, {"services/stats/uses": "matomo", "services/stats/host": "stats.example.org"},
    ),
    "host_let_in_by_exemption": (
        {"services/stats/host": "*.example.org", "services/robots": {"kind": "captcha", "purpose": "security", "exempt": "security", "host": "www.example.org", "company": "Host", "country": "FR"}},
        {"services/stats/host": "stats.example.org", "services/robots": {"kind": "captcha", "purpose": "security", "exempt": "security", "host": "www.example.org", "company": "Host", "country": "FR"}},
    ),
    "avoidable_transfer": (
        {"services/letters": {"uses": "google_fonts", "purpose": "audience"}},
        {"services/letters": {"uses": "google_fonts", "purpose": "audience", "country": "FR"}},
    ),
    "tracker_life_unknown": (
        {"services/stats/cookies/_a": "unknown"}, {"services/stats/cookies/_a": "session"},
    ),
    "tracker_without_end": (
        {"services/stats/cookies/_a": "until_cleared"}, {"services/stats/cookies/_a": "session"},
    ),
    "service_place_unknown": (
        {"services/stats/recipient": ...}, {"services/stats/recipient": ..., "services/stats/country": "FR"},
    ),
    # --- words ------------------------------------------------------------------------------------------
    "silence_in_words": ({"consent/text": BROWSING}, {"consent/text": NO_BROWSING}),
    "acceptance_in_words": (
        {"clauses/use": VISITING},
        {"clauses/use": {**VISITING, "kind": "history", "until": "2020-01-01", "because": TEXT}},
    ),
    "liability_disclaimer": ({"policy/disclaimers": [TEXT]}, {"policy/disclaimers": []}),
    "log_statements_contradict": (
        {"logs/web/statements": [STATISTICS, ATTACKS]}, {"logs/web/statements": [ATTACKS]},
    ),
    "log_said_for_one_use": (
        {"logs/web/purposes": ["security", "audience"], "logs/web/statements": [STATISTICS]},
        {"logs/web/purposes": ["audience"], "logs/web/statements": [STATISTICS]},
    ),
    "repealed_article": (
        {"clauses/death": clause("Loi de 1978, article 40.", "Law of 1978, article 40.")},
        {"clauses/death": clause("Loi de 1978, articles 84 à 86.", "Law of 1978, articles 84 to 86.")},
    ),
    # --- forms, newsletter ------------------------------------------------------------------------------
    "form_demands_too_much": (
        {"contact/fields/phone": {"is": "TelephoneNumber", "required": True}},
        {"contact/fields/phone": {"is": "TelephoneNumber"}, "contact/fields/name": {"is": "Name", "required": True}},
    ),
    "form_without_acknowledgement": (
        {"contact/acknowledgement": ...},
        {"contact/acknowledgement": ..., "contact/fields/email/why": TEXT},
    ),
    "acknowledged_version_unseen": (
        {"contact/acknowledgement/shows_version": False}, {"contact/acknowledgement/shows_version": True},
    ),
    "contact_said_not_stored": (
        {
            "stores/shop/collections/customers/for": ["orders", "contact"],
            "stores/shop/collections/customers/events/collected": "made",
        },
        {
            "stores/shop/collections/customers/for": ["orders", "contact"],
            "stores/shop/collections/customers/events/collected": "made", "contact/stored": True,
        },
    ),
    "contact_by_consent": ({"contact/purpose": "newsletter"}, {"contact/purpose": "contact"}),
    "form_data_not_told": (
        {"contact/fields/civility": "Gender"},
        {"contact/fields/civility": "Gender", "purposes/contact/categories": ["Gender", "Contact", "Communication"]},
    ),
    "newsletter_unconfirmed": ({"newsletter/double_opt_in": False}, {"newsletter/double_opt_in": True}),
    "newsletter_hard_to_leave": (
        {"newsletter/one_click_unsubscribe": False}, {"newsletter/one_click_unsubscribe": True},
    ),
    "opens_tracked_without_consent": (
        {"newsletter/tracking": True},
        {
            "newsletter/tracking": True,
            "purposes/opens": purpose("consent", "readers", ["LinkClicked"], {"for": "1 year", "after": "collected"}),
        },
    ),
    "newsletter_without_consent": (
        {
            "purposes/newsletter/basis": "legitimate_interest", "purposes/newsletter/direct_marketing": False,
        },
        {
            "purposes/newsletter/basis": "legitimate_interest", "purposes/newsletter/direct_marketing": False,
            "purposes/newsletter/people": "customers",
        },
    ),
    "newsletter_not_marked": (
        {"purposes/newsletter/direct_marketing": False}, {"purposes/newsletter/direct_marketing": True},
    ),
    "unsubscribing_kept_twice": (
        {"newsletter/keep_after_unsubscribing": "2 years", "purposes/newsletter/keep/after": "unsubscribed"},
        {"newsletter/keep_after_unsubscribing": "36 months", "purposes/newsletter/keep/after": "unsubscribed"},
    ),
    # --- accounts and logs ------------------------------------------------------------------------------
    "accounts_never_closed": ({"accounts/inactive": ...}, {"accounts": ...}),
    "inactive_too_long": ({"accounts/inactive/after": "25 months"}, {"accounts/inactive/after": "24 months"}),
    "account_closed_unwarned": ({"accounts/inactive/warn_before": ...}, {"accounts/inactive/warn_before": "1 week"}),
    "password_too_weak": (
        {"accounts/password": {"min_bits": 49}}, {"accounts/password": {"min_bits": 50, "attempts_limited": True}},
    ),
    "password_length_unfit": (
        {"accounts/password": {"min_length": 8, "min_bits": 80}}, {"accounts/password": {"min_length": 12, "min_bits": 80}},
    ),
    "password_attempts_unlimited": (
        {"accounts/password": {"attempts_limited": False}}, {"accounts/password": {"attempts_limited": True}},
    ),
    "common_passwords_allowed": (
        {"accounts/password": {"common_refused": False}}, {"accounts/password": {"common_refused": True}},
    ),
    "password_stored_weakly": (
        {"accounts/password": {"stored_as": ["argon2", "phpass"]}},
        {"accounts/password": {"stored_as": ["argon2", "bcrypt"]}},
    ),
    "logs_too_long": ({"logs/web/keep": "13 months"}, {"logs/web/keep": "12 months"}),
    "logs_long_justified": (
        {"logs/web/keep": "2 years", "logs/web/justification": TEXT},
        {"logs/web/keep": "1 year", "logs/web/justification": TEXT},
    ),
    "logs_beyond_justifying": (
        {"logs/web/keep": "4 years", "logs/web/justification": TEXT},
        {"logs/web/keep": "3 years", "logs/web/justification": TEXT},
    ),
    "log_outlives_purposes": ({"logs/web/keep": "7 months"}, {"logs/web/keep": "5 months"}),
    "log_data_not_told": (
        {"logs/web/contains": ["IPAddress", "Location"]}, {"logs/web/contains": ["IPAddress"]},
    ),
    "addresses_are_personal": (
        {"clauses/log/about": ["logs"]}, {"clauses/log/about": ["logs"], "sites/main/readable_without_data": False},
    ),
    # --- the published text -----------------------------------------------------------------------------
    "left_to_do": ({"publisher/name": "TODO"}, {"publisher/name": "Todo Mundo SARL"}),
    "version_without_date": ({"policy/version": "v3"}, {"policy/version": "2026-01-01-b"}),
    "version_in_future": ({"policy/version": "2026-11-23"}, {"policy/version": "2026-11-22"}),
    "history_without_reason": ({"clauses/old/because": ...}, {"clauses/old/kind": "promise", "clauses/old/until": ...}),
    "history_still_held": ({"clauses/old/until": "2027-01-01"}, {"clauses/old/until": "2026-11-22"}),
    "clause_ended": ({"clauses/log/until": "2026-11-21"}, {"clauses/log/until": "2026-11-22"}),
    "french_missing": (
        {"french is": "de"}, {"french is": "fr-CA"},
    ),
    "change_unannounced": (
        {"policy/notice_of_change": {"account_holders": False, "banner": False}},
        {"policy/notice_of_change": {"account_holders": False, "banner": True}},
    ),
    "legal_notice_incomplete": (
        {"publisher/publication_director": ...},
        {"publisher/capital": ..., "publisher/legal_form": "association"},
    ),
    "host_incomplete": ({"recipients/host/phone": ...}, {"publisher/website": ..., "sites": ..., "publisher/host": ...}),
    "imprint_incomplete": (
        {"publisher/country": "DE", "publisher/email": ...}, {"publisher/country": "DE", "publisher/phone": ...},
    ),
    "authority_differs": (
        {"publisher/authority/name": "The data office"},
        {"publisher/authority/name": "Commission nationale de l’informatique et des libertés"},
    ),
}  # fmt: skip
