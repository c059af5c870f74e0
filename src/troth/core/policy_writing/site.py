"""What visitors meet: cookies, services, consent, forms, accounts, logs."""

from __future__ import annotations

from collections.abc import Iterator

from troth.core.law import periods
from troth.core.policy_writing.answers import Answers, Does
from troth.core.policy_writing.pen import Pen, indented, quoted
from troth.core.policy_writing.purposes import period


def cookies(answers: Answers, pen: Pen) -> Iterator[str]:
    """The site's own cookies, all exempt."""
    wanted = [does for does in (Does.ACCOUNTS, Does.ORDERS, Does.AUDIENCE) if does in answers.does]
    if not wanted:
        return
    yield from pen.note(
        "Your site's own cookies, by the names that it gives them. `exempt` says why one needs no consent.",
        "Les cookies de votre site, sous les noms qu’il leur donne. `exempt` dit pourquoi l’un se passe d’accord.",
    )
    yield "cookies:"
    for does in wanted:
        yield from indented(_COOKIES[does](pen))


def _session(pen: Pen) -> Iterator[str]:
    yield "session:"
    yield "  for: 2 days"
    yield "  purpose: accounts"
    yield "  exempt: authentication"
    yield "  until_logout: true"
    yield f"  title: {pen.text('Login', 'Connexion')}"
    yield f"  description: {pen.text('keeps you logged in', 'vous garde connecté')}"


def _basket(pen: Pen) -> Iterator[str]:
    yield "basket:"
    yield "  for: session"
    yield "  purpose: orders"
    yield "  exempt: cart_or_billing"
    yield f"  title: {pen.text('Basket', 'Panier')}"
    yield "  description: " + pen.text(
        "remembers the basket until the browser closes", "retient le panier jusqu’à la fermeture du navigateur"
    )


def _choice(pen: Pen) -> Iterator[str]:
    yield "troth_choice:"
    yield f"  for: {period(periods.CHOICE_REMEMBERED)}"
    yield "  purpose: consent_proof"
    yield "  exempt: consent_choice"
    yield f"  title: {pen.text('Your choices', 'Vos choix')}"
    yield "  description: " + pen.text(
        "remembers what you accepted or refused", "retient ce que vous avez accepté ou refusé"
    )


_COOKIES = {Does.ACCOUNTS: _session, Does.ORDERS: _basket, Does.AUDIENCE: _choice}


def services(answers: Answers, pen: Pen) -> Iterator[str]:
    """What the site embeds, and how consent to it is asked for."""
    if Does.AUDIENCE not in answers.does:
        return
    yield from pen.note(
        "What the site embeds. Nothing of it loads before its purpose is accepted. List the hosts it loads from and "
        "the cookies it sets, with how long they live. Measurement on your own server that meets the four conditions "
        "of docs/reference/law.md may instead say `exempt: audience_measurement_exempt` with its self_assessment.",
        "Ce que le site intègre. Rien ne se charge avant l’accord pour sa finalité. Énumérez les serveurs d’où il se "
        "charge et les cookies qu’il dépose, avec leur durée. Une mesure sur votre serveur qui remplit les quatre "
        "conditions de docs/reference/law.md peut dire `exempt: audience_measurement_exempt`, avec son "
        "self_assessment.",
    )
    yield "services:"
    yield "  audience:"
    yield "    purpose: audience"
    yield "    kind: audience"
    yield f"    title: {quoted(answers.audience_tool)}"
    yield f"    description: {pen.text('counts visits to our pages', 'compte les visites de nos pages')}"
    yield "    recipient: web-host"
    yield '    # host: ["stats.example.org"]'
    yield '    # cookies: {"_pk_id*": 13 months, "_pk_ses*": 30 minutes}'
    yield ""
    yield from _consent(pen)


def _consent(pen: Pen) -> Iterator[str]:
    yield from pen.note(
        "How consent is asked for. Silence is refusal; refusing is as easy as accepting.",
        "Comment l’accord est demandé. Le silence est un refus ; refuser est aussi simple qu’accepter.",
    )
    yield "consent:"
    yield f"  ask_again_after: {period(periods.CHOICE_REMEMBERED)}"
    yield f"  trackers_live: {period(periods.TRACKER)}"
    yield "  global_privacy_control: refuse"
    yield "  silence: refuse"
    yield "  required_for: all_trackers"
    yield "  when_all_off: remember"
    promise = pen.chosen("a promise; write asked if you use any", "une promesse ; écrivez asked sinon")
    yield f"  advertising: none  # {promise}"
    yield "  button: bottom_right"
    yield f"  proof_kept: {period(periods.CONSENT_PROOF)}"
    yield f"  title: {pen.text('Your choices on this site', 'Vos choix sur ce site')}"
    yield "  text: " + pen.text(
        "We would like to measure how our pages are used. Nothing loads without your agreement, and refusing deprives "
        "you of no page.",
        "Nous aimerions mesurer l’usage de nos pages. Rien ne se charge sans votre accord, et refuser ne vous prive "
        "d’aucune page.",
    )
    yield f"  refusal_consequences: {pen.text('None.', 'Aucune.')}"


