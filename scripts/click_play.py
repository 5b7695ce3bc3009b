#!/usr/bin/env python3
"""Plays on the local page in a headless Chromium, as people do, and keeps screenshots.

    target/venv/bin/python scripts/click_play.py --shots target/click_play
    target/venv/bin/python scripts/click_play.py --picture crates/interregnum/play.png

Plays a whole game of Gardner by clicks, one of chess by keyboard, mouse and agents, one with drops; changes the rules in mid-game by a shift
and by typed keys; reads minds, walks through positions in which the evaluator is confidently wrong, promotes, passes, gates and builds walls;
follows a training run (of a fake trainer) from start to end, through a kill and a lost connection, and a finished stress run if `--run` names
one. Fails if the console holds an error, anything is loaded from elsewhere, or the page is wider than a narrow screen. Needs the programs
chromium (or google-chrome) and chromedriver, which Debian has in the packages chromium and chromium-driver.
"""

from __future__ import annotations

import base64
import random
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from fake_trainer import FakeTrainer
from png_palette import with_palette
from program import add_binary, command_parser, require

# Seconds after which something that was to happen counts as not happening.
PATIENCE = 20.0
# Width and height of the screens of screenshots, in pixels.
SCREENS = [(360, 740), (800, 1100), (1280, 950)]


def browser() -> webdriver.Chrome:
    """A headless Chromium."""
    options = webdriver.ChromeOptions()
    for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1280,1000"]:
        options.add_argument(argument)
    options.binary_location = shutil.which("chromium") or shutil.which("google-chrome") or ""
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))


