"""Words in names of columns and tables, in a few languages: of identifiers, people, their parts, what is no person.

Nothing here is the name of a table of any particular software.
"""

from __future__ import annotations


def words_in(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


ID_WORDS = words_in(
    "id ids key no nr num number uuid guid uid pk fk ref oid sk identifier identifiant numero kennung nummer "
    "clave ident idx rowid cod code codigo codice kode nro nbr num kz"
)
"""Words that say "the number of", before or behind what it is the number of."""

GENERIC_KEYS = words_in("id uuid guid key pk rowid no nr num number code identifier ident ref name")
"""Names of key columns that say nothing about their table."""

THING_WORDS = words_in(
    "object item entity element foreign target source subject ref reference related record resource model row rows "
    "datensatz satz eintrag registro riga enregistrement ligne zeile instance objet cible objekt ziel quelle objeto "
    "elemento destino origen oggetto"
)
"""Words for a thing of any kind."""

LINE_WORDS = words_in("lin line linea lig ligne rig riga zeile pos posicion position posten seq step zl")
"""Words for the place of a row among others: no short names of a table."""

MEASURE_WORDS = words_in(
    "size length weight height width rank score points time duration year month day hour minute percent rate price "
    "cost version status state level type mode flags priority sortorder order position quantity qty age balance "
    "taille longueur poids duree annee mois jour heure prix version statut etat niveau priorite ordre quantite age "
    "groesse laenge gewicht dauer jahr monat tag stunde preis stufe rang reihenfolge menge alter prioritaet "
    "tamano longitud peso duracion ano mes dia hora precio estado nivel prioridad orden cantidad edad "
    "dimensione lunghezza durata anno mese giorno ora prezzo stato livello priorita ordine quantita eta"
)
"""Words for what is measured or counted: a bare one names no row."""

ABOVE_WORDS = words_in("parent main head header master base document doc kopf haupt stamm cabecera testata entete")
"""Words for the row of another table to which a row of this one is added."""

QUALIFYING_WORDS = words_in(
    "from to by main second other last first orig original alt primary secondary current previous "
    "next creat modif valid assign close resp mod ins upd alta baja cambio ult origine principal "
    "vorher nachher actual anterior"
)
"""Words behind that of a table which tell the part it has: ``user_from``, ``usuario_alta``."""

USER_WORDS = words_in(
    "user usr member account login person people individual utilisateur membre compte personne personnes benutzer "
    "nutzer mitglied konto usuario cuenta miembro persona utente persone gebruiker profile"
)
"""Words by which tables of people with a login are called."""

CUSTOMER_WORDS = words_in(
    "customer client buyer guest subscriber contact patient student employee staff candidate applicant donor "
    "tenant volunteer lead prospect passenger player visitor attendee participant pupil teacher instructor driver "
    "owner acheteur abonne adherent salarie employe eleve etudiant candidat donateur locataire benevole visiteur "
    "voyageur kunde kaeufer gast abonnent patientin schueler mitarbeiter bewerber spender mieter besucher "
    "teilnehmer cliente comprador huesped suscriptor paciente alumno estudiante empleado socio donante inquilino "
    "visitante klant leverancier dipendente"
)
"""Words by which other tables of people are called."""

PERSON_WORDS = USER_WORDS | CUSTOMER_WORDS

OWNER_ROLES = words_in(
    "declarant declarante dichiarante anmelder melder locataire garant bailleur titulaire "
    "author owner poster sender witness victim applicant borrower lender signer signatory attendee claimant zeuge "
    "verletzter entleiher ausleiher sportler unterzeichner auftraggeber temoin signataire emprunteur plaignant "
    "assure patiente testigo firmante prestatario intestatario firmatario richiedente paziente assistito ospite "
    " recipient receiver initiator actor principal caller callee uid reporter requester "
    "follower followed friend voter reviewer commenter purchaser payer holder beneficiary invitee inviter "
    "uploader auteur proprietaire expediteur destinataire emetteur demandeur beneficiaire titulaire autor "
    "verfasser besitzer eigentuemer inhaber absender empfaenger antragsteller propietario remitente solicitante "
    "beneficiario titular autore mittente destinatario proprietario"
)
"""Words for the person whom a row is about."""

MAKER_ROLES = words_in(
    "creator createur ersteller creador creatore registrant submitter createdby addedby enteredby insertedby "
    "postedby creepar erstelltvon creadopor madeby"
)
"""Words for the person who wrote a row down; it is about them when it is about nobody else."""

HANDLER_ROLES = words_in(
    "editor modifier updater assignee assigned approver approved handler agent rep representative support "
    "salesman seller salesperson manager supervisor moderator admin administrator operator staff employee cashier "
    "technician validator reviewer referrer sponsor parent leader lead coordinator lastmodified lastupdated "
    "resp mgr mngr supv chef redacteur gardien keyworker caseworker linemanager bearb sachb "
    "stellvertreter vertreter verantwortlich verantwortlicher zustaendig zustaendiger vorsitzender kassierer cajero "
    "encargado responsabile incaricato operatore operador operateur medico arzt medecin vendeuse tuteur referente "
    "deputy substitute superior chief boss head impersonator impersonated modificateur valideur gestionnaire "
    "responsable vendeur commercial conseiller technicien superieur parrain bearbeiter betreuer verkaeufer "
    "sachbearbeiter leiter pruefer vorgesetzter gestor vendedor jefe tecnico"
)
"""Words for somebody who dealt with a row that is about somebody else."""

STAFF_WORDS = words_in(
    "user usr employee staff worker agent operator operatore utente utilisateur usuario benutzer mitarbeiter personal "
    "salarie employe empleado dipendente admin administrator clerk login account collaborateur bearbeiter"
)
"""Words by which the tables of those are called who enter and handle rows."""

ORGANISATION_WORDS = words_in(
    "company organisation organization firm supplier vendor manufacturer brand publisher shipper carrier store "
    "shop warehouse department division office agency bank group team branch category product type status country "
    "city region state currency language role permission site tenant workspace location territory societe "
    "entreprise organisme fournisseur fabricant marque editeur transporteur magasin boutique entrepot departement "
    "service agence banque groupe equipe categorie produit article pays ville langue firma unternehmen lieferant "
    "hersteller marke verlag laden geschaeft lager abteilung gruppe kategorie produkt artikel land stadt sprache "
    "empresa proveedor fabricante tienda almacen departamento grupo categoria producto pais ciudad idioma"
)
"""Words for what is not a person: rows that belong to it are not somebody's for that."""

FIRM_WORDS = words_in(
    "company firm organisation organization business societe entreprise firma unternehmen empresa azienda ditta "
    "societa tercero tiers third party"
)
"""Words for firms of which many a small one is a person."""

BY = frozenset({"by", "par", "von", "por", "da", "door"})
CHANGED_WORDS = words_in(
    "modified changed updated edited deleted approved assigned closed locked reviewed checked modifie valide supprime "
    "geaendert geloescht genehmigt modificado borrado aprobado asignado modificato cancellato approvato assegnato"
)
"""What somebody did with a row that is about somebody else."""
MADE_WORDS = words_in(
    "created create added entered inserted posted submitted written made registered recorded uploaded cree creee "
    "ajoute erstellt angelegt creado anadido creato"
)
