"""The function words at which the edges of an answer go wrong, by language: closed classes only, no statistics."""


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


CONTRACTIONS: dict[str, frozenset[str]] = {
    "ca": _words("al als del dels pel pels"),
    "de": _words("am beim im vom zum zur"),
    "es": _words("al del"),
    "fr": _words("au aux du des"),
    "gl": _words("ao aos da das do dos na nas no nos"),
    "it": _words("al allo alla ai agli alle del dello della dei degli delle dal nel"),
    "pt": _words("ao aos da das do dos na nas no nos pela pelo"),
}
"""Words that are a preposition and an article in one. For "of the river" with "the river" as the answer, the article's
mark ends up on a word whose first half, the preposition, is not part of the answer."""

PREPOSITIONS: dict[str, frozenset[str]] = {
    "en": _words(
        "about above after against along among around as at before behind below between beyond by during for from in "
        "into near of off on onto out over since through throughout to toward towards under until up upon via with "
        "within without"
    ),
    "ca": _words("a amb de en entre fins per sense sobre"),
    "de": _words("an auf aus bei bis durch für gegen in mit nach ohne seit über um unter von vor zu"),
    "es": _words("a con de desde en entre hacia hasta para por según sin sobre"),
    "fr": _words("à avec dans de depuis en entre jusque par pour sans sous sur vers"),
    "gl": _words("a ata con de desde en entre para por sen sobre"),
    "it": _words("a con da di fra fino in per senza su tra"),
    "pt": _words("a até com de desde em entre para por sem sobre"),
}
"""An answer that begins with one of the source's may begin with a contraction in translation; one that does not end in
one does not end in one of the target's, unless that is `SEPARABLE`."""

ARTICLES: dict[str, frozenset[str]] = {
    "en": _words("a an the"),
    "ca": _words("el la els les un una uns unes"),
    "de": _words("der die das den dem des ein eine einen einem eines einer"),
    "es": _words("el la los las un una unos unas"),
    "fr": _words("le la les un une"),
    "gl": _words("o a os as un unha uns unhas"),
    "it": _words("il lo la i gli le un uno una"),
    "pt": _words("o a os as um uma uns umas"),
}
"""Articles that stand as words of their own before their noun."""

SEPARABLE = frozenset({"de", "en", "nl"})
"""Languages in which a verb's last word may look like a preposition ("steht auf")."""
