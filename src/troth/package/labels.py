"""What people call things: categories of data (W3C DPV names), identifiers, events, roles, countries."""

from __future__ import annotations

from collections.abc import Mapping

from troth.core.policy.model import LocalText

_CATEGORIES = """
AccountIdentifier | account number | numéro de compte
Age | age | âge
Authenticating | login secrets | secrets de connexion
AuthenticationHistory | login history | historique des connexions
BankAccount | bank account | compte bancaire
Behavioural | behaviour | comportement
Biometric | biometric data | données biométriques
BirthDate | date of birth | date de naissance
BirthPlace | place of birth | lieu de naissance
BloodType | blood type | groupe sanguin
BrowserFingerprint | browser fingerprint | empreinte du navigateur
BrowsingBehaviour | pages visited | pages consultées
BrowsingReferral | page you came from | page d’où vous venez
CallLog | call log | journal d’appels
Citizenship | citizenship | citoyenneté
City | town | ville
Communication | messages | messages
CommunicationsMetadata | details of messages | détails des messages
Contact | contact details | coordonnées
Country | country | pays
Credit | credit | crédit
CreditCardNumber | card number | numéro de carte
Criminal | offences and convictions | infractions et condamnations
CurrentEmployment | employer | employeur
CurrentLocation | current location | position actuelle
DNACode | genetic code | code génétique
DeviceBased | details of your device | données sur votre appareil
DeviceOperatingSystem | operating system | système d’exploitation
Disability | disability | handicap
DrugTestResult | drug test results | résultats de tests de drogues
Education | education | formation
EducationQualification | diplomas | diplômes
EmailAddress | e-mail address | adresse e-mail
EmailAddressPersonal | personal e-mail address | adresse e-mail personnelle
EmailAddressWork | work e-mail address | adresse e-mail professionnelle
EmailContent | content of e-mails | contenu des e-mails
EmploymentHistory | employment history | parcours professionnel
EthnicOrigin | ethnic origin | origine ethnique
Ethnicity | ethnic origin | origine ethnique
FacialExpression | facial expression | expression du visage
FacialPrint | facial print | empreinte du visage
Family | family | famille
FamilyHealthHistory | health history of the family | antécédents médicaux de la famille
Fetish | sexual life | vie sexuelle
Financial | financial data | données financières
FinancialAccount | financial account | compte financier
FinancialAccountNumber | account number | numéro de compte
Fingerprint | fingerprint | empreinte digitale
GPSCoordinate | GPS position | position GPS
Gender | gender, civility | genre, civilité
Genetic | genetic data | données génétiques
GroupMembership | memberships | appartenances
Health | health | santé
HealthHistory | health history | antécédents médicaux
HealthRecord | health record | dossier médical
Height | height | taille
HouseNumber | house number | numéro de rue
IPAddress | IP address | adresse IP
Identifier | identifier | identifiant
Identifying | identity | identité
Income | income | revenus
IndividualHealthHistory | health history | antécédents médicaux
IndividualProfile | profile | profil
Intention | intention | intention
Interaction | exchanges | échanges
Interest | interests | centres d’intérêt
Job | job | fonction
Language | language | langue
LinkClicked | links clicked | liens cliqués
Location | place | lieu
MACAddress | address of a device (MAC) | adresse d’un appareil (MAC)
MaritalStatus | marital status | situation familiale
MedicalHealth | health | santé
MentalHealth | mental health | santé mentale
Name | name | nom
Nationality | nationality | nationalité
OfficialID | official identity number | numéro d’identité officiel
Opinion | opinion | opinion
PINCode | PIN code | code confidentiel
Passport | passport | passeport
Password | password | mot de passe
PaymentCard | payment card | carte de paiement
PaymentCardExpiry | card expiry | expiration de la carte
PaymentCardNumber | card number | numéro de carte
PersonalDocuments | documents | documents
PhilosophicalBelief | philosophical belief | convictions philosophiques
PhysicalAddress | postal address | adresse postale
PhysicalHealth | physical health | santé physique
Picture | picture | photo
PoliticalAffiliation | political affiliation | appartenance politique
PoliticalOpinion | political opinion | opinions politiques
PostalCode | postcode | code postal
Preference | preferences | préférences
Prescription | prescriptions | ordonnances
PrivacyPreference | privacy choices | choix de confidentialité
Proclivity | sexual orientation | orientation sexuelle
Professional | professional data | données professionnelles
ProfessionalEvaluation | evaluations at work | évaluations professionnelles
Profile | profile | profil
Purchase | purchase | achat
PurchasesAndSpendingHabit | buying habits | habitudes d’achat
Race | racial origin | origine raciale
Reference | reference | référence
Region | region | région
Relationship | relationship | relation
Religion | religion | religion
ReligiousBelief | religious belief | convictions religieuses
Residency | residence | résidence
Retina | retina | rétine
Salary | salary | salaire
Sale | sale | vente
SecretText | secret | secret
ServiceConsumptionBehaviour | use of the service | usage du service
Sexual | sexual life | vie sexuelle
SexualHistory | sexual life | vie sexuelle
SexualPreference | sexual orientation | orientation sexuelle
SocialMedia | social media | réseaux sociaux
Street | street | rue
Tax | tax | impôts
TelephoneNumber | telephone number | numéro de téléphone
TradeUnionMembership | trade union membership | appartenance syndicale
Transaction | transactions | transactions
Transactional | transactions | transactions
UID | unique identifier | identifiant unique
UserAgent | browser and system | navigateur et système
Username | user name | nom d’utilisateur
VehicalLicenseNumber | vehicle registration | immatriculation du véhicule
VehicleLicense | vehicle registration | immatriculation du véhicule
Weight | weight | poids
WorkHistory | work history | parcours professionnel
"""

