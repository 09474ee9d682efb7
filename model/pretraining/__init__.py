"""Pre-training of the laboratory's small encoders: from a corpus and a vocabulary to what plain transformers loads."""
