"""Benchmarks, official metrics, tables, pictures and the report."""
