"""Start the playground: `python app.py`, on this machine and on a Hugging Face Space."""

import sys

from sam3_playground.cli.main import main

if __name__ == "__main__":
    main(["serve", *sys.argv[1:]])
