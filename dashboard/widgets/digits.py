"""Big numbers, three rows high, to be read from across the room. Pure."""

from __future__ import annotations

_GLYPHS = {
    "0": ("╭─╮", "│ │", "╰─╯"),
    "1": (" ╷ ", " │ ", " ╵ "),
    "2": ("╶─╮", "╭─╯", "╰─╴"),
    "3": ("╶─╮", " ─┤", "╶─╯"),
    "4": ("╷ ╷", "╰─┤", "  ╵"),
    "5": ("╭─╴", "╰─╮", "╶─╯"),
    "6": ("╭─╴", "├─╮", "╰─╯"),
    "7": ("╶─╮", "  │", "  ╵"),
    "8": ("╭─╮", "├─┤", "╰─╯"),
    "9": ("╭─╮", "╰─┤", "╶─╯"),
    ".": (" ", " ", "."),
    "–": ("   ", "╶─╴", "   "),
    "-": ("   ", "╶─╴", "   "),
    "k": ("╷  ", "├─╴", "╵ ╵"),
    "M": ("╭┬╮", "│││", "╵ ╵"),
    " ": (" ", " ", " "),
}


_HEAVY = str.maketrans("╭╮╰╯─│╶╴╷╵├┤┬", "┏┓┗┛━┃╺╸╻╹┣┫┳")


def big(text: str, heavy: bool = False) -> tuple[str, str, str] | None:
    """Return ``text`` in big digits as three rows of one width; None where a character has no big form."""
    glyphs = [_GLYPHS.get(character) for character in text]
    if not text or None in glyphs:
        return None
    known = [glyph for glyph in glyphs if glyph is not None]
    first, second, third = ("".join(glyph[row] for glyph in known) for row in range(3))
    if heavy:
        first, second, third = (line.translate(_HEAVY) for line in (first, second, third))
    return first, second, third
