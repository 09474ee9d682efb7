"""Word alignment of a text and its translation, learnt from nothing but such pairs, and answers found through it."""
