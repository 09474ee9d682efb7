"""What engines do to tags, one function for each thing seen in the wild, done on purpose to one mark of a translation.

A translation is a list of atoms: pieces of text, each of which knows to which marks it belongs, and tags. A fault
changes the list, or how the mark's tags are spelled, and never what belongs to whom, so the truth survives it.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum


class Fault(StrEnum):
    """One thing that goes wrong with the tags of one mark."""

    CAPITALS = "the name in capitals"
    SPACED = "spaces inside the tags"
    FULL_WIDTH = "full-width brackets and digits"
    MIXED_BRACKETS = "brackets of two kinds"
    TITLE_BRACKETS = "brackets of book titles"
    LENTICULAR = "lenticular brackets"
    TRANSLATED = "the name translated, the number kept"
    NAMELESS = "the name translated, the number lost"
    ESCAPED = "the tags escaped"
    TWICE_ESCAPED = "the tags escaped twice"
    DOUBLED_ENTITIES = "entities doubled"
    UNCLOSED = "the closing tag lost"
    UNOPENED = "the opening tag lost"
    SLASH_LOST = "the closing tag without its slash"
    DOUBLED = "each tag twice"
    DROPPED = "both tags lost"
    PUNCTUATION_IN = "a quote or comma pulled inside"
    PUNCTUATION_OUT = "a quote pushed out"
    EMPTIED = "the answer pushed out of its tags"
    WORD_CUT = "a word of the answer split by a tag"
    WORD_BITTEN = "a bit of the next word inside"
    SPLIT = "split into pieces that touch"
    SPLIT_APART = "split into pieces with a word between"
    REPEATED = "repeated round another word"
    MOVED = "moved to another word"
    SPACE_LOST = "the space beside a tag lost"
    SPACE_ADDED = "a space added beside a tag"
    SPACE_IN = "the space beside a tag pulled inside"


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of plain text and the marks to which it belongs."""

    text: str
    owners: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Mark:
    """A tag: of which mark, and how it is spelled if not properly."""

    number: int
    closing: bool
    spelling: Fault | None = None


Atoms = list[Text | Mark]

PULLED_IN = ",;:\"'”“»«)("


def bounds(atoms: Atoms, number: int) -> tuple[int, int]:
    """Where the opening and the closing tag of a mark stand in the list."""
    places = [i for i, atom in enumerate(atoms) if isinstance(atom, Mark) and atom.number == number]
    return places[0], places[-1]


def respelled(fault: Fault) -> Callable[[Atoms, int, random.Random], bool]:
    """The tags of a mark written otherwise."""

    def apply(atoms: Atoms, number: int, rng: random.Random) -> bool:
        for i, atom in enumerate(atoms):
            if isinstance(atom, Mark) and atom.number == number:
                atoms[i] = replace(atom, spelling=fault)
        return True

    return apply


def unclosed(atoms: Atoms, number: int, rng: random.Random) -> bool:
    del atoms[bounds(atoms, number)[1]]
    return True


def unopened(atoms: Atoms, number: int, rng: random.Random) -> bool:
    del atoms[bounds(atoms, number)[0]]
    return True


def slash_lost(atoms: Atoms, number: int, rng: random.Random) -> bool:
    atoms[bounds(atoms, number)[1]] = Mark(number, False)
    return True


def doubled(atoms: Atoms, number: int, rng: random.Random) -> bool:
    start, end = bounds(atoms, number)
    atoms.insert(end, atoms[end])
    atoms.insert(start, atoms[start])
    return True


def dropped(atoms: Atoms, number: int, rng: random.Random) -> bool:
    return unclosed(atoms, number, rng) and unopened(atoms, number, rng)


def punctuation_in(atoms: Atoms, number: int, rng: random.Random) -> bool:
    """The first sign behind the closing tag, or the last one before the opening tag, comes in."""
    start, end = bounds(atoms, number)
    after = atoms[end + 1] if end + 1 < len(atoms) else None
    before = atoms[start - 1] if start else None
    if isinstance(after, Text) and after.text[0] in PULLED_IN:
        atoms[end : end + 2] = [replace(after, text=after.text[0]), atoms[end], *_rest(after, 1)]
        return True
    if isinstance(before, Text) and before.text[-1] in PULLED_IN:
        sign = replace(before, text=before.text[-1])
        atoms[start - 1 : start + 1] = [*_rest(before, 0, -1), atoms[start], sign]
        return True
    return False


