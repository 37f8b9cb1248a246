"""The command ``tfgan``: its subcommands, exit codes and one-line errors."""
