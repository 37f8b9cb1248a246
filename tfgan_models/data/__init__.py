"""From a source of pictures to batches: ``sources.load`` decodes once into a cache, ``pipeline.batches`` reads it."""
