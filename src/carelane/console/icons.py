"""Icons: those of Heroicons by their names there, and shapes of our own for states. A page holds those that it shows."""

import re
from functools import cache
from typing import Any
from xml.etree.ElementTree import Element, tostring

import heroicons
from markupsafe import Markup

# How far a case, an order or a payment is, as a shape; 16 by 16.
_SHAPES = {
    "s-late": '<circle cx="8" cy="8" r="6"/><path d="M8 4.5v4m0 2.6v.1"/>',
    "s-hour": '<circle cx="8" cy="8" r="6"/><path d="M8 8V2a6 6 0 0 1 6 6z" fill="currentColor"/>',
    "s-today": '<circle cx="8" cy="8" r="6"/><path d="M8 4.6V8l2.3 1.6"/>',
    "s-later": '<circle cx="8" cy="8" r="6" stroke-dasharray="1.6 2.2"/>',
    "s-open": '<circle cx="8" cy="8" r="6"/>',
    "s-assigned": '<circle cx="8" cy="8" r="6"/><circle cx="8" cy="8" r="1.5" fill="currentColor"/>',
    "s-progress": '<circle cx="8" cy="8" r="6"/><path d="M8 2a6 6 0 0 1 0 12z" fill="currentColor"/>',
    "s-wait": '<path d="M4.5 2h7m-7 12h7M5 2v2.2L8 8l3-3.8V2M5 14v-2.2L8 8l3 3.8V14"/>',
    "s-none": '<circle cx="8" cy="8" r="6"/><path d="M5 8h6"/>',
    "s-warn": '<path d="M8 2 14.6 13.5H1.4z"/><path d="M8 6.4v3.2m0 2v.1"/>',
    "s-stop": '<path d="M5.2 2h5.6L14 5.2v5.6L10.8 14H5.2L2 10.8V5.2z"/><path d="M8 5v3.6m0 2.3v.1"/>',
    "s-send": '<path d="M2 8h11m-4-4 4 4-4 4"/>',
    "s-ship": '<path d="M1.5 4h8v7h-8zM9.5 6.5h3l2 2.3V11h-5"/><circle cx="4.5" cy="12" r="1.2"/><circle cx="11.8" cy="12" r="1.2"/>',
    "s-yes": '<circle cx="8" cy="8" r="6.5" fill="currentColor" stroke="none"/>'
    '<path d="m5.2 8.2 2 2 3.6-4.2" class="cut"/>',
    "s-no": '<circle cx="8" cy="8" r="6.5" fill="currentColor" stroke="none"/>'
    '<path d="m5.8 5.8 4.4 4.4m0-4.4-4.4 4.4" class="cut"/>',
}
_LOGO = (
    '<rect width="28" height="28" rx="7" fill="currentColor" stroke="none"/>'
    '<path d="M9 22C9 15 12 14 14 14s5-1 5-8" class="cut" stroke-width="2.6"/>'
    '<path d="M9 6v3m10 10v3" class="cut" stroke-width="2.6"/>'
)
_USED = re.compile(r'href="#i-([a-z0-9-]+)"')


def icon(name: str, classes: str = "icon") -> Markup:
    """It says nothing to those who listen; the words beside it do."""
    return Markup(f'<svg class="{classes}" aria-hidden="true"><use href="#i-{name}"/></svg>')  # noqa: S704 - no text of people


def sprite(html: str) -> str:
    """The drawings of all icons that the page uses."""
    symbols = "".join(_symbol(name) for name in sorted(set(_USED.findall(html))))
    return f'<svg class="unseen" aria-hidden="true" data-sprite>{symbols}</svg>'


@cache
def _symbol(name: str) -> str:
    """Raises IconDoesNotExist for a name that a template misspells."""
    if name == "logo":
        return f'<symbol id="i-logo" viewBox="0 0 28 28">{_LOGO}</symbol>'
    if name in _SHAPES:
        return f'<symbol id="i-{name}" viewBox="0 0 16 16">{_SHAPES[name]}</symbol>'
    drawing: Any = heroicons._load_icon("outline", name)
    return f'<symbol id="i-{name}" viewBox="0 0 24 24">{"".join(map(_path, drawing))}</symbol>'


def _path(element: Element) -> str:
    """Without what our stylesheet says of all icons."""
    kept = {key: value for key, value in element.attrib.items() if not key.startswith("stroke")}
    return tostring(Element(str(getattr(element.tag, "text", element.tag)), kept), encoding="unicode")
