"""What is said of broken files, in one place for all formats."""

TOO_EARLY = "it ends too early"
FEWER_PIXELS = "it holds fewer pixels than its header says"
MORE_PIXELS = "it holds more pixels than its header says"
NO_PIXELS = "it holds no pixels"
DAMAGED = "what it holds is damaged"
