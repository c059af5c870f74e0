"""What people call things: categories of data (W3C DPV names), identifiers, events, roles, countries."""

from __future__ import annotations

from collections.abc import Mapping

from troth.core.policy.model import LocalText

_CATEGORIES = """
Accent | accent | accent
AccountIdentifier | account number | numéro de compte
Acquaintance | acquaintances | connaissances
Age | age | âge
AgeExact | exact age | âge exact
AgeRange | age group | tranche d’âge
ApartmentOwned | flat owned | appartement possédé
Association | associations | associations
Attitude | attitude | attitude
Authenticating | login secrets | secrets de connexion
AuthenticationHistory | login history | historique des connexions
BankAccount | bank account | compte bancaire
Behavioural | behaviour | comportement
Biometric | biometric data | données biométriques
BirthCountry | country of birth | pays de naissance
BirthDate | date of birth | date de naissance
BirthPlace | place of birth | lieu de naissance
BloodType | blood type | groupe sanguin
BrowserFingerprint | browser fingerprint | empreinte du navigateur
BrowserHistory | browsing history | historique de navigation
BrowsingBehaviour | pages visited | pages consultées
BrowsingReferral | page you came from | page d’où vous venez
CallLog | call log | journal d’appels
CarOwned | car owned | voiture possédée
Character | character | caractère
Citizenship | citizenship | citoyenneté
City | town | ville
Communication | messages | messages
CommunicationsMetadata | details of messages | détails des messages
Connection | connections | relations
Contact | contact details | coordonnées
Country | country | pays
Credit | credit | crédit
CreditCapacity | borrowing capacity | capacité d’emprunt
CreditCardNumber | card number | numéro de carte
CreditRecord | credit record | antécédents de crédit
CreditScore | credit score | score de crédit
CreditStanding | credit standing | situation de crédit
CreditWorthiness | creditworthiness | solvabilité
Criminal | offences and convictions | infractions et condamnations
CriminalCharge | criminal charges | poursuites pénales
CriminalConviction | criminal convictions | condamnations pénales
CriminalOffence | criminal offences | infractions pénales
CriminalPardon | pardons | grâces
CurrentEmployment | employer | employeur
CurrentLocation | current location | position actuelle
DNACode | genetic code | code génétique
Demeanour | manner | comportement apparent
Demographic | demographic data | données démographiques
DeviceApplications | applications on your device | applications sur votre appareil
DeviceBased | details of your device | données sur votre appareil
DeviceOperatingSystem | operating system | système d’exploitation
DeviceSoftware | software on your device | logiciels sur votre appareil
Dialect | dialect | dialecte
DigitalFingerprint | digital fingerprint | empreinte numérique
Disability | disability | handicap
DisciplinaryAction | disciplinary measures | mesures disciplinaires
Dislike | dislikes | ce que vous n’aimez pas
Divorce | divorce | divorce
Domicile | domicile | domicile
DrugTestResult | drug test results | résultats de tests de drogues
Education | education | formation
EducationExperience | studies | études
EducationQualification | diplomas | diplômes
EducationTraining | training followed | formations suivies
EmailAddress | e-mail address | adresse e-mail
EmailAddressPersonal | personal e-mail address | adresse e-mail personnelle
EmailAddressWork | work e-mail address | adresse e-mail professionnelle
EmailContent | content of e-mails | contenu des e-mails
Emotion | emotions | émotions
EmploymentHistory | employment history | parcours professionnel
EthnicOrigin | ethnic origin | origine ethnique
Ethnicity | ethnic origin | origine ethnique
External | data that others can observe | données observables par autrui
FacialExpression | facial expression | expression du visage
FacialPrint | facial print | empreinte du visage
Family | family | famille
FamilyHealthHistory | health history of the family | antécédents médicaux de la famille
FamilyStructure | family structure | composition de la famille
Favourite | favourites | préférences
FavouriteColour | favourite colour | couleur préférée
FavouriteFood | favourite food | plats préférés
FavouriteMusic | favourite music | musique préférée
Fetish | sexual life | vie sexuelle
Financial | financial data | données financières
FinancialAccount | financial account | compte financier
FinancialAccountNumber | account number | numéro de compte
FinancialStatus | financial situation | situation financière
Fingerprint | fingerprint | empreinte digitale
Friend | friends | amis
GPSCoordinate | GPS position | position GPS
Gender | gender, title | genre, civilité
GeneralReputation | reputation | réputation
Genetic | genetic data | données génétiques
Geographic | geographic data | données géographiques
GroupMembership | memberships | appartenances
GroupProfile | group profile | profil de groupe
HairColour | hair colour | couleur des cheveux
Health | health | santé
HealthHistory | health history | antécédents médicaux
HealthRecord | health record | dossier médical
Height | height | taille
Historical | past events | événements passés
HomeLocation | place of the home | lieu du domicile
HouseNumber | house number | numéro de rue
HouseOwned | house owned | maison possédée
Household | household | foyer
IPAddress | IP address | adresse IP
Identifier | identifier | identifiant
Identifying | identity | identité
Income | income | revenus
IncomeBracket | income bracket | tranche de revenus
IndividualHealthHistory | health history | antécédents médicaux
IndividualProfile | profile | profil
Insurance | insurance | assurance
Intention | intention | intention
Interaction | exchanges | échanges
Interest | interests | centres d’intérêt
Internal | thoughts and preferences | pensées et préférences
Job | job | fonction
KnowledgeBelief | knowledge and beliefs | connaissances et croyances
Language | language | langue
LifeHistory | life history | parcours de vie
Like | likes | ce que vous aimez
LinkClicked | links clicked | liens cliqués
LoanRecord | loans | prêts
Locality | locality | localité
Location | place | lieu
MACAddress | address of a device (MAC) | adresse d’un appareil (MAC)
MaritalStatus | marital status | situation familiale
Marriage | marriage | mariage
MedicalHealth | health | santé
MentalHealth | mental health | santé mentale
Mood | mood | humeur
Name | name | nom
Nationality | nationality | nationalité
OfficialID | official identity number | numéro d’identité officiel
Offspring | children | enfants
Opinion | opinion | opinion
Ownership | possessions | biens possédés
PINCode | PIN code | code confidentiel
Parent | parents | parents
Passport | passport | passeport
Password | password | mot de passe
PastEmployment | past jobs | emplois passés
PaymentCard | payment card | carte de paiement
PaymentCardExpiry | card expiry | expiration de la carte
PaymentCardNumber | card number | numéro de carte
PerformanceAtWork | performance at work | résultats au travail
PersonalDocuments | documents | documents
PersonalPossession | personal belongings | effets personnels
Personality | personality | personnalité
PhilosophicalBelief | philosophical belief | convictions philosophiques
PhysicalAddress | postal address | adresse postale
PhysicalCharacteristic | physical characteristics | caractéristiques physiques
PhysicalHealth | physical health | santé physique
PhysicalTrait | physical traits | traits physiques
Picture | picture | photo
Piercing | piercings | piercings
PoliticalAffiliation | political affiliation | appartenance politique
PoliticalOpinion | political opinion | opinions politiques
PostalCode | postcode | code postal
Preference | preferences | préférences
Prescription | prescriptions | ordonnances
PrivacyPreference | privacy choices | choix de confidentialité
Proclivity | sexual orientation | orientation sexuelle
Professional | professional data | données professionnelles
ProfessionalCertification | professional certificates | certifications professionnelles
ProfessionalEvaluation | evaluations at work | évaluations professionnelles
ProfessionalExperience | professional experience | expérience professionnelle
ProfessionalInterview | job interviews | entretiens professionnels
ProfessionalTraining | professional training | formation professionnelle
Profile | profile | profil
PublicLife | public life | vie publique
PubliclyAvailableSocialMedia | public social media profile | profil public sur les réseaux sociaux
Purchase | purchase | achat
PurchasesAndSpendingHabit | buying habits | habitudes d’achat
Race | racial origin | origine raciale
Reference | reference | référence
Region | region | région
Relationship | relationship | relation
Reliability | reliability | fiabilité
Religion | religion | religion
ReligiousBelief | religious belief | convictions religieuses
Residency | residence | résidence
Retina | retina | rétine
RoomNumber | room number | numéro de chambre ou de bureau
Salary | salary | salaire
Sale | sale | vente
School | school | école
SecretText | secret | secret
ServiceConsumptionBehaviour | use of the service | usage du service
Sexual | sexual life | vie sexuelle
SexualHistory | sexual life | vie sexuelle
SexualPreference | sexual orientation | orientation sexuelle
Sibling | brothers and sisters | frères et sœurs
SkinTone | skin tone | couleur de peau
Social | social life | vie sociale
SocialBehaviour | social behaviour | comportement social
SocialMedia | social media | réseaux sociaux
SocialMediaCommunication | exchanges on social media | échanges sur les réseaux sociaux
SocialNetwork | social network | réseau social
SocialStatus | social status | statut social
Street | street | rue
TVViewingBehaviour | television watched | programmes regardés
Tattoo | tattoos | tatouages
Tax | tax | impôts
TechnicalKnowledge | technical knowledge | connaissances techniques
TelephoneNumber | telephone number | numéro de téléphone
Thought | thoughts | pensées
Tracking | tracking data | données de suivi
TradeUnionMembership | trade union membership | appartenance syndicale
Transaction | transactions | transactions
Transactional | transactions | transactions
TravelHistory | travel history | historique des déplacements
UID | unique identifier | identifiant unique
UserAgent | browser and system | navigateur et système
Username | user name | nom d’utilisateur
VehicalLicenseNumber | vehicle registration | immatriculation du véhicule
VehicalLicenseRegistration | vehicle registration | immatriculation du véhicule
Vehicle | vehicle | véhicule
VehicleLicense | vehicle registration | immatriculation du véhicule
VehicleUsage | use of a vehicle | usage d’un véhicule
VoiceCommunicationRecording | recordings of calls | enregistrements d’appels
VoiceMail | voice messages | messages vocaux
Vulnerability | vulnerability | vulnérabilité
Weight | weight | poids
WorkEnvironment | workplace | environnement de travail
WorkExperience | work experience | expérience de travail
WorkHistory | work history | parcours professionnel
WorkLocation | place of work | lieu de travail
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
flag | use limited | usage limité
refusal | choice about a use | choix sur un usage
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
"""Every category of the vocabulary (``core.vocabulary``) in the person's words; by W3C DPV name."""
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
