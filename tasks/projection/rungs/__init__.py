"""The rungs of the ladder: each looks for one answer in one translation, and gives a span and a score of its own."""
