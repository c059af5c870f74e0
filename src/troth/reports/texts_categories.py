"""What people call the categories and identifiers of a survey that no person's package ever named."""

from __future__ import annotations

from troth.package import labels
from troth.reports.texts import read

_CATEGORIES = read("""
BloodType | blood type | groupe sanguin
Criminal | offences and convictions | infractions et condamnations
DNACode | genetic code | code génétique
DrugTestResult | drug test results | résultats de tests de drogues
EducationQualification | diplomas | diplômes
EthnicOrigin | ethnic origin | origine ethnique
Ethnicity | ethnic origin | origine ethnique
FacialExpression | facial expression | expression du visage
FacialPrint | facial print | empreinte du visage
FamilyHealthHistory | health history of the family | antécédents médicaux de la famille
Fetish | sexual life | vie sexuelle
Fingerprint | fingerprint | empreinte digitale
Genetic | genetic data | données génétiques
HealthHistory | health history | antécédents médicaux
HealthRecord | health record | dossier médical
Height | height | taille
IndividualHealthHistory | health history | antécédents médicaux
IndividualProfile | profile | profil
MACAddress | address of a device (MAC) | adresse d’un appareil (MAC)
MedicalHealth | health | santé
MentalHealth | mental health | santé mentale
PhilosophicalBelief | philosophical belief | convictions philosophiques
PhysicalHealth | physical health | santé physique
PoliticalAffiliation | political affiliation | appartenance politique
PoliticalOpinion | political opinion | opinions politiques
Prescription | prescriptions | ordonnances
Proclivity | sexual orientation | orientation sexuelle
ProfessionalEvaluation | evaluations at work | évaluations professionnelles
Race | racial origin | origine raciale
ReligiousBelief | religious belief | convictions religieuses
Retina | retina | rétine
SexualHistory | sexual life | vie sexuelle
SexualPreference | sexual orientation | orientation sexuelle
VehicalLicenseNumber | vehicle registration | immatriculation du véhicule
Weight | weight | poids
""")

_IDENTIFIERS = read("""
user_id | user number | numéro d’utilisateur
username | user name | nom d’utilisateur
client_id | client number | numéro de client
contact_id | contact number | numéro de contact
employee_id | employee number | numéro de salarié
member_id | member number | numéro de membre
""")


def category(name: str, language: str) -> str:
    """A category of personal data, by its W3C DPV name."""
    if name in _CATEGORIES:
        return _CATEGORIES[name][language]
    return labels.category(name, language, {})


def identifier(kind: str, language: str) -> str:
    """A kind of identifier."""
    return _IDENTIFIERS[kind][language] if kind in _IDENTIFIERS else labels.word(kind, language)
