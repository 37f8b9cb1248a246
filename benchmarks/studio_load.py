"""Load of ``tfgan studio``: several visitors at once draw samples, edit a face and judge sheets over HTTP.

Run it with ``python -m benchmarks.studio_load``. It starts a server of the ready model, sends the requests that the
page sends, and fails if an answer is an error, if a row of the file of answers is missing or wrong, or if the page does
not answer afterwards.
"""

from __future__ import annotations

import contextlib
import json
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import tyro

from tfgan_models.judge.answers import AnswerFile

SHEET = 9
Scores = dict[tuple[str, int], int]  # by session and number of the sheet


class Visitor:
    """A page that is open in a browser: a session, and the values of its components.

    Args:
        address: address of the page.
    """

    def __init__(self, address: str):
        self.address = address
        self.session = f"{random.getrandbits(64):x}"
        config = json.loads(self.request("config"))
        self.components = {component["id"]: component for component in config["components"]}
        self.functions = config["dependencies"]

    def request(self, path: str, body: Any = None) -> str:
        """Send a request and return the text of the answer."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=300) as answer:
            return answer.read().decode()

    def function(self, name: str, event: str) -> dict[str, Any]:
        """The function of an event of the component with an id of HTML, or of the tab with a title."""
        for function in self.functions:
            for target, its_event in function["targets"]:
                properties = self.components[target]["props"] if target in self.components else {}
                if its_event == event and name in (properties.get("elem_id"), properties.get("label")):
                    return function
        raise LookupError(f"the page has no event {event!r} of {name!r}")

    def call(self, name: str, event: str, values: Mapping[str, Any] | None = None, data: Any = None) -> list[Any]:
        """Trigger an event, and return its results.

        Args:
            name: id or title of the component.
            event: name of the event.
            values: values of components by their ids; the others have those with which the page opens.
            data: data of the event itself.

        Raises:
            RuntimeError: the answer is an error.
        """
        function, values = self.function(name, event), values or {}
        inputs = [self.components[i]["props"] for i in function["inputs"]]
        body = {
            "data": [values.get(properties.get("elem_id"), properties.get("value")) for properties in inputs],
            "event_data": data,
            "fn_index": function["id"],
            "session_hash": self.session,
        }
        if not function["queue"]:
            return json.loads(self.request("gradio_api/run/predict", body))["data"]
        event_id = json.loads(self.request("gradio_api/queue/join", body))["event_id"]
        url = f"{self.address}gradio_api/queue/data?session_hash={self.session}"
        with urllib.request.urlopen(url, timeout=300) as stream:
            for line in stream:
                message = json.loads(line[5:]) if line.startswith(b"data:") else {}
                if message.get("event_id") == event_id and message["msg"] == "process_completed":
                    if not message["success"]:
                        raise RuntimeError(message["output"])
                    return message["output"]["data"]
        raise RuntimeError("the answer has ended before its result")


def visit(visitor: Visitor, name: str, end: float, scores: Scores, times: dict[str, list[float]]) -> None:
    """Draw samples, edit a face and judge sheets until a time."""

    def timed(what: str, *arguments: Any) -> list[Any]:
        start = time.perf_counter()
        results = visitor.call(*arguments)
        times[what].append(time.perf_counter() - start)
        return results

    visitor.call("Edit", "select")
    count = 0
    while time.monotonic() < end:
        count += 1
        if "data:image/png" not in timed("samples", "samples_seed", "input", {"samples_seed": count})[0]:
            raise RuntimeError("no samples")
        slider = next(iter(visitor.function("edit_reset", "click")["outputs"]))
        visitor.components[slider]["props"]["value"] = (count % 60) / 20
        if "edited" not in edit(visitor, slider, times):
            raise RuntimeError("no edited picture")
        settings = {"judge_person": name, "judge_sheets": 2, "judge_control": count % 2}
        page = timed("list of sheets", "judge_start", "click", settings)[-1]
        while 'class="trial waiting"' in page and time.monotonic() < end:
            ((number, session),) = re.findall(r'data-number="(\d+)" data-session="(\w+)"', page)
            ticked = random.sample(range(SHEET), random.randint(0, SHEET))
            answer = {"trial": int(number), "fakes": ticked, "ms": 1000.0}
            review = timed("answer", "judge", "answer", None, answer)[-1]
            scores[session, int(number)] = int(re.findall(r"<h2>(\d) of 9</h2>", review)[0])
            page = visitor.call("judge", "proceed")[-1]


def edit(visitor: Visitor, slider: int, times: dict[str, list[float]]) -> str:
    """Move a slider, whose component has no id of HTML."""
    function = next(f for f in visitor.functions if [slider, "input"] in f["targets"])
    body = {
        "data": [visitor.components[i]["props"].get("value") for i in function["inputs"]],
        "fn_index": function["id"],
        "session_hash": visitor.session,
    }
    start = time.perf_counter()
    picture = json.loads(visitor.request("gradio_api/run/predict", body))["data"][0]
    times["edit"].append(time.perf_counter() - start)
    return picture


def check(answers: Path, scores: Scores) -> None:
    """Compare the rows of the file with the scores that the visitors have seen.

    Raises:
        RuntimeError: a row is missing, doubled or wrong.
    """
    rows, right = defaultdict(int), defaultdict(int)
    for answer in AnswerFile(answers).read():
        rows[answer.session, answer.trial] += 1
        right[answer.session, answer.trial] += answer.is_fake == answer.answered_fake
    if dict(right) != scores or set(rows.values()) != {SHEET}:
        raise RuntimeError(f"{len(scores)} sheets were answered, and the file has {len(rows)}, or other scores")
    print(f"{len(scores)} sheets, {sum(rows.values())} rows in the file, all scores as seen")


@contextlib.contextmanager
def opened(folder: str, model: str | None) -> Iterator[str]:
    """Serve the page in another process, and yield its address."""
    command = [sys.executable, "-m", "tfgan_models", "studio", "--answers", f"{folder}/answers.sqlite"]
    command += ["--model", model] if model else []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line:
                sys.exit("the studio has not started")
            yield line.split()[4]
        finally:
            process.terminate()


def main(visitors: int = 20, seconds: float = 60.0, model: str | None = None) -> None:
    """Run the visitors at once, and check the file and the page.

    Args:
        visitors: number of visitors.
        seconds: time for which they send requests.
        model: folder of an export with attribute vectors; the ready model by default.
    """
    scores: Scores = {}
    times: dict[str, list[float]] = defaultdict(list)
    faults: list[str] = []

    def run(number: int, visitor: Visitor, end: float) -> None:
        try:
            visit(visitor, f"visitor {number}", end, scores, times)
        except Exception as error:
            faults.append(f"visitor {number}: {error!r}")

    with tempfile.TemporaryDirectory() as folder, opened(folder, model) as address:
        Visitor(address).call("Edit", "select")  # reads the data
        end = time.monotonic() + seconds
        threads = [threading.Thread(target=run, args=(i, Visitor(address), end)) for i in range(visitors)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        start = time.perf_counter()
        if "tfgan studio" not in Visitor(address).request(""):
            faults.append("the page does not answer any more")
        print(f"the page opens in {time.perf_counter() - start:.2f} s afterwards")
        for what, values in times.items():
            worst = statistics.quantiles(values, n=20)[-1]
            print(f"{what:15} {len(values):5}, median {statistics.median(values):.2f} s, 95 % below {worst:.2f} s")
        check(Path(folder) / "answers.sqlite", scores)
    if faults:
        sys.exit("\n".join(faults))
    print(f"{visitors} visitors in {seconds:.0f} s, no errors")


if __name__ == "__main__":
    tyro.cli(main)
