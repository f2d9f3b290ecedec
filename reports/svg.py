"""A drawing of matplotlib's made into a part of a page: classes for colours, unique ids, titles."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET  # the text is matplotlib's own, never a user's file

# Colours stand for CSS classes of the style sheet: what is drawn in one becomes "f-…" or "s-…".
PALETTE = {
    name: f"#0000{number:02x}"
    for number, name in enumerate(
        ("ink", "mute", "rule", "line", "bar", "paper", "fail", "pass", "open", "none", "band"), start=1
    )
}
NAMES = {colour: name for name, colour in PALETTE.items()}
KEPT = {"stroke-width", "stroke-dasharray", "stroke-linejoin", "stroke-linecap", "text-anchor", "font-size"}


def inline(text: str, id_: str, title: str, description: str, titles: dict[str, str]) -> str:
    """Make an SVG file an ``<svg>`` element of a page.

    Args:
        text: the file, drawn in the colours of ``PALETTE`` only.
        id_: unique in the page.
        title: what it shows, in a few words.
        description: what is to be seen, for those who do not see it.
        titles: hover text of the groups that have these ids.
    """
    root = ET.fromstring(text)
    for parent in list(root.iter()):
        for child in list(parent):
            if _local(child.tag) in ("metadata", "style") or _background(child):
                parent.remove(child)
    used = set(re.findall(r"(?:url\(|href=\")#([\w-]+)", text))
    for element in root.iter():
        _rewrite(element, id_, used, titles)
    _drop_empty(root)
    width, height = (float(root.get(side, "0").removesuffix("pt")) for side in ("width", "height"))
    root.attrib = {
        "class": "chart",
        "viewBox": f"0 0 {width:g} {height:g}",
        "width": f"{width:g}",
        "height": f"{height:g}",
        "role": "img",
        "aria-labelledby": f"{id_}-title {id_}-desc",
    }
    for position, (tag, words) in enumerate((("title", title), ("desc", description))):
        element = ET.Element(tag, {"id": f"{id_}-{tag}"})
        element.text, element.tail = words, "\n"
        root.insert(position, element)
    return ET.tostring(root, encoding="unicode")


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _background(element: ET.Element) -> bool:
    """Whether it is the white ground of the figure or of its axes."""
    style = [child.get("style", "") for child in element]
    return element.get("id") in ("patch_1", "patch_2") and style == ["fill: #ffffff"]


def _rewrite(element: ET.Element, id_: str, used: set[str], titles: dict[str, str]) -> None:
    """Rename, unstyle and shorten one element."""
    element.tag = _local(element.tag)
    element.attrib = {_local(key): text for key, text in element.attrib.items()}
    attributes = element.attrib
    own = attributes.pop("id", None)
    if own in used:
        attributes["id"] = f"{id_}-{own}"
    if own in titles:
        hover = ET.Element("title")
        hover.text = titles[own]
        element.insert(0, hover)
    if "href" in attributes:
        attributes["href"] = f"#{id_}-{attributes['href'][1:]}"
    if "clip-path" in attributes:
        attributes["clip-path"] = attributes["clip-path"].replace("#", f"#{id_}-")
    if "d" in attributes:
        attributes["d"] = " ".join(_shortened(attributes["d"]).split())
    for key in ("x", "y", "transform"):
        if key in attributes:
            attributes[key] = _shortened(attributes[key])
    if attributes.get("transform", "").startswith(("rotate(-0 ", "rotate(0 ")):
        del attributes["transform"]
    if "style" in attributes:
        _unstyle(attributes)
    element.tail = None
    if element.text is not None and not element.text.strip():
        element.text = None


def _shortened(numbers: str) -> str:
    return re.sub(r"-?\d+\.\d+", lambda m: f"{float(m[0]):.1f}".removesuffix(".0"), numbers)


def _unstyle(attributes: dict[str, str]) -> None:
    """Turn a style into classes and attributes: the page's policy forbids styles in elements."""
    classes = []
    for declaration in attributes.pop("style").split(";"):
        key, _, value = (part.strip() for part in declaration.partition(":"))
        if key in ("fill", "stroke"):
            classes.append(f"{key[0]}-{NAMES[value]}" if value in NAMES else f"{key[0]}-off")
        elif key in KEPT and (key, value) not in (("text-anchor", "start"),):
            attributes[key] = value.removesuffix("px")
    if classes:
        attributes["class"] = " ".join(classes)


def _drop_empty(element: ET.Element) -> None:
    """Drop groups that hold nothing any more."""
    for child in list(element):
        _drop_empty(child)
        if child.tag in ("g", "defs") and not len(child):
            element.remove(child)