def punctuation_out(atoms: Atoms, number: int, rng: random.Random) -> bool:
    """The answer's own quote at an edge goes out; it belongs to the answer all the same."""
    start, end = bounds(atoms, number)
    first, last = atoms[start + 1], atoms[end - 1]
    if isinstance(last, Text) and last.text[-1] in PULLED_IN:
        atoms[end - 1 : end + 1] = [*_rest(last, 0, -1), atoms[end], replace(last, text=last.text[-1])]
        return True
    if isinstance(first, Text) and first.text[0] in PULLED_IN:
        atoms[start : start + 2] = [replace(first, text=first.text[0]), atoms[start], *_rest(first, 1)]
        return True
    return False


def emptied(atoms: Atoms, number: int, rng: random.Random) -> bool:
    start, end = bounds(atoms, number)
    if rng.random() < 0.5:
        atoms.insert(start + 1, atoms.pop(end))
    else:
        atoms.insert(end - 1, atoms.pop(start))
    return True


def word_cut(atoms: Atoms, number: int, rng: random.Random) -> bool:
    """The closing tag too early, or the opening one too late, by a letter or two."""
    start, end = bounds(atoms, number)
    first, last, by = atoms[start + 1], atoms[end - 1], rng.randint(1, 2)
    if _is_word(last) and rng.random() < 0.5:
        atoms[end - 1 : end + 1] = [*_rest(last, 0, -by), atoms[end], *_rest(last, -by)]
    elif _is_word(first):
        atoms[start : start + 2] = [*_rest(first, 0, by), atoms[start], *_rest(first, by)]
    else:
        return False
    return True


def word_bitten(atoms: Atoms, number: int, rng: random.Random) -> bool:
    """The closing tag a letter or two into the next word."""
    end = bounds(atoms, number)[1]
    behind = atoms[end + 1 : end + 3]
    if len(behind) < 2 or not (isinstance(behind[0], Text) and behind[0].text == " " and _is_word(behind[1])):
        return False
    by = rng.randint(1, 2)
    atoms[end : end + 3] = [behind[0], *_rest(behind[1], 0, by), atoms[end], *_rest(behind[1], by)]
    return True


def split(atoms: Atoms, number: int, rng: random.Random) -> bool:
    """The tags closed before and opened after a space inside the answer."""
    start, end = bounds(atoms, number)
    spaces = [i for i in _direct(atoms, start, end) if atoms[i] == Text(" ", _owners(atoms[i]))]
    if not spaces:
        return False
    place = rng.choice(spaces)
    atoms[place : place + 1] = [Mark(number, True), atoms[place], Mark(number, False)]
    return True


def split_apart(atoms: Atoms, number: int, rng: random.Random) -> bool:
    """The same, with a word of the engine's own between the pieces."""
    if not split(atoms, number, rng):
        return False
    place = next(i for i, a in enumerate(atoms) if a == Mark(number, True)) + 1
    atoms[place : place + 1] = [Text(" "), Text("den"), Text(" ")]
    return True


def repeated(atoms: Atoms, number: int, rng: random.Random) -> bool:
    """A second pair round a word that is not of the answer."""
    others = [i for i, atom in enumerate(atoms) if _is_word(atom) and number not in _owners(atom)]
    if not others:
        return False
    place = rng.choice(others)
    atoms[place : place + 1] = [Mark(number, False), atoms[place], Mark(number, True)]
    return True


def moved(atoms: Atoms, number: int, rng: random.Random) -> bool:
    """The pair round a word that is not of the answer, and only there."""
    start, end = bounds(atoms, number)
    kept = list(atoms)
    del atoms[end], atoms[start]
    if not repeated(atoms, number, rng):
        atoms[:] = kept
        return False
    return True


def space_lost(atoms: Atoms, number: int, rng: random.Random) -> bool:
    start, end = bounds(atoms, number)
    if end + 1 < len(atoms) and _is_space(atoms[end + 1]) and rng.random() < 0.5:
        del atoms[end + 1]
    elif start and _is_space(atoms[start - 1]):
        del atoms[start - 1]
    else:
        return False
    return True


def space_added(atoms: Atoms, number: int, rng: random.Random) -> bool:
    """A space of the engine's own, inside or outside of one of the tags."""
    place = rng.choice(bounds(atoms, number)) + rng.randint(0, 1)
    atoms.insert(place, Text(" "))
    return True


