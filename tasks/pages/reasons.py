"""What each reason for rejecting a row means, in words for a page."""

from storage.silver import Reason

MEANINGS = {
    Reason.UNANSWERABLE: "SQuAD 2.0 has no answer to it; it was set aside before translation",
    Reason.NOT_TRANSLATED: "the engine (or the table) gave no translation",
    Reason.TOO_LONG: "it exceeds what the engine takes in one request",
    Reason.NOT_TEXT: "the source, or what came back, is no text",
    Reason.BROKEN_ANSWER: "the engine fails on this text, and only on this",
    Reason.EMPTY: "nothing but white space came back",
    Reason.COPIED: "the source came back as it was",
    Reason.TRUNCATED: "far too little came back",
    Reason.RUNAWAY: "far too much came back",
    Reason.QUESTION_GARBLED: "the wreck of a tag or an entity is left in the question",
    Reason.TAGS_LOST: "no tag of the answer came back",
    Reason.TAGS_SPLIT: "several pairs of tags came back",
    Reason.TAGS_UNBALANCED: "a tag came back without its partner",
    Reason.EMPTY_ANSWER: "the tags came back around nothing but white space or punctuation",
    Reason.WRONG_SCRIPT: "the context came back in another script",
    Reason.WRONG_LANGUAGE: "the context came back in another language",
    Reason.CONTEXT_LENGTH: "the context came back too short or too long",
    Reason.REPETITION: "the context came back saying the same over and over",
    Reason.UNTRANSLATED: "too many words of the context came back untranslated",
    Reason.ANSWER_LENGTH: "the answer has become far shorter or longer than its context has",
    Reason.DIGITS_LOST: "numbers of the answer are not in the translated one",
    Reason.ANSWER_COPIED: "the common words of the answer came back untranslated",
    Reason.BACK_TRANSLATION: "translated back, the answer is another",
}


def meaning(reason: str) -> str:
    """In words; a reason of an older build that is none any more speaks for itself."""
    return MEANINGS[Reason(reason)] if reason in list(Reason) else reason
