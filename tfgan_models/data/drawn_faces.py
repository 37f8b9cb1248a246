"""The embedded data set of drawn faces as a source."""

from __future__ import annotations

from collections.abc import Iterator

from PIL import Image

from tfgan_models.data.faces.attributes import ATTRIBUTE_NAMES
from tfgan_models.data.faces.drawing import MAX_SIZE, MIN_SIZE
from tfgan_models.data.faces.parallel import draw_all
from tfgan_models.data.findings import decide_reading
from tfgan_models.data.picture import USUAL, crop_and_resize
from tfgan_models.data.plan import DecodedSplit, Example, Plan, Request
from tfgan_models.data.reading import Reading
from tfgan_models.data.utils import with_progress
from tfgan_models.errors import InputError

TRAIN_COUNT, TEST_COUNT = 20_000, 2_000
SEED = 0
DRAWING_VERSION = 1  # raise it when the drawing changes, so that cached faces are drawn again


def plan_faces(request: Request) -> Plan:
    """Plan to draw the faces: the training split is the faces from number 0 on, the test split those after it.

    Raises:
        InputError: faces of this size cannot be drawn.
    """
    if not MIN_SIZE <= request.image_size <= MAX_SIZE:
        raise InputError(
            f"faces are drawn with {MIN_SIZE} to {MAX_SIZE} pixels, not {request.image_size}: choose another image size"
        )
    start, stop = (0, TRAIN_COUNT) if request.split == "train" else (TRAIN_COUNT, TRAIN_COUNT + TEST_COUNT)
    identity = {"source": "faces", "version": DRAWING_VERSION, "seed": SEED, "start": start, "stop": stop}
    reading = decide_reading(request)
    identity |= reading.identity()
    return Plan("faces", identity, read=lambda: _draw(request, start, stop, reading), reading=reading)


def _draw(request: Request, start: int, stop: int, reading: Reading) -> DecodedSplit:
    size, channels = request.image_size, request.channels or 3

    def examples() -> Iterator[Example]:
        faces = draw_all(SEED, start, stop, size)
        for image, attributes in with_progress(faces, stop - start, f"Drawing faces of {size} pixels (once)"):
            if (channels, reading) != (3, USUAL):
                image = crop_and_resize(Image.fromarray(image), size, channels, reading)
            yield Example(image, attributes=attributes)

    return DecodedSplit(channels, examples(), attribute_names=ATTRIBUTE_NAMES)
