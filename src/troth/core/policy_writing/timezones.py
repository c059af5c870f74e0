"""The time zone in which a publisher of each country usually counts its days."""

from __future__ import annotations

from collections.abc import Mapping

TIMEZONES: Mapping[str, str] = {
    "AT": "Europe/Vienna", "BE": "Europe/Brussels", "BG": "Europe/Sofia", "HR": "Europe/Zagreb", "CY": "Asia/Nicosia",
    "CZ": "Europe/Prague", "DK": "Europe/Copenhagen", "EE": "Europe/Tallinn", "FI": "Europe/Helsinki",
    "FR": "Europe/Paris", "DE": "Europe/Berlin", "GR": "Europe/Athens", "HU": "Europe/Budapest",
    "IS": "Atlantic/Reykjavik", "IE": "Europe/Dublin", "IT": "Europe/Rome", "LV": "Europe/Riga", "LI": "Europe/Vaduz",
    "LT": "Europe/Vilnius", "LU": "Europe/Luxembourg", "MT": "Europe/Malta", "NL": "Europe/Amsterdam",
    "NO": "Europe/Oslo", "PL": "Europe/Warsaw", "PT": "Europe/Lisbon", "RO": "Europe/Bucharest",
    "SK": "Europe/Bratislava", "SI": "Europe/Ljubljana", "ES": "Europe/Madrid", "SE": "Europe/Stockholm",
    "AX": "Europe/Mariehamn", "GF": "America/Cayenne", "GP": "America/Guadeloupe", "MF": "America/Marigot",
    "MQ": "America/Martinique", "RE": "Indian/Reunion", "YT": "Indian/Mayotte",
}  # fmt: skip
"""By country, and by territory with a code of its own. Of several zones (Spain, Portugal) the capital's."""
