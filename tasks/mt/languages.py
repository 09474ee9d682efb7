"""Language codes: ISO 639-1 (two letters) is what the project speaks, ISO 639-3 what some engines do."""

THREE_LETTERS = {
    "af": "afr", "an": "arg", "ar": "ara", "be": "bel", "bg": "bul", "bn": "ben", "br": "bre", "ca": "cat",
    "cs": "ces", "cy": "cym", "da": "dan", "de": "deu", "el": "ell", "en": "eng", "eo": "epo", "es": "spa",
    "et": "est", "eu": "eus", "fa": "fas", "fi": "fin", "fo": "fao", "fr": "fra", "ga": "gle", "gd": "gla",
    "gl": "glg", "gv": "glv", "he": "heb", "hi": "hin", "hr": "hrv", "hu": "hun", "hy": "hye", "id": "ind",
    "is": "isl", "it": "ita", "ja": "jpn", "ka": "kat", "kk": "kaz", "ko": "kor", "ky": "kir", "la": "lat",
    "lt": "lit", "lv": "lav", "mk": "mkd", "mr": "mar", "ms": "msa", "mt": "mlt", "nb": "nob", "ne": "nep",
    "nl": "nld", "nn": "nno", "no": "nor", "oc": "oci", "pa": "pan", "pl": "pol", "pt": "por", "ro": "ron",
    "ru": "rus", "sc": "srd", "se": "sme", "sh": "hbs", "sk": "slk", "sl": "slv", "sq": "sqi", "sr": "srp",
    "sv": "swe", "sw": "swa", "ta": "tam", "te": "tel", "tg": "tgk", "th": "tha", "tr": "tur", "tt": "tat",
    "uk": "ukr", "ur": "urd", "uz": "uzb", "vi": "vie", "zh": "zho",
}  # fmt: skip
"""ISO 639-1 to ISO 639-3 (the macrolanguage where there is one), for the languages of MT engines."""

TWO_LETTERS = {three: two for two, three in THREE_LETTERS.items()}


def short(code: str) -> str:
    """The ISO 639-1 code of a language where it has one, else the code as it is.

    >>> short("spa"), short("es"), short("ast")
    ('es', 'es', 'ast')
    """
    return TWO_LETTERS.get(code, code)
