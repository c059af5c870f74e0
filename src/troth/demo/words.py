"""Small word lists for invented people: no outside package, no real person, no reachable number.

Mail domains are reserved (RFC 2606), telephone numbers come from the ranges that the French and British
regulators keep for works of fiction, addresses on the network from those kept for documentation (RFC 5737).
"""

from __future__ import annotations

# ruff: noqa: SIM905  (a list of names reads better as a paragraph)

FIRST_FR_F = (
    "Adèle Agathe Alix Ambre Anaïs Apolline Aurore Bérénice Capucine Céleste Chloé Clémence Colette Delphine "
    "Éléonore Élise Eugénie Faustine Flore Garance Hélène Héloïse Inès Jeanne Joséphine Léonie Louise Lucie "
    "Maëlle Margaux Mathilde Noémie Océane Odile Ondine Pauline Rosalie Solène Sylvie Yasmine Zélie"
).split()
FIRST_FR_M = (
    "Achille Anatole Antoine Armand Aurélien Bastien Baptiste Camille Cédric Corentin Cyprien Émile Étienne "
    "Félix Florian François Gaël Gaspard Gauthier Hippolyte Honoré Ibrahim Jérôme Joël Lazare Léandre Loïc "
    "Mahé Malo Marius Mathieu Maxence Noé Octave Ousmane Raphaël Rémi Sacha Théophile Tristan Yann"
).split()
FIRST_EN_F = (
    "Abigail Alice Beatrice Bridget Charlotte Daisy Edith Eleanor Fiona Florence Georgia Harriet Imogen Isla "
    "Ivy Jemima Keira Lydia Martha Matilda Nora Olivia Penelope Rosie Sienna Tabitha Una Violet Winifred"
).split()
FIRST_EN_M = (
    "Albert Alfie Arthur Callum Declan Dylan Edmund Ewan Finlay Frank Gareth Harvey Hugh Isaac Jasper Kieran "
    "Lewis Magnus Miles Nathaniel Oscar Owen Percy Ralph Rory Rupert Seamus Toby Victor Wilfred"
).split()
LAST_FR = (
    "Abadie Arnoult Aubertin Barbier Bastide Béraud Bessonnet Bonnaud Bourdillat Brunel Cazenave Chabert "
    "Chauvelin Corbière Courtois Dartigues Delorme Desroches Dufresne Escoffier Estève Fabre Fauconnet "
    "Ferrand Fontanel Gaillardon Garrigue Gaudry Guérin Haudry Jacquemin Jourdain "
    "Labadie Lacombe Lamy Larivière Lenoir Lescure Maréchal Marchandeau Mercadier Mesnard Montagnier "
    "N’Diaye Oudinot Pélissier Perraudin Poncelet Quentin Rabaud Ravel Rességuier Rivoire Rochefort Sabatier Sauvageot "
    "Soubeyran Tavernier Thévenot Tissandier Vasseur Verchère Vigneron Villard Ziani"
).split()
LAST_EN = (
    "Ainsworth Ashdown Bexley Blackwood Bramley Calloway Chadwick Clifford Cromer Dalton Denholm Eastwood "
    "Fairclough Fenwick Garside Greenhalgh Hadley Hartwell Holroyd Ingham Kershaw Langley Lockhart Marlowe "
    "Merriman Norwood O'Dowd Ormsby Pemberton Quill Radley Redfern Rowntree Selwyn Stanhope Tennant "
    "Thackeray Underhill Wainwright Whitlock Winterbourne Yardley"
).split()

STREETS_FR = (
    "rue des Tanneurs",
    "rue du Papier-Timbré",
    "quai des Relieurs",
    "impasse du Colombier",
    "avenue des Glycines",
    "place du Vieux-Puits",
    "chemin des Mûriers",
    "rue de la Petite-Horloge",
    "allée des Charmes",
    "montée Saint-Guignefort",
    "cours des Bateliers",
    "rue aux Ours",
    "boulevard de la Gare-Haute",
    "rue de l’Encrier",
    "passage de l’Équerre",
)
STREETS_EN = (
    "Paper Mill Lane",
    "Orchard Row",
    "Quill Street",
    "Weavers Yard",
    "Old Tannery Road",
    "Lantern Hill",
    "Foxglove Avenue",
    "Station Crescent",
    "Chandler's Walk",
    "Mill Pond Close",
)
CITIES_FR = (
    ("01000", "Bourg-la-Plaine"),
    ("13990", "Port-les-Pins"),
    ("21490", "Val-sur-Tille"),
    ("29990", "Pen-ar-Vor"),
    ("33990", "Saint-Loup-de-Médoc"),
    ("38990", "Mont-Clair"),
    ("59990", "Wattebeke"),
    ("67990", "Kirchbruck"),
    ("69099", "Lyon"),
    ("75099", "Paris"),
)
CITIES_EN = (
    ("ZX1 4AB", "Northmere", "GB"),
    ("ZX7 9QQ", "Eastwick", "GB"),
    ("ZX3 2LP", "Harrowbridge", "GB"),
    ("D99 X1X1", "Kilbeg", "IE"),
    ("D99 Y2Y2", "Dunmore Quay", "IE"),
)
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
