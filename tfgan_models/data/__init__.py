"""From the name of a source to batches of images.

In reading order: ``sources`` (``load`` finds the source of a name), ``plan`` (the contract of sources and cache),
``digits``, ``drawn_faces``, ``folder`` and ``tfds_source`` (the sources), ``cache`` (images decoded once and then
memory-mapped), ``image_set`` (the result of ``load``), ``pipeline`` and ``labelled`` (batches), ``pixels`` (bytes to
[-1, 1] and back).
"""
