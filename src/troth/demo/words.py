"""What the invented databases are filled with besides Faker's names: no reachable address or number.

Mail domains are reserved (RFC 2606), telephone numbers come from the ranges that the French and British
regulators keep for works of fiction, addresses on the network from those kept for documentation (RFC 5737).
Faker would invent ones that somebody may have.
"""

from __future__ import annotations

COMPANIES = (
    "Les Jardins d’Ondine",
    "Imprimerie du Colombier",
    "Cabinet Rabaud",
    "Librairie de l’Encrier",
    "Verchère & Filles",
    "Atelier Soubeyran",
    "École du Vieux-Puits",
    "Redfern Stationers",
    "Whitlock & Quill",
    "Northmere Archive Trust",
    "Fondation Haudry",
    "Coopérative des Mûriers",
    "Menuiserie Lescure",
    "Studio Pélissier",
    "Kershaw Surveyors",
    "Clinique des Glycines",
)
MAIL_DOMAINS = ("example.org", "example.net", "example.com", "courrier.test", "post.test")
FR_PHONE_PREFIXES = ("01 99 00", "02 61 91", "03 53 01", "04 65 71", "05 36 49", "06 39 98", "06 39 98")
BROWSERS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/141.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/141.0 Mobile Safari/537.36",
)
QUESTIONS = {
    "fr": (
        "Bonjour, où en est ma commande ? Merci d’avance.",
        "Le carnet reçu a un coin abîmé, que faire ?",
        "Pouvez-vous m’envoyer la facture au nom de mon association ?",
        "Je voudrais changer l’adresse de livraison, je déménage.",
        "Est-il possible de faire dorer mes initiales sur la couverture ?",
    ),
    "en": (
        "Hello, has my parcel left yet? Many thanks.",
        "One corner of the notebook arrived bent, what should I do?",
        "Could the invoice be made out to our trust instead?",
        "I am moving house, can you send it to the new address?",
        "Can you emboss my initials on the cover?",
    ),
}
ANSWERS = {
    "fr": ("C’est fait, merci de votre patience.", "Nous vous répondons d’ici demain.", "Bien noté !"),
    "en": ("Done, thank you for your patience.", "We will answer by tomorrow.", "Noted!"),
}
