"""`python -m sam3_playground.cli`."""

from sam3_playground.cli.main import main

main()
