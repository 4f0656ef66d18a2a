"""Results on their way out: pictures, the wire's JSON, ways to write a mask."""
