"""``python -m mockserver``: the command line without the installed script."""

from mockserver.cli import main

if __name__ == "__main__":
    main()
