"""Drawn scenes with the truth about every pixel, and what one can ask of them."""