def space_in(atoms: Atoms, number: int, rng: random.Random) -> bool:
    start, end = bounds(atoms, number)
    if end + 1 < len(atoms) and _is_space(atoms[end + 1]):
        atoms[end : end + 2] = [atoms[end + 1], atoms[end]]
    elif start and _is_space(atoms[start - 1]):
        atoms[start - 1 : start + 1] = [atoms[start], atoms[start - 1]]
    else:
        return False
    return True


SPELLINGS = (
    Fault.CAPITALS,
    Fault.SPACED,
    Fault.FULL_WIDTH,
    Fault.MIXED_BRACKETS,
    Fault.TITLE_BRACKETS,
    Fault.LENTICULAR,
    Fault.TRANSLATED,
    Fault.NAMELESS,
    Fault.ESCAPED,
    Fault.TWICE_ESCAPED,
    Fault.DOUBLED_ENTITIES,
)
FAULTS: dict[Fault, Callable[[Atoms, int, random.Random], bool]] = {
    **{fault: respelled(fault) for fault in SPELLINGS},
    Fault.UNCLOSED: unclosed,
    Fault.UNOPENED: unopened,
    Fault.SLASH_LOST: slash_lost,
    Fault.DOUBLED: doubled,
    Fault.DROPPED: dropped,
    Fault.PUNCTUATION_IN: punctuation_in,
    Fault.PUNCTUATION_OUT: punctuation_out,
    Fault.EMPTIED: emptied,
    Fault.WORD_CUT: word_cut,
    Fault.WORD_BITTEN: word_bitten,
    Fault.SPLIT: split,
    Fault.SPLIT_APART: split_apart,
    Fault.REPEATED: repeated,
    Fault.MOVED: moved,
    Fault.SPACE_LOST: space_lost,
    Fault.SPACE_ADDED: space_added,
    Fault.SPACE_IN: space_in,
}
"""Each changes the atoms in place for one mark and says whether there was anything to change."""

_WIDE = str.maketrans({"<": "＜", ">": "＞", "/": "／"} | {str(i): chr(0xFF10 + i) for i in range(10)})
_NAMES = {False: "fuerte", True: "/fuerte"}


def spelled(tag: str, fault: Fault | None, closing: bool) -> str:
    """A tag `<b7>` or `</b7>` as a careless engine writes it."""
    inner = tag[1:-1]
    ways = {
        Fault.CAPITALS: tag.upper(),
        Fault.SPACED: f"< {inner.replace('/', '/ ')} >",
        Fault.FULL_WIDTH: tag.translate(_WIDE),
        Fault.MIXED_BRACKETS: f"‹{inner}>",
        Fault.TITLE_BRACKETS: f"《{inner}》",
        Fault.LENTICULAR: f"【{inner}】",
        Fault.TRANSLATED: f"<{inner.replace('b', 'fuerte')}>",
        Fault.NAMELESS: f"<{_NAMES[closing]}>",
        Fault.ESCAPED: f"&lt;{inner}&gt;",
        Fault.TWICE_ESCAPED: f"&amp;lt;{inner}&amp;gt;",
    }
    return ways.get(fault, tag) if fault else tag


def _is_word(atom: Text | Mark | None) -> bool:
    return isinstance(atom, Text) and len(atom.text) > 3 and atom.text.isalpha()


def _is_space(atom: Text | Mark) -> bool:
    return isinstance(atom, Text) and atom.text == " "


def _owners(atom: Text | Mark) -> frozenset[int]:
    return atom.owners if isinstance(atom, Text) else frozenset()


def _rest(atom: Text | Mark, start: int, end: int | None = None) -> list[Text | Mark]:
    """A part of a piece of text, or nothing where it is empty."""
    if not isinstance(atom, Text):
        raise TypeError("a tag has no parts")
    part = atom.text[start:end]
    return [replace(atom, text=part)] if part else []


def _direct(atoms: Atoms, start: int, end: int) -> list[int]:
    """The places between two tags that are not inside a further mark."""
    depth, places = 0, []
    for i in range(start + 1, end):
        atom = atoms[i]
        if isinstance(atom, Mark):
            depth += -1 if atom.closing else 1
        elif depth == 0:
            places.append(i)
    return places
