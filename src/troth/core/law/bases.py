"""Which rights follow from which lawful basis, and the grounds on which requests are granted or refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from troth.core.law.facts import Fact, LocalText, both
from troth.core.policy.model import Basis

_ALWAYS = frozenset({"access", "rectification", "restriction", "human_review", "complaint"})

RIGHTS: Mapping[Basis, frozenset[str]] = {
    Basis.CONSENT: _ALWAYS | {"erasure", "portability", "withdrawal"},
    Basis.CONTRACT: _ALWAYS | {"erasure", "portability"},
    Basis.LEGAL_OBLIGATION: _ALWAYS,
    Basis.VITAL_INTEREST: _ALWAYS | {"erasure"},
    Basis.PUBLIC_TASK: _ALWAYS | {"objection"},
    Basis.LEGITIMATE_INTEREST: _ALWAYS | {"erasure", "objection"},
}
"""GDPR Articles 7(3), 15 to 18, 20 to 22 and 77, as the W3C Data Privacy Vocabulary 2.3 maps them. One difference:
the vocabulary leaves Article 22 out for the legal obligation; here it holds for every basis, because only a law
that provides for the decision itself, with safeguards (22(2)(b)), takes it away."""

SOURCE = "W3C DPV 2.3, legal_basis_rights_mapping"


def rights_of(basis: Basis) -> frozenset[str]:
    """The rights a person has over data processed on this basis, by the words of ``rights: offered:``.

    Objection to direct marketing (Article 21(2)) is absolute and holds whatever the basis: it depends on the
    purpose and is not listed here. Directives after death are national law and hold for all data of a person.
    """
    return RIGHTS[basis]


class ErasureGround(StrEnum):
    """GDPR Article 17(1), a to f: why data must be erased."""

    NO_LONGER_NEEDED = "no_longer_needed"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    OBJECTION = "objection"
    UNLAWFUL = "unlawful"
    LEGAL_OBLIGATION_TO_ERASE = "legal_obligation_to_erase"
    CHILD_ONLINE_SERVICE = "child_online_service"


class ErasureException(StrEnum):
    """GDPR Article 17(3), a to e: why it may stay all the same."""

    EXPRESSION_INFORMATION = "expression_information"
    LEGAL_OBLIGATION_OR_PUBLIC_TASK = "legal_obligation_or_public_task"
    PUBLIC_HEALTH = "public_health"
    ARCHIVING_RESEARCH_STATISTICS = "archiving_research_statistics"
    LEGAL_CLAIMS = "legal_claims"


class RestrictionGround(StrEnum):
    """GDPR Article 18(1), a to d: why data is only stored until further notice."""

    ACCURACY_CONTESTED = "accuracy_contested"
    UNLAWFUL_BUT_NO_ERASURE = "unlawful_but_no_erasure"
    NEEDED_FOR_CLAIMS = "needed_for_claims"
    OBJECTION_PENDING = "objection_pending"


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason in words. ``article`` of the GDPR; ``dpv`` the terms of the W3C vocabulary of justifications."""

    article: str
    text: LocalText
    dpv: tuple[str, ...] = ()


ERASURE_GROUNDS: Mapping[ErasureGround, Reason] = {
    ErasureGround.NO_LONGER_NEEDED: Reason(
        "17(1)(a)", both("the data is no longer needed", "les données ne sont plus nécessaires"),
        ("NonNecessityObjection",),
    ),
    ErasureGround.CONSENT_WITHDRAWN: Reason(
        "17(1)(b)",
        both("consent was withdrawn, and there is no other ground",
             "le consentement a été retiré, et il n’y a pas d’autre fondement"),
    ),
    ErasureGround.OBJECTION: Reason(
        "17(1)(c)", both("the person objects, and nothing weighs more; or it is direct marketing",
                         "la personne s’oppose, et rien ne l’emporte ; ou il s’agit de prospection"),
        ("Objection",),
    ),
    ErasureGround.UNLAWFUL: Reason(
        "17(1)(d)", both("the data was processed unlawfully", "les données ont été traitées de façon illicite"),
        ("LegalityLackingObjection", "UnlawfulActivityObjection"),
    ),
    ErasureGround.LEGAL_OBLIGATION_TO_ERASE: Reason(
        "17(1)(e)", both("the law demands erasure", "la loi impose l’effacement"), ("LegalObligation",),
    ),
    ErasureGround.CHILD_ONLINE_SERVICE: Reason(
        "17(1)(f)",
        both("the data was collected from a child by an online service",
             "les données ont été collectées auprès d’un enfant par un service en ligne"),
        ("InformationSocietyServicesOffer",),
    ),
}  # fmt: skip

ERASURE_EXCEPTIONS: Mapping[ErasureException, Reason] = {
    ErasureException.EXPRESSION_INFORMATION: Reason(
        "17(3)(a)", both("freedom of expression and information", "la liberté d’expression et d’information"),
        ("FreedomOfExpressionImpaired",),
    ),
    ErasureException.LEGAL_OBLIGATION_OR_PUBLIC_TASK: Reason(
        "17(3)(b)",
        both("a legal obligation or a public task demands the data",
             "une obligation légale ou une mission publique exige les données"),
        ("LegalObligationImpaired", "OfficialAuthorityExerciseImpaired"),
    ),
    ErasureException.PUBLIC_HEALTH: Reason(
        "17(3)(c)", both("public health", "la santé publique"), ("PublicHealthCompromised",),
    ),
    ErasureException.ARCHIVING_RESEARCH_STATISTICS: Reason(
        "17(3)(d)", both("archives in the public interest, research or statistics, which erasure would ruin",
                         "des archives d’intérêt public, la recherche ou la statistique, que l’effacement "
                         "compromettrait"),
        ("PublicInterestArchivingImpaired", "ScientificHistoricalResearchImpaired", "OfficialStatisticsImpaired"),
    ),
    ErasureException.LEGAL_CLAIMS: Reason(
        "17(3)(e)",
        both("legal claims are made, exercised or defended",
             "des droits en justice sont constatés, exercés ou défendus"),
        ("LegalClaimEstablishmentImpaired", "LegalClaimExerciseImpaired", "LegalClaimDefenceImpaired"),
    ),
}  # fmt: skip

