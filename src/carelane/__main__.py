"""`python -m carelane` is the same as `carelane`."""

from carelane.cli import main

if __name__ == "__main__":
    main()
