"""The page ``docs/examples/draw.html``: it draws what the runtime returns, and asks no other server."""

from __future__ import annotations

import functools
import http.server
import re
import shutil
import threading

import numpy as np
import pytest

from tests.cli.scripts import ROOT

PAGE = ROOT / "docs" / "examples" / "draw.html"
# In place of onnxruntime-web, which no Python package has: images [16, 2, 2, 1] whose first pixel is the first number.
RUNTIME = """
window.ort = {
  env: { wasm: {} },
  Tensor: class { constructor(type, data, dims) { Object.assign(this, { type, data, dims }); } },
  InferenceSession: {
    async create(path) {
      if ((await (await fetch(path)).text()) !== "the model") throw new Error("no model");
      return {
        inputMetadata: [{ name: "noise", shape: ["n", 5] }, { name: "uniform", shape: ["n"] }],
        async run({ noise, uniform }) {
          window.inputs = { noise: Array.from(noise.data), uniform: Array.from(uniform.data),
            dims: [noise.dims, uniform.dims] };
          const data = new Float32Array(64);
          for (let i = 0; i < 16; i++) data.set([uniform.data[i], -1, 0, 1], 4 * i);
          return { image: { dims: [16, 2, 2, 1], data } };
        },
      };
    },
  },
};
"""
READ = """() => Array.from(document.querySelectorAll("canvas"), canvas =>
  Array.from(canvas.getContext("2d").getImageData(0, 0, 2, 2).data))"""


@pytest.fixture
def address(tmp_path):
    """A server of static files, with the page in its folder."""
    shutil.copy(PAGE, tmp_path)
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=tmp_path)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/draw.html"
        server.shutdown()


@pytest.mark.slow
def test_the_page_draws_samples_and_loads_nothing_from_elsewhere(browser, address, tmp_path):
    (tmp_path / "ort.wasm.min.js").write_text(RUNTIME)
    (tmp_path / "model.onnx").write_text("the model")
    page, requests = browser.new_page(), []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(address)
    page.wait_for_selector("canvas")
    inputs, pixels = page.evaluate("() => window.inputs"), np.array(page.evaluate(READ)).reshape(16, 4, 4)
    assert inputs["dims"] == [[16, 5], [16]]
    noise, uniform = np.array(inputs["noise"]), np.array(inputs["uniform"])
    assert abs(noise.mean()) < 0.6 and 0.6 < noise.std() < 1.4 and 0 <= uniform.min() < uniform.max() < 1
    expected = np.stack([(uniform + 1) * 127.5, *np.full((3, 16), [[0], [127.5], [255]])], 1)
    np.testing.assert_allclose(pixels[..., :3], np.repeat(expected[..., None], 3, -1), atol=1)
    assert (pixels[..., 3] == 255).all()
    page.click("#draw")
    page.wait_for_function("before => window.inputs.uniform[0] !== before", arg=float(uniform[0]))
    folder = address.rpartition("/")[0]
    assert {url.removeprefix(folder) for url in requests} == {"/draw.html", "/ort.wasm.min.js", "/model.onnx"}
    page.close()


@pytest.mark.slow
def test_the_page_says_which_file_is_missing(browser, address):
    page = browser.new_page()
    page.goto(address)
    page.wait_for_selector("text=ort.wasm.min.js is missing")
    page.close()


def test_the_page_names_no_other_host():
    assert not re.search(r"https?:|//[a-z]", re.sub(r"^ *// .*| // .*$", "", PAGE.read_text(), flags=re.MULTILINE))
