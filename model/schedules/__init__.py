"""In which order a batch changes a reader: one module per training algorithm of the paper."""
