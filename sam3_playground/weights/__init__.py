"""Weights as files: which there are, where they come from, and which of them run.

What a file holds is `model`'s business.
"""
