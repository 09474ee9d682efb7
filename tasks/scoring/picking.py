"""A few of many by lot: the same ones whatever their order, on every machine."""

import hashlib
from collections.abc import Iterable


def lot(name: str, seed: int = 0) -> bytes:
    """What decides among equals: a number that depends on the name and the seed alone."""
    return hashlib.blake2b(f"{seed}/{name}".encode("utf-8", "surrogatepass"), digest_size=8).digest()


def picked(names: Iterable[str], count: int, seed: int = 0) -> set[str]:
    """So many of the names, drawn by lot; a larger draw holds the smaller ones.

    >>> picked("abcdef", 2) < picked("fedcba", 3)
    True
    """
    return set(sorted(set(names), key=lambda name: lot(name, seed))[:count])
