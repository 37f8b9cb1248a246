"""The look of the page: a theme with fonts of the system, styles, and the keys of the tab *Label*."""

from __future__ import annotations

from typing import Any

FONTS = ["system-ui", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "sans-serif"]
FIXED_FONTS = ["ui-monospace", "Menlo", "Consolas", "monospace"]

CSS = """
.gradio-container { width: 100% !important; max-width: 1440px !important; margin: 0 auto !important; }
#head { padding: 4px 2px; }
#head h1 { font-size: 22px; font-weight: 650; margin: 0; line-height: 1.3; }
#head p, .note { color: var(--body-text-color-subdued); margin: 4px 0; font-size: 14px; line-height: 1.45; }
figure.picture, figure.run { margin: 0; }
figure.picture img, .map img { image-rendering: pixelated; border-radius: 6px; display: block; margin: 0; }
figure.picture img { max-width: 100%; object-fit: contain; background: var(--background-fill-secondary); }
figcaption { font-size: 13px; color: var(--body-text-color-subdued); margin-top: 4px; overflow-wrap: anywhere; }
.shown figure { margin: 4px auto; }
.shown figcaption { text-align: center; }
.sheet { display: flex; flex-wrap: wrap; gap: 10px; align-items: flex-start; }
figure.run { flex: 1 1 400px; max-width: 540px; }
figure.run img { max-width: 100%; height: auto; border-radius: 6px; }
.map { position: relative; width: min(100%, 640px); cursor: crosshair; }
.map img { width: 100%; }
.map:focus-visible { outline: 2px solid var(--color-accent); outline-offset: 2px; }
.map i {
  display: none; position: absolute; width: 14px; height: 14px; margin: -7px; border-radius: 50%; pointer-events: none;
  border: 2px solid white; box-shadow: 0 0 0 1px black;
}
.scrolled { overflow-x: auto; }
table.pictures { border-collapse: separate; border-spacing: 6px; font-size: 12px; width: auto; border: 0 !important; }
table.pictures th { font-weight: 500; color: var(--body-text-color-subdued); text-align: center; border: 0; }
table.pictures td { padding: 0; border: 0 !important; }
.sliders .form {
  display: grid; grid-template-columns: repeat(auto-fill, minmax(225px, 1fr)); gap: 8px; width: 100%;
  background: none; border: 0; box-shadow: none; overflow: visible;
}
.sliders .block { padding: 6px 10px; border-radius: 8px; border: 1px solid var(--border-color-primary) !important; }
.sliders .head { margin-bottom: 2px; align-items: center; flex-wrap: nowrap; }
.sliders .head label span { margin: 0; white-space: nowrap; font-size: 13px; }
.sliders input[type=number] { width: 58px !important; }
.pictures { justify-content: center; }
.inline { align-items: end !important; flex-wrap: nowrap !important; }
button.lg { font-weight: 550; font-size: 14px; }
[data-testid=status-tracker] :is(.error, .clear-status) { display: none; }
.html-container { padding: 0 !important; }
@media (min-width: 1000px) {
  #edit_attributes { max-height: calc(100vh - 270px); min-height: 300px; overflow-y: auto; align-content: flex-start; }
}
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(300px, 1fr)); gap: 14px; margin-top: 10px; }
svg.chart { width: 100%; font-family: inherit; background: var(--background-fill-secondary); border-radius: 8px; }
svg.chart text { fill: var(--body-text-color-subdued); font-size: 11px; }
svg.chart text.title { fill: var(--body-text-color); font-size: 13px; font-weight: 600; }
svg.chart text.x { text-anchor: middle; }
svg.chart text.y { text-anchor: end; }
svg.chart path.grid { stroke: var(--border-color-primary); stroke-width: 1; }
svg.chart polyline { fill: none; stroke-width: 2; stroke-linejoin: round; }
.legend { display: flex; flex-wrap: wrap; gap: 16px; font-size: 13px; margin-top: 12px; }
.legend i { display: inline-block; width: 14px; height: 4px; border-radius: 2px; margin: 0 6px 3px 0; }
"""

# Keys of the tab *Label*, while it is open and nothing is typed into a field.
KEYS = """
() => {
  const keys = "%s";
  const pressed = {Enter: "label_save", ArrowLeft: "label_back", ArrowRight: "label_skip", u: "label_undo"};
  document.addEventListener("keydown", (event) => {
    const names = document.getElementById("label_names");
    const field = event.target.closest("input:not([type=checkbox]), textarea, select");
    if (!names || !names.offsetParent || field || event.ctrlKey || event.metaKey || event.altKey) return;
    // Enter on a button, a link or a tab is theirs, and a key that is held down only moves.
    if (event.key === "Enter" && event.target.closest("button, a, summary")) return;
    if (event.repeat && !event.key.startsWith("Arrow")) return;
    const button = pressed[event.key] && document.getElementById(pressed[event.key]);
    const box = names.querySelectorAll("input[type=checkbox]")[keys.indexOf(event.key)];
    if (button || (event.key.length === 1 && box)) {
      event.preventDefault();
      event.stopPropagation();  // Enter on a checkbox would also switch it.
      (button || box).click();
      if (!button) box.focus({preventScroll: true});  // so that Enter saves after a click on a tab
    }
  }, true);
}
"""


def theme() -> Any:
    """A theme of Gradio's without fonts from elsewhere."""
    from gradio.themes import Base

    return Base(primary_hue="indigo", neutral_hue="slate", radius_size="md", font=FONTS, font_mono=FIXED_FONTS)
