"""Architectures, one in each file: functions of plain arguments that return a ``keras.Model``.

Every discriminator has a layer named ``features``, the last before its head: its output is what feature matching
and the learned similarity compare.
"""
