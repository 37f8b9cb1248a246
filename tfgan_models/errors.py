"""The one error that a user's input can cause."""


class InputError(ValueError):
    """Something the user gave cannot be used.

    The message is one line: it quotes what was given and says what to do. The scripts in ``train/`` print it and
    end with exit code 2; every other exception is a defect of ours and keeps its traceback.
    """
