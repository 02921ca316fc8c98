"""`python -m netbuilder` is the `netbuilder` command."""

from netbuilder.cli import program

if __name__ == "__main__":
    program()
