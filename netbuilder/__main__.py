"""`python -m netbuilder` is the `netbuilder` command."""

from netbuilder.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