RESTRICTION_GROUNDS: Mapping[RestrictionGround, Reason] = {
    RestrictionGround.ACCURACY_CONTESTED: Reason(
        "18(1)(a)",
        both("the person says that the data is wrong, until that is checked",
             "la personne conteste l’exactitude, le temps de vérifier"),
        ("ContestAccuracy",),
    ),
    RestrictionGround.UNLAWFUL_BUT_NO_ERASURE: Reason(
        "18(1)(b)",
        both("the processing is unlawful, but the person does not want erasure",
             "le traitement est illicite, mais la personne ne veut pas d’effacement"),
        ("LegalityLackingObjection", "UnlawfulActivityObjection"),
    ),
    RestrictionGround.NEEDED_FOR_CLAIMS: Reason(
        "18(1)(c)",
        both("the person needs the data for legal claims",
             "la personne a besoin des données pour des droits en justice"),
    ),
    RestrictionGround.OBJECTION_PENDING: Reason(
        "18(1)(d)",
        both("the person has objected, until it is known what weighs more",
             "la personne s’est opposée, le temps de savoir ce qui l’emporte"),
        ("Objection",),
    ),
}  # fmt: skip

DELAY_REASONS: Mapping[str, Reason] = {
    "complexity": Reason(
        "12(3)", both("the request is complex", "la demande est complexe"), ("ComplexityOfProcess",),
    ),
    "high_volume": Reason(
        "12(3)", both("there are many requests", "les demandes sont nombreuses"), ("HighVolumeOfProcesses",),
    ),
    "identity_required": Reason(
        "12(6)", both("we must first know who is asking", "il faut d’abord savoir qui demande"),
        ("IdentityVerificationRequired",),
    ),
    "information_required": Reason(
        "12(6)",
        both("we need more information to find the data",
             "il nous faut plus d’informations pour trouver les données"),
        ("InformationRequired",),
    ),
}  # fmt: skip
"""Why an answer takes longer. The person is told within the first month."""

REFUSAL_REASONS: Mapping[str, Reason] = {
    "identity_failure": Reason(
        "12(2)", both("we could not establish who is asking", "nous n’avons pas pu établir qui demande"),
        ("IdentityVerificationFailure",),
    ),
    "manifestly_unfounded": Reason(
        "12(5)", both("the request is manifestly unfounded", "la demande est manifestement infondée"),
        ("ProcessUnfounded",),
    ),
    "manifestly_excessive": Reason(
        "12(5)", both("the request is manifestly excessive", "la demande est manifestement excessive"),
        ("ProcessExcessive",),
    ),
    "malicious_intent": Reason(
        "12(5)", both("the request is made to harm", "la demande est faite pour nuire"), ("ProcessMalicious",),
    ),
    "third_party_rights": Reason(
        "15(4)", both("the rights of others would suffer", "les droits d’autrui en souffriraient"),
        ("ThirdPartyRightsImpaired",),
    ),
    "overriding_interest": Reason(
        "21(1)", both("compelling legitimate grounds weigh more than the objection; never for direct marketing",
                      "des motifs légitimes et impérieux l’emportent sur l’opposition ; jamais pour la prospection"),
        ("LegitimateInterestOverride",),
    ),
    "data_correct": Reason(
        "16", both("what is held is right, there is nothing to correct",
                   "ce qui est conservé est exact, il n’y a rien à rectifier"),
    ),
    "no_ground": Reason(
        "12(4)", both("none of the cases in which the law gives this right is met",
                      "aucun des cas où la loi ouvre ce droit n’est rempli"),
    ),
    "still_needed": Reason(
        "17(1)(a)", both("the data is still needed for what it was collected for",
                         "les données sont encore nécessaires à ce pour quoi elles ont été collectées"),
    ),
    "restricted": Reason(
        "18(2)", both("the data is restricted: until that ends it is stored and nothing else",
                      "les données sont limitées : jusqu’à la fin de la limitation, elles sont conservées et rien "
                      "d’autre"),
    ),
    **{str(exception): reason for exception, reason in ERASURE_EXCEPTIONS.items()},
}  # fmt: skip
"""Why a request is refused. Every refusal also tells of the complaint to the authority and of the courts."""

FEE = Fact(
    ("manifestly_unfounded", "manifestly_excessive"),
    "GDPR art. 12(5)",
    "C",
    about=both(
        "Only for these reasons may a fee be asked; the publisher must show them",
        "Des frais ne peuvent être demandés que pour ces raisons ; l’éditeur doit les montrer",
    ),
    note=both(
        "announce it first, so that the person may withdraw (EDPB 01/2022)",
        "annoncez-les d’abord, afin que la personne puisse renoncer (CEPD 01/2022)",
    ),
)