def forms(answers: Answers, pen: Pen) -> Iterator[str]:
    """Contact form, newsletter, accounts."""
    if Does.CONTACT in answers.does:
        yield from _contact(answers, pen)
    if Does.NEWSLETTER in answers.does:
        yield from _newsletter(answers, pen)
    if Does.ACCOUNTS in answers.does:
        yield from _accounts(answers, pen)


def _contact(answers: Answers, pen: Pen) -> Iterator[str]:
    yield from pen.note(
        "The contact form. `stored: false` promises that messages leave by mail and nothing stays on the site.",
        "Le formulaire de contact. `stored: false` promet que les messages partent par courriel et que rien ne reste "
        "sur le site.",
    )
    yield "contact:"
    yield "  purpose: contact"
    yield f"  deliver_to: {quoted(answers.contact_email)}"
    yield "  stored: false"
    yield "  fields:"
    yield "    name: {is: Name, title: " + pen.text("Name", "Nom") + "}"
    yield "    email: {is: EmailAddress, required: true, kind: email, title: " + pen.text("E-mail", "Courriel") + "}"
    yield "    phone: {is: TelephoneNumber, kind: phone, title: " + pen.text("Telephone", "Téléphone") + "}"
    yield (
        "    message: {is: Communication, required: true, kind: message, title: " + pen.text("Message", "Message") + "}"
    )
    yield "  acknowledgement:"
    yield "    text: " + pen.text(
        "I have taken note of the privacy policy", "J’ai pris connaissance de la politique de confidentialité"
    )
    yield "    shows_version: true"
    yield "  when_mail_fails: " + pen.text(
        "Your message could not leave. It is still here: copy it or try again.",
        "Votre message n’a pas pu partir. Il est toujours là : copiez-le ou réessayez.",
    )
    yield ""


def _newsletter(answers: Answers, pen: Pen) -> Iterator[str]:
    yield "newsletter:"
    yield "  purpose: newsletter"
    yield f"  recipient: {'mailing' if answers.mailing is not None else 'web-host'}"
    yield "  fields:"
    yield "    email: {is: EmailAddress, required: true, kind: email, title: " + pen.text("E-mail", "Courriel") + "}"
    yield f"  double_opt_in: true  # {pen.chosen('a mail asks for confirmation', 'un courriel demande confirmation')}"
    yield "  one_click_unsubscribe: true"
    yield f"  keep_after_unsubscribing: {period(periods.PROSPECT)}"
    opens = pen.chosen("opened mails are not observed", "l’ouverture des courriels n’est pas observée")
    yield f"  tracking: false  # {opens}"
    yield ""


def _accounts(answers: Answers, pen: Pen) -> Iterator[str]:
    yield "accounts:"
    yield "  purpose: accounts"
    yield "  fields:"
    yield "    email: {is: EmailAddress, required: true, kind: email, title: " + pen.text("E-mail", "Courriel") + "}"
    yield "    name: {is: Name, title: " + pen.text("Name", "Nom") + "}"
    yield "  people_may: [see, change, delete]"
    strength = pen.chosen("80 bits: CNIL, deliberation 2022-100", "80 bits : CNIL, délibération 2022-100")
    yield f"  # {strength}"
    yield "  password: {min_length: 14, min_bits: 80, classes: 3, common_refused: true, attempts_limited: true}"
    yield f"  inactive: {{after: {period(periods.ACCOUNT_INACTIVE)}, warn_before: 1 month}}"
    yield ""


def logs(answers: Answers, pen: Pen) -> Iterator[str]:
    """The log of the web server."""
    if Does.LOGS not in answers.does:
        return
    yield from pen.note(
        "The log of the web server. Addresses are personal data. Authorities recommend 6 to 12 months; more needs "
        "`justification`.",
        "Le journal du serveur web. Les adresses sont des données personnelles. La CNIL recommande 6 à 12 mois ; plus "
        "demande `justification`.",
    )
    yield "logs:"
    yield "  web:"
    yield "    purposes: [logs]"
    yield "    contains: [IPAddress, UserAgent, BrowsingBehaviour]"
    yield f"    keep: {period(periods.LOGS_MOST)}"
    yield f"    location: {quoted(answers.host.country)}"
    yield "    recipient: web-host"
    yield "    statements:"
    yield "      - " + pen.text(
        "The server log serves to find faults, attacks and fraud, and nothing else.",
        "Le journal du serveur sert à trouver pannes, attaques et fraudes, et à rien d’autre.",
    )
