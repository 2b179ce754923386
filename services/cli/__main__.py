"""`python -m services.cli …`: the command line without its installed program."""

from services.cli import main

main()
