"""What a file's container says of the pixels in it, read before and after they are decoded.

Decoders believe headers: a few bytes in the right place let them take gigabytes, or fill with
grey what a file does not hold. Each module reads as much of one format as it takes to know.
"""
