"""Answers marked before translation and found again after it. Pure text in, text out."""
