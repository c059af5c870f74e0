"""What every template can say of a value."""

from __future__ import annotations

from django.template import Library
from django.utils.safestring import SafeString, mark_safe

from troth.package.html_cells import escape
from troth.package.html_cells import foldable as folded

register = Library()


@register.filter
def foldable(address: str) -> SafeString:
    """An e-mail address that breaks after its ``@`` and its points, where it has to break."""
    return mark_safe(folded(escape(str(address))))  # noqa: S308 - escaped
