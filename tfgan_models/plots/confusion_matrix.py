"""Draw a confusion matrix."""

from __future__ import annotations

import numpy as np

from tfgan_models.plots.class_names import FILE, columns, drawable

MAX_LABELS, SIDE = 40, 12.0  # classes with names and numbers, and the picture's inches if there are more
SHORT, INCHES = 12, 0.1  # columns of a name for which there is always room, and the inches of each further column


def draw_confusion(counts: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    """Draw a confusion matrix ``[K, K]`` as an image, uint8 ``[h, w, 3]``, with the error rate as its title."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.colors import PowerNorm
    from matplotlib.figure import Figure
    from sklearn.metrics import ConfusionMatrixDisplay

    classes, errors = len(names), counts.sum() - np.trace(counts)
    show_labels = classes <= MAX_LABELS
    class_names = drawable(names)
    texts = class_names.texts if show_labels else names
    side = max(4.0, 0.5 * classes + 1.5) if show_labels else SIDE
    if show_labels:
        side += INCHES * max(0, max(map(columns, texts)) - SHORT)  # room for names at the left and below
    figure = Figure((side, side), layout="tight")
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    # A name may have dollar signs, which Matplotlib would read as a formula.
    display = ConfusionMatrixDisplay(counts, display_labels=[name.replace("$", r"\$") for name in texts])
    # Errors are rare in a good classifier: under a square root one percent is still visible.
    norm = PowerNorm(0.5, vmin=0, vmax=max(counts.max(), 1))
    rotation = "vertical" if max(map(len, texts)) > 3 else "horizontal"
    display.plot(
        include_values=show_labels,
        cmap="Blues",
        xticks_rotation=rotation,
        ax=axes,
        colorbar=False,
        im_kw={"norm": norm},
        text_kw={"fontsize": 8},
    )
    if not show_labels:
        axes.set(xticks=[], yticks=[])
    elif class_names.numbered:
        axes.set_ylabel(f"True label, by its number in {FILE}")
    for label in (*axes.get_xticklabels(), *axes.get_yticklabels()) if len(class_names.fonts) > 1 else ():
        label.set_fontfamily(list(class_names.fonts))
    axes.set_title(f"{errors} of {counts.sum()} wrong, {100 * errors / counts.sum():.2f} %")
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()
