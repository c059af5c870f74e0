"""The authority of each country of the EEA, to which people complain and breaches are notified (GDPR 51, 77, 33).

Names and web addresses are marked ``S``: read in public directories of 2026, not on the authorities' own pages.
Postal addresses are ``S`` where such a directory has the same address as is generally known, and ``T`` where an
authority is known to have moved since. Nothing here replaces a look at the authority's own page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from troth.core.law.facts import CHECKED_ON, LocalText, Mark, both
from troth.core.law.territories import home_of

_SOURCE = "privacyguides.org, DPA directory (30 March 2026); datenanfragen.de, supervisory authorities"


@dataclass(frozen=True, slots=True)
class Authority:
    """A supervisory authority.

    ``name`` is in its own language (of Belgium's and Luxembourg's, the French one), ``english`` in English.
    ``complaint`` is the page that tells how to complain, or the home page where none was found (``note`` tells).
    ``address_mark`` and ``pages_mark`` say how far the postal address, and the web addresses, were read.
    """

    country: str
    name: str
    english: str
    address: str
    website: str
    complaint: str
    address_mark: Mark = "S"
    pages_mark: Mark = "S"
    source: str = _SOURCE
    checked_on: date = CHECKED_ON
    note: LocalText = field(default_factory=dict)

    @property
    def english_alone(self) -> str:
        """The English name without the short one in brackets, where the name in its own language brings that along."""
        short = self.name[self.name.rfind("(") :] if self.name.endswith(")") else ""
        return self.english.removesuffix(short).strip() if short else self.english


_MOVED = both(
    "the postal address is general knowledge: look at the authority's page before you write to it",
    "l’adresse postale relève de la connaissance générale : consultez la page de l’autorité avant d’écrire",
)
_LAENDER = both(
    "for a private publisher the authority of its Land is competent; this is the federal one, whose page leads there",
    "pour un éditeur privé, l’autorité de son Land est compétente ; celle-ci est la fédérale, dont la page y conduit",
)

_ALL = (
    Authority(
        "AT", "Österreichische Datenschutzbehörde (DSB)", "Austrian Data Protection Authority",
        "Barichgasse 40-42, 1030 Wien", "https://www.dsb.gv.at/",
        "https://data-protection-authority.gv.at/data-protection-in-austria/right-to-lodge-a-complaint",
    ),
    Authority(
        "BE", "Autorité de protection des données (APD-GBA)", "Belgian Data Protection Authority",
        "Rue de la Presse 35, 1000 Bruxelles", "https://www.dataprotectionauthority.be/",
        "https://www.dataprotectionauthority.be/citizen/actions/lodge-a-complaint",
    ),
    Authority(
        "BG", "Комисия за защита на личните данни (КЗЛД)", "Commission for Personal Data Protection",
        "бул. „Проф. Цветан Лазаров“ 2, 1592 София", "https://cpdp.bg/",
        "https://cpdp.bg/en/lodging-complaints-and-alerts/",
    ),
    Authority(
        "HR", "Agencija za zaštitu osobnih podataka (AZOP)", "Croatian Personal Data Protection Agency",
        "Ulica Metela Ožegovića 16, 10000 Zagreb", "https://azop.hr/", "https://azop.hr/how-to-lodge-a-complaint/",
        address_mark="T", note=_MOVED,
    ),
    Authority(
        "CY", "Γραφείο Επιτρόπου Προστασίας Δεδομένων Προσωπικού Χαρακτήρα",
        "Office of the Commissioner for Personal Data Protection", "Τ.Θ. 23378, 1682 Λευκωσία",
        "https://www.dataprotection.gov.cy/",
        "https://www.dataprotection.gov.cy/dataprotection/dataprotection.nsf/page1i_en/page1i_en?opendocument",
    ),
    Authority(
        "CZ", "Úřad pro ochranu osobních údajů (ÚOOÚ)", "Office for Personal Data Protection",
        "Pplk. Sochora 27, 170 00 Praha 7", "https://uoou.gov.cz/",
        "https://uoou.gov.cz/verejnost/stiznost-na-spravce-nebo-zpracovatele",
    ),
    Authority(
        "DK", "Datatilsynet", "Danish Data Protection Agency", "Carl Jacobsens Vej 35, 2500 Valby",
        "https://www.datatilsynet.dk/", "https://www.datatilsynet.dk/english/file-a-complaint",
    ),
    Authority(
        "EE", "Andmekaitse Inspektsioon (AKI)", "Estonian Data Protection Inspectorate", "Tatari 39, 10134 Tallinn",
        "https://www.aki.ee/", "https://www.aki.ee/meist/vota-uhendust/kaebus-isikuandmete-kaitse-asjas",
        address_mark="T", note=_MOVED,
    ),
    Authority(
        "FI", "Tietosuojavaltuutetun toimisto", "Office of the Data Protection Ombudsman", "PL 800, 00531 Helsinki",
        "https://tietosuoja.fi/",
        "https://tietosuoja.fi/en/request-for-an-order-concerning-the-rights-of-the-data-subject",
    ),
    Authority(
        "FR", "Commission nationale de l’informatique et des libertés (CNIL)",
        "French Data Protection Authority (CNIL)", "3 place de Fontenoy, TSA 80715, 75334 Paris Cedex 07",
        "https://www.cnil.fr/", "https://www.cnil.fr/fr/plaintes",
    ),
    Authority(
        "DE", "Die Bundesbeauftragte für den Datenschutz und die Informationsfreiheit (BfDI)",
        "Federal Commissioner for Data Protection and Freedom of Information",
        "Graurheindorfer Straße 153, 53117 Bonn", "https://www.bfdi.bund.de/",
        "https://www.bfdi.bund.de/DE/Service/Kontakt/Kontaktfinder/kontaktfinder_node.html", note=_LAENDER,
    ),
    Authority(
        "GR", "Αρχή Προστασίας Δεδομένων Προσωπικού Χαρακτήρα", "Hellenic Data Protection Authority",
        "Κηφισίας 1-3, 115 23 Αθήνα", "https://www.dpa.gr/",
        "https://www.dpa.gr/en/individuals/complaint-to-the-hellenic-dpa",
    ),
    Authority(
        "HU", "Nemzeti Adatvédelmi és Információszabadság Hatóság (NAIH)",
        "National Authority for Data Protection and Freedom of Information",
        "Falk Miksa utca 9-11., 1055 Budapest", "https://www.naih.hu/",
        "https://www.naih.hu/adatkezeles-erintettjekent-fordulok-a-hatosaghoz/adatvedelmi-hatosagi-eljaras-gdpr",
        address_mark="T", note=_MOVED,
    ),
    Authority(
        "IS", "Persónuvernd", "Icelandic Data Protection Authority", "Laugavegur 166, 105 Reykjavík",
        "https://island.is/en/o/the-data-protection-authority",
        "https://island.is/en/complaint-to-the-data-protection-authority", address_mark="T", note=_MOVED,
    ),
    Authority(
        "IE", "Data Protection Commission (DPC)", "Data Protection Commission",
        "6 Pembroke Row, Dublin 2, D02 X963", "https://www.dataprotection.ie/",
        "https://www.dataprotection.ie/en/individuals/exercising-your-rights/raising-concern-commission",
        address_mark="T", note=_MOVED,
    ),
    Authority(
        "IT", "Garante per la protezione dei dati personali", "Italian Data Protection Authority",
        "Piazza Venezia 11, 00187 Roma", "https://www.garanteprivacy.it/",
        "https://www.garanteprivacy.it/diritti/come-agire-per-tutelare-i-tuoi-dati-personali/reclamo",
    ),
    Authority(
        "LV", "Datu valsts inspekcija (DVI)", "Data State Inspectorate", "Elijas iela 17, Rīga, LV-1050",
        "https://www.dvi.gov.lv/", "https://www.dvi.gov.lv/lv/iesniegumu-paraugi",
    ),
    Authority(
        "LI", "Datenschutzstelle Fürstentum Liechtenstein", "Data Protection Office of Liechtenstein",
        "Städtle 38, Postfach 684, 9490 Vaduz", "https://www.datenschutzstelle.li/",
        "https://www.datenschutzstelle.li/services-und-downloads/formulare",
    ),
    Authority(
        "LT", "Valstybinė duomenų apsaugos inspekcija (VDAI)", "State Data Protection Inspectorate",
        "L. Sapiegos g. 17, 10312 Vilnius", "https://vdai.lrv.lt/",
        "https://vdai.lrv.lt/lt/veiklos-sritys-1/skundu-nagrinejimas/", address_mark="T", note=_MOVED,
    ),
    Authority(
        "LU", "Commission nationale pour la protection des données (CNPD)",
        "National Commission for Data Protection", "15, boulevard du Jazz, 4370 Belvaux",
        "https://cnpd.public.lu/", "https://cnpd.public.lu/en/particuliers/faire-valoir/formulaire-plainte.html",
    ),
    Authority(
        "MT", "Office of the Information and Data Protection Commissioner (IDPC)",
        "Office of the Information and Data Protection Commissioner",
        "Level 2, Airways House, High Street, Sliema SLM 1549", "https://idpc.org.mt/",
        "https://idpc.org.mt/file-a-complaint/",
    ),
    Authority(
        "NL", "Autoriteit Persoonsgegevens (AP)", "Dutch Data Protection Authority",
        "Postbus 93374, 2509 AJ Den Haag", "https://autoriteitpersoonsgegevens.nl/",
        "https://autoriteitpersoonsgegevens.nl/en/submitting-a-tip-off-or-a-complaint-to-the-ap",
    ),
    Authority(
        "NO", "Datatilsynet", "Norwegian Data Protection Authority", "Postboks 458 Sentrum, 0105 Oslo",
        "https://www.datatilsynet.no/",
        "https://www.datatilsynet.no/om-datatilsynet/kontakt-oss/klage-til-datatilsynet/",
    ),
    Authority(
        "PL", "Urząd Ochrony Danych Osobowych (UODO)", "Personal Data Protection Office",
        "ul. Stanisława Moniuszki 1A, 00-014 Warszawa", "https://uodo.gov.pl/", "https://uodo.gov.pl/en/681/1404",
        address_mark="T", note=_MOVED,
    ),
    Authority(
        "PT", "Comissão Nacional de Proteção de Dados (CNPD)", "Portuguese Data Protection Authority",
        "Av. D. Carlos I, 134, 1.º, 1200-651 Lisboa", "https://www.cnpd.pt/",
        "https://www.cnpd.pt/cidadaos/participacoes/",
    ),
    Authority(
        "RO", "Autoritatea Națională de Supraveghere a Prelucrării Datelor cu Caracter Personal (ANSPDCP)",
        "National Supervisory Authority for Personal Data Processing",
        "B-dul G-ral Gheorghe Magheru 28-30, sector 1, 010336 București", "https://www.dataprotection.ro/",
        "https://www.dataprotection.ro/index.jsp?page=Plangeri_RGPD",
    ),
    Authority(
        "SK", "Úrad na ochranu osobných údajov Slovenskej republiky",
        "Office for Personal Data Protection of the Slovak Republic",
        "Námestie 1. mája 18, 811 06 Bratislava", "https://dataprotection.gov.sk/",
        "https://dataprotection.gov.sk/en/rights-data-subjects/proposal-initiate-proceedings-on-personal-data-protection/",
        address_mark="T", note=_MOVED,
    ),
    Authority(
        "SI", "Informacijski pooblaščenec", "Information Commissioner of the Republic of Slovenia",
        "Dunajska cesta 22, 1000 Ljubljana", "https://www.ip-rs.si/",
        "https://www.ip-rs.si/en/data-protection/how-to-file-an-application",
    ),
    Authority(
        "ES", "Agencia Española de Protección de Datos (AEPD)", "Spanish Data Protection Agency",
        "C/ Jorge Juan, 6, 28001 Madrid", "https://www.aepd.es/",
        "https://sedeaepd.gob.es/sede-electronica/procedures/claims/claims-info",
    ),
    Authority(
        "SE", "Integritetsskyddsmyndigheten (IMY)", "Swedish Authority for Privacy Protection",
        "Box 8114, 104 20 Stockholm", "https://www.imy.se/",
        "https://www.imy.se/en/individuals/forms-and-e-services/file-a-gdpr-complaint/",
    ),
)  # fmt: skip

AUTHORITIES: Mapping[str, Authority] = {a.country: a for a in _ALL}
"""By country."""


def authority(country: str) -> Authority | None:
    """The authority of a country of the EEA, or of the one that a territory belongs to; None elsewhere."""
    return AUTHORITIES.get(home_of(country))
