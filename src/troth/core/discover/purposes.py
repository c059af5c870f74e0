"""What a table is probably for, by its name: a first list of purposes, for a person to correct."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from troth.core.discover.link_names import is_about
from troth.core.discover.link_words import words_in

Basis = Literal["consent", "contract", "legitimate_interest"]


@dataclass(frozen=True, slots=True)
class PurposeKind:
    """A usual purpose. ``keeps``: usual periods with the event they count from, the best first; which of them
    the database can tell is seen later. Where people may still be there (a client, an employee), no period counts
    from the day on which their data came: it would be over while they are."""

    name: str
    title: Mapping[str, str]
    people: str
    basis: Basis
    keeps: tuple[tuple[str, str], ...]
    words: frozenset[str] = frozenset()


ACCOUNTS = "accounts"
LOGS = "logs"

PURPOSES: Mapping[str, PurposeKind] = {
    kind.name: kind
    for kind in (
        PurposeKind(
            LOGS, {"en": "Security and technical logs", "fr": "Sécurité et journaux techniques"}, "users",
            "legitimate_interest", (("1 year", "collected"),),
            words_in(
                "log logs audit session visit hit access history login attempt tracking statistic stats trace"
                " journal historique connexion visite suivi protokoll sitzung zugriff besuch verlauf registro sesion"
                " visita online banned ban failed blacklist cookie ip watchdog"
            ),
        ),
        PurposeKind(
            "newsletter", {"en": "Newsletter", "fr": "Lettre d’information"}, "subscribers", "consent",
            (("3 years", "last_contact"), ("3 years", "unsubscribed")),
            words_in(
                "newsletter subscriber mailing campaign optin mailinglist abonne infolettre lettre rundbrief boletin"
            ),
        ),
        PurposeKind(
            "orders", {"en": "Orders, invoices and payments", "fr": "Commandes, factures et paiements"}, "customers",
            "contract",
            (("10 years", "financial_year_end"), ("10 years", "document_date"), ("10 years", "last_order"),
             ("10 years", "collected")),
            words_in(
                "order invoice bill billing payment cart basket quote quotation shipment shipping delivery refund"
                " transaction purchase sale checkout rental booking reservation contract voucher coupon wallet"
                " commande facture facturation paiement panier devis livraison remboursement vente achat contrat avoir"
                " bestellung auftrag rechnung zahlung warenkorb angebot lieferung verkauf kauf buchung vertrag"
                " pedido factura pago carrito presupuesto entrega venta compra reserva contrato"
            ),
        ),
        PurposeKind(
            "messages", {"en": "Messages and contributions", "fr": "Messages et contributions"}, "users",
            "legitimate_interest", (("3 years", "last_contact"), ("3 years", "closed"), ("3 years", "collected")),
            words_in(
                "message msg ticket comment post chat conversation thread support note review rating mail email inquiry"
                " enquiry feedback topic reply answer question vote poll forum discussion contactform complaint"
                " commentaire avis reponse demande reclamation courriel sujet sondage nachricht kommentar bewertung"
                " anfrage antwort beitrag umfrage mensaje comentario opinion respuesta consulta"
            ),
        ),
        PurposeKind(
            "staff", {"en": "Running the staff", "fr": "Gestion du personnel"}, "employees", "contract",
            (("5 years", "contract_end"),),
            words_in(
                "employee staff salary payroll leave absence timesheet hr salarie employe salaire paie conge personnel"
                " mitarbeiter personal gehalt urlaub empleado nomina salario"
            ),
        ),
        PurposeKind(
            ACCOUNTS, {"en": "Accounts and customer relations", "fr": "Comptes et relation client"}, "customers",
            "contract", (("3 years", "last_contact"), ("3 years", "account_activity"), ("3 years", "last_order")),
        ),
    )
}  # fmt: skip
"""By name, in the order in which a name is compared with them."""


def purpose_by_name(words: Sequence[str]) -> str | None:
    """The purpose that the words of a table's name speak of. The last word weighs most: an order's log is a log."""
    for chosen in (words[-1:], words):
        for kind in PURPOSES.values():
            if is_about(chosen, kind.words):
                return kind.name
    return None
