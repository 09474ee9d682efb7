"""Filters on projected rows: each off, on (a reason to reject) or a weight on the confidence. Pure text."""
