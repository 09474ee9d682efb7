"""Engines, their limits and errors, and the client that pays for each segment once."""
