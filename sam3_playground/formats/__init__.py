"""Results on their way out: pictures, exports for other programs, the wire's JSON, code."""