class Page:
    """The page, with what a user does on it."""

    def __init__(self, driver: webdriver.Chrome, address: str, shots: Path | None) -> None:
        self.driver = driver
        self.address = address
        self.shots = shots
        self.random = random.Random(7)

    def script(self, text: str, *values: Any) -> Any:
        return self.driver.execute_script(text, *values)

    def wait(self, what: str, met: Callable[[], Any]) -> Any:
        """Waits until something holds, and returns it."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            found = met()
            if found:
                return found
            time.sleep(0.02)
        self.picture("failed")
        raise SystemExit(f"click_play: {what} does not happen")

    def open(self) -> None:
        self.driver.get(self.address)
        self.script("performance.setResourceTimingBufferSize(100000)")
        self.wait("the page", lambda: self.script("return document.body.dataset.ready"))

    def click(self, selector: str) -> None:
        self.wait(selector, lambda: self.driver.find_elements(By.CSS_SELECTOR, selector))
        self.script("document.querySelector(arguments[0]).scrollIntoView({block: 'center'})", selector)
        self.driver.find_element(By.CSS_SELECTOR, selector).click()

    def text(self, selector: str) -> str:
        return str(self.script("return document.querySelector(arguments[0])?.textContent ?? ''", selector))

    def choose(self, selector: str, value: str) -> None:
        self.script(
            "const s = document.querySelector(arguments[0]); s.value = arguments[1]; s.dispatchEvent(new Event('change'))",
            selector,
            value,
        )

    def plies(self) -> int:
        return int(self.script("return document.querySelectorAll('#moves .ply').length"))

    def over(self) -> bool:
        return bool(self.script("return document.getElementById('status').classList.contains('over')"))

    def movable(self) -> list[str]:
        found: list[str] = self.script(
            "return [...document.querySelectorAll('.movable, .held:not(:disabled)')].map((e) => e.dataset.square ?? `@${e.dataset.drop}`)"
        )
        return found

    def targets(self) -> list[str]:
        found: list[str] = self.script("return [...document.querySelectorAll('.target')].map((e) => e.dataset.square)")
        return found

    def square(self, name: str) -> None:
        """Clicks a square, or a man in hand (`@P`)."""
        selector = f'[data-drop="{name[1:]}"]:not(:disabled)' if name[0] == "@" else f'[data-square="{name}"]'
        self.driver.find_element(By.CSS_SELECTOR, selector).click()

    def play(self, origin: str, target: str) -> None:
        """Makes a move by two clicks, and waits until it stands in the list of moves."""
        before = self.plies()
        self.square(origin)
        require(target in self.targets(), f"{origin} cannot go to {target}")
        self.square(target)
        self.settle(before)

    def tap(self, name: str) -> None:
        """Touches a square with a finger."""
        cell = f"document.querySelector('[data-square=\"{name}\"]')"
        self.script(f"{cell}.scrollIntoView({{block: 'center'}})")
        box = self.script(f"const b = {cell}.getBoundingClientRect(); return [b.left + b.width / 2, b.top + b.height / 2]")
        touch = {"type": "touchStart", "touchPoints": [{"x": box[0], "y": box[1]}]}
        self.driver.execute_cdp_cmd("Input.dispatchTouchEvent", touch)
        self.driver.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    def settle(self, before: int) -> None:
        """Answers what the board asks about a move, and waits for the move."""

        def made() -> bool:
            if self.script("return document.getElementById('choose').open"):
                self.driver.find_element(By.CSS_SELECTOR, ".choice").click()
            return self.plies() > before

        self.wait("the move", made)

    def random_move(self, prefer_drops: bool = False) -> None:
        origins = self.wait("the user's turn", self.movable)
        drops = [origin for origin in origins if origin[0] == "@"]
        origin = self.random.choice(drops if drops and prefer_drops else origins)
        before = self.plies()
        self.square(origin)
        targets = self.wait("a target", self.targets)
        self.square(self.random.choice(targets))
        self.settle(before)

    def whole_game(self, own_moves: int, prefer_drops: bool = False) -> str:
        """Plays random moves against the agent, and after so many lets agents play both sides. Returns how the game ended."""
        for _ in range(own_moves):
            self.wait("a turn", lambda: self.over() or self.movable())
            if self.over():
                break
            self.random_move(prefer_drops)
        if not self.over():
            # Two agents against each other.
            self.choose("#player-white", self.script("return document.getElementById('player-black').value"))
            self.script("document.getElementById('player-white').dispatchEvent(new Event('change'))")
        end = time.monotonic() + 4 * PATIENCE
        while not self.over() and time.monotonic() < end:
            time.sleep(0.05)
        require(self.over(), "a game does not end")
        return self.text("#status")

    def new_game(self, variant: str, fen: str = "") -> None:
        self.click("#new")
        self.click(f'.variant input[value="{variant}"]')
        if fen:
            self.driver.find_element(By.ID, "new-fen").send_keys(fen)
        self.click("#begin")
        self.wait(variant, lambda: not self.script("return document.getElementById('dialog').open"))
        self.wait(variant, lambda: variant in self.text("#rules-now"))

    def screen(self, width: int, height: int, scheme: str) -> None:
        media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def picture(self, name: str) -> None:
        if self.shots:
            data = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})["data"]
            (self.shots / f"{name}.png").write_bytes(base64.b64decode(data))

    def pictures(self, name: str) -> None:
        """Checks on every screen that nothing is too wide, and keeps pictures of the whole page."""
        for width, height in SCREENS:
            for scheme in ["light", "dark"]:
                self.screen(width, height, scheme)
                time.sleep(0.15)
                wide = self.script("return document.documentElement.scrollWidth")
                require(wide <= width, f"{name}: on a screen of {width} pixels the page is {wide} wide")
                if self.shots:
                    tall = self.script("return document.documentElement.scrollHeight")
                    self.screen(width, min(max(height, tall), 6000), scheme)
                    self.picture(f"{name}-{width}-{scheme}")
        self.screen(1280, 1000, "light")


def gardner(page: Page) -> str:
    """A whole game by touch and clicks, with the rules changed in its middle by a shift of a suite."""
    page.new_game("gardner")
    page.wait("the opponent", lambda: page.script("return document.getElementById('player-black').value") == "frozen")
    page.driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": True})
    before = page.plies()
    page.tap("b2")
    page.wait("the touched man's targets", page.targets)
    page.tap("b3")
    page.settle(before)
    page.driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": False})
    page.random_move()
    page.wait("the answer", page.movable)
    page.click("#hints-on")
    page.click("#change")
    page.picture("change")
    page.click('[data-shift="hill"] summary')
    page.click('[data-shift="hill"] .now')
    page.wait("the change", lambda: "flagRegion = c3" in page.text("#what-changed"))
    page.wait("the goal", lambda: page.script("return document.querySelectorAll('.square.goal').length === 1"))
    page.wait("two minds", lambda: page.script("return document.querySelectorAll('.mind .bar-row').length >= 6"))
    page.wait("a stale move", lambda: page.text(".stale"))
    page.wait("arrows", lambda: page.script("return document.querySelectorAll('.arrow').length > 0"))
    require("hill" in page.text("#along"), "the change is not marked along the game")
    page.pictures("two-minds")
    page.click("#hints-on")
    # Taken back with the move before, and changed once more by typed keys, the first of which are wrong.
    page.click("#change")
    box = page.driver.find_element(By.ID, "edit")
    box.send_keys("stalemateValue = perhaps")
    page.wait("an error", lambda: "stalemateValue" in page.text("#edit-error") and "line 1" in page.text("#edit-error"))
    page.picture("edit-error")
    box.clear()
    box.send_keys("stalemateValue = loss")
    page.wait("a preview", lambda: "stalemateValue = loss" in page.text("#edit-preview"))
    page.click("#edit-next")
    page.wait("the edit", lambda: "stalemateValue = loss" in page.text("#what-changed"))
    return page.whole_game(own_moves=25)


def chess(page: Page) -> str:
    """A game of chess: typed moves, keys and drags first, then clicks."""
    page.new_game("chess")
    before = page.plies()
    page.driver.find_element(By.ID, "typed-move").send_keys("e4" + Keys.ENTER)
    page.settle(before)
    page.wait("the answer", page.movable)
    # By keyboard alone: to the square of the knight, and to f3.
    before = page.plies()
    page.script("document.querySelector('[data-square=\"g1\"]').focus()")
    active = webdriver.ActionChains(page.driver)
    active.send_keys(Keys.ENTER, Keys.ARROW_UP, Keys.ARROW_UP, Keys.ARROW_LEFT, Keys.ENTER).perform()
    page.settle(before)
    page.wait("the answer", page.movable)
    # By dragging.
    before = page.plies()
    page.script("document.querySelector('#board').scrollIntoView({block: 'center'})")
    drag = webdriver.ActionChains(page.driver)
    origin, target = (page.driver.find_element(By.CSS_SELECTOR, f'[data-square="{name}"]') for name in ["d2", "d3"])
    drag.click_and_hold(origin).move_by_offset(3, -8).move_to_element(target).release().perform()
    page.settle(before)
    page.wait("the answer", page.movable)
    page.click("#undo")
    page.wait("the move that was taken back", lambda: page.plies() == before)
    page.click("#flip")
    require(page.script("return document.querySelector('.square').dataset.square") == "h1", "the board does not turn")
    page.click("#flip")
    page.click("#notation")
    page.wait("the PGN", lambda: "Nf3" in page.script("return document.getElementById('pgn').value"))
    page.click("#dialog .close")
    return page.whole_game(own_moves=30)


def drops(page: Page) -> str:
    """A game with drops from the hand."""
    page.new_game("minishogi")
    ended = page.whole_game(own_moves=40, prefer_drops=True)
    moves = page.script("return [...document.querySelectorAll('#moves .ply')].map((e) => e.textContent)")
    require(any("@" in move for move in moves), "nothing was dropped")
    return ended


def special_moves(page: Page) -> None:
    """Choices that a board must ask for: promotions, gates, walls, passes."""
    page.new_game("chess", "8/4P3/8/8/8/k7/8/K7 w - - 0 1")
    page.square("e7")
    page.square("e8")
    page.wait("the choice", lambda: page.script("return document.querySelectorAll('.choice').length === 4"))
    page.picture("promotion")
    page.driver.find_element(By.CSS_SELECTOR, '[data-uci="e7e8n"]').click()
    page.wait("the knight", lambda: page.plies() > 0 and "e8=N" in page.text("#moves"))
    page.new_game("seirawan")
    page.square("b1")
    page.square("c3")
    page.wait("the gates", lambda: page.script("return document.querySelectorAll('.choice').length === 3"))
    page.driver.find_element(By.CSS_SELECTOR, '[data-uci="b1c3h"]').click()
    page.wait("the gated man", lambda: "/H" in page.text("#moves"))
    page.new_game("duck")
    page.square("e2")
    page.square("e4")
    page.wait("squares of the wall", lambda: len(page.targets()) > 20)
    page.square("e6")
    page.wait("the wall", lambda: page.plies() > 0 and page.script("return document.querySelectorAll('.wall').length === 1"))
    page.picture("duck")
    page.new_game("janggi")
    page.wait("a pass", lambda: page.script("return !document.getElementById('pass').hidden"))
    page.click("#pass")
    page.wait("the pass", lambda: page.plies() > 0)
    page.picture("janggi")


def confident(page: Page) -> int:
    """Walks through positions in which the evaluator is confidently wrong; returns their number."""
    page.click("#confident")
    page.wait("the walk", lambda: "gave itself" in page.text("#walk"))
    first = page.text("#walk b")
    page.click("#walk-next")
    page.wait("the next position", lambda: page.text("#walk b") != first)
    before = page.plies()
    page.click("#walk-step")
    page.wait("the move that followed", lambda: page.plies() == before + 1)
    page.wait("the minds", lambda: page.script("return document.querySelectorAll('.mind .bar-row').length >= 2"))
    page.pictures("confident")
    return int(page.text("#walk b").split(" of ")[1].split(" ")[0])


def training(page: Page, trainer: FakeTrainer) -> None:
    """Follows a training run from start to end, through a kill, a resumption and a lost connection."""
    page.click("#tab-live")
    page.wait("an empty run", lambda: "No run here yet" in page.text("#live"))
    trainer.begin()
    page.wait("the beginning", lambda: f"Generation 0 of {trainer.generations}" in page.text("#live"))
    while trainer.done < trainer.generations // 2:
        trainer.step()
    page.wait("generations", lambda: f"Generation {trainer.done} of" in page.text("#live"))
    trainer.tear()
    time.sleep(1.2)
    require(f"Generation {trainer.done} of" in page.text("#live"), "a torn line is taken for a generation, or for damage")
    network = {"offline": True, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    page.driver.execute_cdp_cmd("Network.enable", {})
    page.driver.execute_cdp_cmd("Network.emulateNetworkConditions", network)
    page.wait("the lost connection", lambda: "Connection lost" in page.text(".connection"))
    while trainer.done < trainer.generations - 1:
        trainer.step()
    page.driver.execute_cdp_cmd("Network.emulateNetworkConditions", network | {"offline": False})
    page.wait("the connection", lambda: f"Generation {trainer.done} of" in page.text("#live"))
    require("Connection lost" not in page.text(".connection"), "the page says that it is still unconnected")
    page.pictures("training")
    trainer.step()
    page.wait("the end", lambda: page.text(".badge") == "finished")


def stress(page: Page) -> None:
    """Looks at a stress run that is finished, and opens a game of it on the board."""
    page.choose("#live select", "1")
    page.wait("cells", lambda: page.script("return document.querySelectorAll('.cells td').length > 4"))
    page.wait("pictures", lambda: page.script("return document.querySelectorAll('.picture').length > 1"))
    page.pictures("stress")
    page.click(".games button")
    page.wait("the board", lambda: page.script("return !document.getElementById('play').hidden"))
    page.click("#tab-live")


def readme_picture(page: Page, path: Path) -> None:
    """The picture of the README: two minds just after the rules have changed."""
    page.screen(1080, 840, "light")
    before = page.plies()
    page.driver.find_element(By.ID, "typed-move").send_keys("b3" + Keys.ENTER)
    page.settle(before)
    page.wait("the answer", page.movable)
    page.click("#hints-on")
    page.click("#change")
    page.click('[data-shift="antichess"] summary')
    page.click('[data-shift="antichess"] .now')
    page.wait("two minds", lambda: page.script("return document.querySelectorAll('.mind .best tr').length >= 4"))
    page.wait("the searches", lambda: page.text(".mind.b .note").startswith("400"))
    page.script("window.scrollTo(0, 0); document.activeElement.blur(); document.documentElement.style.scrollbarWidth = 'none'")
    time.sleep(0.5)
    data = page.driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})["data"]
    path.write_bytes(with_palette(base64.b64decode(data)))
    require(path.stat().st_size < 60_000, f"{path} has {path.stat().st_size} bytes, 60,000 are too many")


def first_paint(page: Page) -> float:
    """Milliseconds from the request of the page to the first paint with content."""
    entries = "return performance.getEntriesByName('first-contentful-paint').map((e) => e.startTime)[0] ?? 0"
    return float(page.wait("the first paint", lambda: page.script(entries)))


def check_clean(page: Page) -> int:
    """Looks for errors in the console, and for anything that came from elsewhere; returns the number of requests."""
    # The lost connection was ours.
    said = [e["message"] for e in page.driver.get_log("browser") if e["level"] == "SEVERE" and "ERR_INTERNET_DISCONNECTED" not in e["message"]]
    require(not said, f"the console says: {said[:3]}")
    loaded: list[str] = page.script("return performance.getEntriesByType('resource').map((e) => e.name)")
    foreign = [name for name in loaded if not name.startswith(page.address)]
    require(not foreign, f"loaded from elsewhere: {foreign[:3]}")
    unlabelled = page.script(
        "return [...document.querySelectorAll('button, input, select, textarea')].filter((e) => !(e.textContent.trim() || e.ariaLabel"
        " || e.title || e.labels?.length || e.getAttribute('aria-label'))).map((e) => e.outerHTML.slice(0, 80))"
    )
    require(not unlabelled, f"controls without a name: {unlabelled[:3]}")
    return len(loaded)


def main() -> None:
    parser = command_parser(__doc__)
    add_binary(parser)
    parser.add_argument("--shots", type=Path, help="folder for screenshots")
    parser.add_argument("--run", type=Path, help="directory of a finished stress run to look at")
    parser.add_argument("--picture", type=Path, help="make the picture of the README, and nothing else")
    arguments = parser.parse_args()
    if arguments.shots:
        arguments.shots.mkdir(parents=True, exist_ok=True)
    folder = tempfile.TemporaryDirectory()
    trainer = FakeTrainer(Path(folder.name) / "run", generations=12)
    trainer.folder.mkdir()
    watched = [trainer.folder] + ([arguments.run] if arguments.run else [])
    command = [str(arguments.binary), "play"] + [word for run in watched for word in ("--watch", str(run))]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert server.stdout
    page = Page(browser(), server.stdout.readline().strip(), arguments.shots)
    try:
        page.open()
        if arguments.picture:
            page.click("#tab-play")
            readme_picture(page, arguments.picture)
            return
        painted = first_paint(page)
        training(page, trainer)
        if arguments.run:
            stress(page)
        page.click("#tab-play")
        page.pictures("start")
        ends = [gardner(page), chess(page), drops(page)]
        page.pictures("drops")
        special_moves(page)
        positions = confident(page)
        requests = check_clean(page)
        print(f"first paint after {painted:.0f} ms; {requests} requests, all to the page's own server")
        print("games: " + " | ".join(ends))
        print(f"{trainer.generations} generations followed, {positions} confident errors to walk through, 3 widths, light and dark: 0 problems")
    finally:
        page.driver.quit()
        server.terminate()
        server.wait()
        folder.cleanup()


if __name__ == "__main__":
    main()
