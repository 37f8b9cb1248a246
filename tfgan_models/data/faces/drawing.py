"""Draw one face by its number, in NumPy and Pillow only, so that worker processes start without TensorFlow."""

import numpy as np
from PIL import Image

from tfgan_models.data.faces import beard, body, eyes, hair, head, headwear, nose_and_mouth
from tfgan_models.data.faces.attributes import ATTRIBUTE_NAMES
from tfgan_models.data.faces.canvas import Canvas
from tfgan_models.data.faces.face import Face, sample_face

MIN_SIZE, MAX_SIZE = 8, 160
"""Range of image sizes in pixels that the drawing supports."""


def draw(seed: int, index: int, image_size: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw one face of the data set; the same (seed, index) gives the same face at every size.

    Args:
        seed: the data set's seed, not negative.
        index: the face's number, not negative.
        image_size: the image's side in pixels, from 8 to 160.

    Returns:
        The image, uint8 ``[image_size, image_size, 3]`` in sRGB, and its attributes, uint8 ``[40]`` in {0, 1} in the
        order of ``ATTRIBUTE_NAMES``.
    """
    face = sample_face(seed, index)
    present = np.array([face.has(name) for name in ATTRIBUTE_NAMES], np.uint8)
    return render(face, image_size), present


def render(face: Face, image_size: int) -> np.ndarray:
    """Draw a face as uint8 ``[image_size, image_size, 3]``; a pure function of its arguments."""
    # Shading and strands are computed for each pixel, so small images are drawn larger and then averaged.
    factor = -(-64 // image_size)
    canvas = Canvas(face, image_size * factor)
    _paint(canvas)
    _add_grain(canvas)
    picture = (np.clip(canvas.pixels, 0.0, 1.0) * np.float32(255) + np.float32(0.5)).astype(np.uint8)
    return np.asarray(Image.fromarray(picture).reduce(factor)) if factor > 1 else picture


def _paint(canvas: Canvas) -> None:
    """Paint from back to front."""
    face = canvas.face
    skin, strands = head.skin_field(canvas), hair.hair_field(canvas)
    body.draw_background(canvas)
    body.draw_clothes(canvas)
    hair.draw_back_hair(canvas, strands)
    head.draw_neck(canvas, skin)
    body.draw_collar(canvas)
    if face.has("Wearing_Necklace"):
        body.draw_necklace(canvas)
    head.draw_ears(canvas, skin)
    head.draw_head(canvas, skin)
    head.draw_complexion(canvas)
    beard.draw_beard(canvas)
    if face.has("Bags_Under_Eyes"):
        head.draw_bags(canvas)
    eyes.draw_eyes(canvas)
    nose_and_mouth.draw_nose(canvas)
    nose_and_mouth.draw_mouth(canvas)
    beard.draw_mustache(canvas)
    hair.draw_front_hair(canvas, strands)
    eyes.draw_brows(canvas)
    if face.has("Eyeglasses"):
        eyes.draw_eyeglasses(canvas)
    if face.has("Wearing_Hat"):
        headwear.draw_hat(canvas)
    if face.has("Headphones"):
        headwear.draw_headphones(canvas)
    if face.has("Wearing_Earrings"):
        headwear.draw_earrings(canvas)


def _add_grain(canvas: Canvas) -> None:
    """Add the fine grain of a photograph, of the same strength at every size."""
    grain = np.random.default_rng(int(canvas.face.grain * 2**32)).standard_normal(
        (canvas.size, canvas.size, 1), np.float32
    )
    canvas.pixels += grain * np.float32(0.008)