_COUNTRIES = """
AD | Andorra | Andorre
AR | Argentina | Argentine
AT | Austria | Autriche
AU | Australia | Australie
BE | Belgium | Belgique
BG | Bulgaria | Bulgarie
BR | Brazil | Brésil
CA | Canada | Canada
CH | Switzerland | Suisse
CN | China | Chine
CY | Cyprus | Chypre
CZ | Czechia | Tchéquie
DE | Germany | Allemagne
DK | Denmark | Danemark
EE | Estonia | Estonie
ES | Spain | Espagne
FI | Finland | Finlande
FR | France | France
GB | United Kingdom | Royaume-Uni
GR | Greece | Grèce
HR | Croatia | Croatie
HU | Hungary | Hongrie
IE | Ireland | Irlande
IL | Israel | Israël
IN | India | Inde
IS | Iceland | Islande
IT | Italy | Italie
JP | Japan | Japon
KR | South Korea | Corée du Sud
LI | Liechtenstein | Liechtenstein
LT | Lithuania | Lituanie
LU | Luxembourg | Luxembourg
LV | Latvia | Lettonie
MA | Morocco | Maroc
MC | Monaco | Monaco
MG | Madagascar | Madagascar
MT | Malta | Malte
NL | Netherlands | Pays-Bas
NO | Norway | Norvège
NZ | New Zealand | Nouvelle-Zélande
PL | Poland | Pologne
PT | Portugal | Portugal
RO | Romania | Roumanie
RU | Russia | Russie
SE | Sweden | Suède
SG | Singapore | Singapour
SI | Slovenia | Slovénie
SK | Slovakia | Slovaquie
SN | Senegal | Sénégal
TN | Tunisia | Tunisie
TR | Türkiye | Turquie
UA | Ukraine | Ukraine
US | United States | États-Unis
UY | Uruguay | Uruguay
"""

_WORDS = """
user_id | user number | numéro d’utilisateur
username | user name | nom d’utilisateur
client_id | client number | numéro de client
contact_id | contact number | numéro de contact
employee_id | employee number | numéro de salarié
member_id | member number | numéro de membre
email | e-mail address | adresse e-mail
phone | telephone number | numéro de téléphone
customer_id | customer number | numéro de client
account_id | account number | numéro de compte
last_contact | last contact | dernier contact
account_activity | last activity | dernière activité
contract_end | end of the contract | fin du contrat
unsubscribed | unsubscribed on | désinscription
last_order | last order | dernière commande
collected | collected on | date de collecte
document_date | date of the document | date du document
closed | closed on | date de clôture
financial_year_end | date (decides the financial year) | date (détermine l’exercice comptable)
key | internal number | numéro interne
state | state | état
link | belongs to | rattachement
filter | kind of entry | nature de l’entrée
flag | restricted | données limitées
other | further detail | autre précision
hosting | hosting | hébergement
e-mailing | e-mailing | envoi d’e-mails
payment | payment | paiement
accounting | accounting | comptabilité
delivery | delivery | livraison
support | support | assistance
backup hosting | backup hosting | hébergement des sauvegardes
domain names | domain names | noms de domaine
software | software | logiciel
maps | maps | cartes
video | video | vidéo
audience | audience measurement | mesure d’audience
"""


def _read(table: str) -> Mapping[str, LocalText]:
    rows = (line.split(" | ") for line in table.strip().splitlines())
    return {name: {"en": en, "fr": fr} for name, en, fr in rows}


CATEGORIES = _read(_CATEGORIES)
"""The common categories in the person's words; by W3C DPV name."""
COUNTRIES = _read(_COUNTRIES)
"""The countries met most, by their two letters."""
WORDS = _read(_WORDS)
"""Kinds of identifiers, events, the roles columns play, and what recipients commonly do."""


def category(name: str, language: str, own: Mapping[str, LocalText]) -> str:
    """A category of data. ``own`` are those the policy adds. Others: their name, taken apart into words."""
    if name in own:
        return own[name].get(language) or next(iter(own[name].values()))
    if name in CATEGORIES:
        return CATEGORIES[name][language]
    return "".join(f" {c.lower()}" if c.isupper() and i else c for i, c in enumerate(name))


def country(code: str, language: str) -> str:
    """A country's name; the code itself where there is none here."""
    return COUNTRIES[code][language] if code in COUNTRIES else code


def word(name: str, language: str) -> str:
    """The name of an identifier, an event, or a role."""
    return WORDS[name][language] if name in WORDS else name.replace("_", " ")
