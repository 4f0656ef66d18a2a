"""The bundled checkpoint: the scenes it is trained on, how it is trained, how it is scored."""
