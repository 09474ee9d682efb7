"""Tiny encoders of every family of tokenizers, as they come from the Hub: WordPiece, SentencePiece, byte-level."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import (
    AutoModelForQuestionAnswering,
    BertConfig,
    DebertaV2Config,
    DebertaV2Tokenizer,
    ModernBertConfig,
    PreTrainedTokenizerFast,
    XLMRobertaConfig,
    XLMRobertaTokenizer,
)

from model.vocabulary import train_tokenizer

QUESTIONS = (
    ("Where is the tower?", "The tower stands in Paris, on the Seine."),
    ("Wie heißt die Größe?", "Die Größe heißt Länge – nicht Höhe."),
    ("塔在哪里？", "这座塔位于巴黎，在塞纳河畔。"),
    ("أين يقع البرج؟", "يقع البرجُ في باريس، على نهر السين."),
    ("मीनार कहाँ है?", "मीनार पेरिस में सीन नदी के किनारे है।"),
    ("which one?", "then a and then b."),
)
"""A question and its context, in every script."""

TEXTS = [text for pair in QUESTIONS for text in pair]

SIZES = {
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "max_position_embeddings": 130,
}


def wordpiece(texts: list[str]) -> tuple[Any, Any]:
    """As bert-base-multilingual-cased."""
    tokenizer = train_tokenizer(texts)
    return tokenizer, BertConfig(vocab_size=len(tokenizer), **SIZES)


def sentencepiece(texts: list[str]) -> tuple[Any, Any]:
    """As xlm-roberta-base: two `</s>` between question and context, positions that count from the padding's id."""
    specials = ["<s>", "<pad>", "</s>", "<unk>"]
    tokenizer = XLMRobertaTokenizer(vocab=_pieces(texts, specials))
    return tokenizer, XLMRobertaConfig(
        vocab_size=len(tokenizer), pad_token_id=1, bos_token_id=0, eos_token_id=2, type_vocab_size=1, **SIZES
    )


def relative(texts: list[str]) -> tuple[Any, Any]:
    """As mdeberta-v3-base: SentencePiece, and positions relative to each other."""
    specials = ["[PAD]", "[CLS]", "[SEP]", "[UNK]", "[MASK]"]
    tokenizer = DebertaV2Tokenizer(vocab=_pieces(texts, specials))
    return tokenizer, DebertaV2Config(
        vocab_size=len(tokenizer),
        relative_attention=True,
        position_biased_input=False,
        pos_att_type=["p2c", "c2p"],
        position_buckets=16,
        norm_rel_ebd="layer_norm",
        share_att_key=True,
        type_vocab_size=0,
        pad_token_id=0,
        **SIZES,
    )


def bytelevel(texts: list[str]) -> tuple[Any, Any]:
    """As ModernBERT and mmBERT: bytes, no token types."""
    specials = ["[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"]
    rust = Tokenizer(models.BPE())
    rust.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    rust.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=specials,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    rust.train_from_iterator(texts, trainer)
    rust.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:0 [SEP]:0",
        special_tokens=[("[CLS]", 1), ("[SEP]", 2)],
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=rust,
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        pad_token="[PAD]",
        mask_token="[MASK]",
        model_input_names=["input_ids", "attention_mask"],
    )
    ends = {"bos_token_id": 1, "cls_token_id": 1, "sep_token_id": 2, "eos_token_id": 2, "pad_token_id": 3}
    return tokenizer, ModernBertConfig(vocab_size=len(tokenizer), local_attention=16, **ends, **SIZES)


FAMILIES: dict[str, Callable[[list[str]], tuple[Any, Any]]] = {
    "bert": wordpiece,
    "xlm-roberta": sentencepiece,
    "mdeberta": relative,
    "modernbert": bytelevel,
}


def save_encoder(family: str, folder: Path, texts: list[str] = TEXTS) -> Path:
    """An encoder with random weights and a vocabulary of the texts."""
    torch.manual_seed(0)
    tokenizer, config = FAMILIES[family](texts)
    tokenizer.model_max_length = 128
    AutoModelForQuestionAnswering.from_config(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _pieces(texts: list[str], specials: list[str]) -> list[tuple[str, float]]:
    """A Unigram vocabulary: characters, words, and the same after a blank."""
    characters = sorted({character for text in texts for character in text if not character.isspace()})
    words = sorted({word for text in texts for word in text.split()})
    bare = dict.fromkeys([*specials, "▁", *characters, *words])
    plain = [(piece, 0.0) if piece in specials else (piece, -5.0 - (len(piece) == 1)) for piece in bare]
    return [*plain, *((f"▁{word}", -4.0) for word in words if f"▁{word}" not in bare)]
