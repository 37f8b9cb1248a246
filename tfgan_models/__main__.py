"""``python -m tfgan_models`` is the command ``tfgan``."""

from tfgan_models.cli.main import main

if __name__ == "__main__":
    main()
