"""Projection tried on parallel data: what each method finds, against answers that people translated."""
