"""An image and a request give a result: the one use case, and what it runs on."""
