"""What the browser does in the tab *Real or fake?*: keys, ticks, times and masks. It does not know the fakes."""

from __future__ import annotations

# Pictures are decoded before they are shown, so that the time starts when they are visible. The mask lies below the
# picture, which is removed at the first frame after its time: nothing is decoded or loaded at that moment.
SCRIPT = """
const CROSS_MS = 700;
let shownAt = null;
const trial = () => element.querySelector(".trial");

const mask = (exposure) => {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 40;
  const context = canvas.getContext("2d"), pixels = context.createImageData(40, 40);
  for (let i = 0; i < pixels.data.length; i++) pixels.data[i] = i % 4 === 3 ? 255 : Math.random() * 256;
  context.putImageData(pixels, 0, 0);
  exposure.prepend(canvas);
};

const reveal = async () => {
  const current = trial();
  shownAt = null;
  if (!current) return;
  const outside = document.activeElement;
  if (!outside || outside === document.body || outside.tagName === "BUTTON") {
    current.focus({preventScroll: true});
    current.scrollIntoView({block: "nearest"});
  }
  if (!current.matches(".waiting")) return;
  const images = [...current.querySelectorAll("img")], limit = Number(current.dataset.limit || 0);
  await Promise.all(images.map((image) => image.decode()));
  if (limit) {
    mask(current.querySelector(".exposure"));
    await new Promise((done) => setTimeout(done, CROSS_MS));
  }
  requestAnimationFrame((first) => {
    if (trial() !== current) return;
    current.classList.remove("waiting");
    shownAt = performance.now();
    const wait = (now) => {
      if (now - first < limit - 4) return requestAnimationFrame(wait);
      images.forEach((image) => image.remove());
      current.classList.add("masked");
    };
    if (limit) requestAnimationFrame(wait);
  });
};

const answer = (fakes) => {
  if (shownAt === null) return;
  trigger("answer", {trial: Number(trial().dataset.number), fakes, ms: performance.now() - shownAt});
};
const ticked = () => [...element.querySelectorAll(".tick[aria-pressed=true]")].map((t) => Number(t.dataset.position));
const toggle = (tick) => {
  if (shownAt === null) return;
  tick.setAttribute("aria-pressed", tick.getAttribute("aria-pressed") !== "true");
  const count = ticked().length;
  element.querySelector(".send").textContent =
    count === 0 ? "None is a fake" : count === 1 ? "1 is a fake" : count + " are fakes";
};

element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.matches(".tick")) {
    toggle(button);
    if (event.detail) trial().focus({preventScroll: true});  // After a click of the mouse, Enter sends.
  }
  else if (button.matches(".send")) answer(ticked());
  else if (button.matches(".proceed")) trigger("proceed");
  else if (button.dataset.fake) answer(button.dataset.fake === "1" ? [0] : []);
});

document.addEventListener("keydown", (event) => {
  const current = trial();
  if (!current || !current.offsetParent || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select")) return;
  const pressed = event.key === "Enter" && event.target.closest("button, a, summary");  // which take Enter themselves
  const key = event.key.toLowerCase();
  const button = pressed ? null
    : key === "r" ? current.querySelector("[data-fake='0']")
    : key === "f" ? current.querySelector("[data-fake='1']")
    : key === "enter" ? current.querySelector(".send, .proceed")
    : /^[1-9]$/.test(key) ? current.querySelector(`.tick[data-position="${key - 1}"]`) : null;
  if (!button) return;
  event.preventDefault();
  button.click();
});

watch("value", reveal);
reveal();
"""

CSS = """
.trial { outline: none; }
.trial .head { display: flex; flex-wrap: wrap; gap: 4px 16px; align-items: baseline; }
.trial h2 { font-size: 20px; font-weight: 650; margin: 0; }
.trial .last { font-size: 14px; color: var(--body-text-color-subdued); }
.trial .last.right { color: #2f9e44; font-weight: 600; }
.trial .last.wrong, .problem { color: #e03131; font-weight: 600; }
.trial .nine { display: grid; grid-template-columns: repeat(3, max-content); gap: 10px; margin: 8px 0 12px; }
.trial .tick, .trial .truth { position: relative; padding: 0; border-radius: 8px; overflow: hidden;
  margin: 0 !important; line-height: 1.4; border: 4px solid transparent;
  background: var(--background-fill-secondary); cursor: pointer; }
.trial .truth { cursor: default; }
.trial img { display: block; margin: 0; image-rendering: pixelated; user-select: none; }
.trial .tick span, .trial .truth span { position: absolute; left: 0; right: 0; bottom: 0; padding: 1px 0; color: white;
  font-size: 13px; font-weight: 600; text-align: center; }
.trial .tick span { visibility: hidden; background: #d9480f; }
.trial .tick:hover { border-color: var(--border-color-primary); }
.trial .tick:focus-visible { outline: 2px solid var(--color-accent); }
.trial .tick[aria-pressed=true] { border-color: #d9480f; }
.trial .tick[aria-pressed=true] span { visibility: visible; }
.trial .truth.right { border-color: #2f9e44; }
.trial .truth.wrong { border-color: #e03131; }
.trial .truth.right span { background: #2f9e44; }
.trial .truth.wrong span { background: #e03131; }
.trial.waiting img { visibility: hidden; }
.trial .exposure { position: relative; margin: 8px 0 12px; border-radius: 8px; overflow: hidden;
  background: var(--background-fill-secondary); }
.trial .exposure canvas { position: absolute; inset: 0; width: 100%; height: 100%; image-rendering: pixelated; }
.trial .exposure img { position: relative; }
.trial.waiting canvas { visibility: hidden; }
.trial.waiting .exposure::after { content: "+"; position: absolute; inset: 0; display: grid; place-content: center;
  font-size: 40px; color: var(--body-text-color-subdued); }
.trial .send, .trial .proceed, .trial .decide button { padding: 9px 22px; border-radius: 8px; font-weight: 600;
  color: white; background: var(--color-accent); cursor: pointer; }
.trial .decide { display: flex; gap: 12px; }
.trial .decide button { width: 154px; margin: 0 !important; }
.trial kbd { font: inherit; color: inherit; border: 1px solid; border-radius: 4px; padding: 0 6px; margin: 0 6px 0 0; }
@media (max-height: 920px) { .trial .nine img { width: auto; height: 144px; image-rendering: auto; } }
.report h3 { font-size: 15px; margin: 8px 0 2px; }
.report pre { font-size: 13px; line-height: 1.45; white-space: pre-wrap; margin: 0; background: none; border: 0; }
.report img { max-width: 560px; width: 100%; border-radius: 6px; }
"""
