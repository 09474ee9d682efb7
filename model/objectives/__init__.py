"""The published training objectives: one function per equation, tensors in, a scalar out."""
