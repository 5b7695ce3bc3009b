#!/usr/bin/env python3
"""Opens the page of a report in a headless Chromium, uses every control on it, and keeps screenshots.

    target/venv/bin/python scripts/click_report.py runs/quick/report.html --keep target/report

Fails if the console holds an error, a link leads nowhere, a section is missing from the navigation or empty, a figure draws
outside of its frame, a table cannot be opened, a game cannot be replayed, a download holds other rows than the page, or anything
is wider than a narrow screen. Needs the programs chromium (or google-chrome) and chromedriver, which Debian has in the packages
chromium and chromium-driver.
"""

from __future__ import annotations

import base64
import csv
import json
import pathlib
import shutil
import tempfile
import time
from dataclasses import dataclass
from typing import Any

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from program import command_parser, require


@dataclass(frozen=True)
class Screen:
    """How the page is shown for a screenshot."""

    name: str
    width: int  # pixels
    scheme: str  # `light` or `dark`
    medium: str  # `screen` or `print`


SCREENS = [
    Screen("wide", 1280, "light", "screen"),
    Screen("dark", 1280, "dark", "screen"),
    Screen("narrow", 420, "light", "screen"),
    Screen("print", 1000, "light", "print"),
]
# Pixels of the tallest picture that Chromium can take.
TALLEST = 16000


def browser(downloads: str) -> webdriver.Chrome:
    """A headless Chromium that saves downloads to a folder."""
    options = webdriver.ChromeOptions()
    for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1280,1000"]:
        options.add_argument(argument)
    options.add_experimental_option("prefs", {"download.default_directory": downloads})
    options.binary_location = shutil.which("chromium") or shutil.which("google-chrome") or ""
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService(shutil.which("chromedriver"))
    return webdriver.Chrome(options=options, service=service)


def attribute(element: WebElement, name: str) -> str:
    """An attribute, empty if the element has none of that name."""
    return element.get_attribute(name) or ""


def sections(driver: webdriver.Chrome) -> list[str]:
    """Goes to every section by the navigation, in the order of the page; returns their names."""
    links = driver.find_elements(By.CSS_SELECTOR, "nav a")
    linked = [attribute(link, "href").split("#", 1)[1] for link in links]
    found = [attribute(section, "id") for section in driver.find_elements(By.CSS_SELECTOR, "main > section[id]")]
    found = [name for name in found if name != "minutes"]
    require(linked == found, f"the navigation has {linked}, the page {found}")
    for link, name in zip(links, linked, strict=True):
        driver.execute_script("window.scrollTo(0, 0)")
        link.click()
        section = driver.find_element(By.ID, name)
        top = driver.execute_script("return arguments[0].getBoundingClientRect().top", section)
        require(top < 1000, f"the link to #{name} does not lead there")
        require(len(section.text.split("\n")) > 1, f"section #{name} holds nothing but its heading")
    return linked


def figures(driver: webdriver.Chrome) -> int:
    """Looks for coordinates that are no numbers and marks outside of their figures; returns the number of figures."""
    wrong = driver.execute_script(
        """
        const wrong = [];
        for (const svg of document.querySelectorAll('svg.figure')) {
          const name = svg.querySelector('title').textContent;
          if (/NaN|inf/.test(svg.innerHTML.replace(/<(title|desc|text)[^]*?<[/]\\1>/g, ''))) wrong.push(name + ': no number');
          if (!svg.getClientRects().length) continue;
          const frame = svg.getBoundingClientRect();
          for (const mark of svg.querySelectorAll('.marker, .whisker, text')) {
            const box = mark.getBoundingClientRect();
            const out = Math.max(frame.left - box.left, box.right - frame.right, frame.top - box.top, box.bottom - frame.bottom);
            if (out > 3) wrong.push(`${name}: ${mark.textContent || mark.tagName} is ${out.toFixed(0)} pixels outside`);
          }
        }
        return wrong;
        """
    )
    require(not wrong, f"figures: {wrong[:5]}")
    return len(driver.find_elements(By.CSS_SELECTOR, "svg.figure"))


def tables(driver: webdriver.Chrome) -> int:
    """Opens every folded table; returns their number."""
    folded = driver.find_elements(By.CSS_SELECTOR, "details")
    for details in folded:
        summary = details.find_element(By.CSS_SELECTOR, "summary")
        driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", summary)
        summary.click()
        require(details.find_element(By.CSS_SELECTOR, "table").is_displayed(), "a table cannot be opened")
    for details in folded:
        driver.execute_script("arguments[0].open = false", details)
    return len(folded)


def downloads(driver: webdriver.Chrome, folder: pathlib.Path, rows: list[dict[str, Any]]) -> int:
    """Presses every button of a download and compares the files with the page's rows; returns the number of files."""
    buttons = driver.find_elements(By.CSS_SELECTOR, "[data-download]")
    require(len(buttons) == 4, f"{len(buttons)} downloads instead of 4")
    for button in buttons:
        path = folder / attribute(button, "data-download")
        driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", button)
        button.click()
        for _ in range(100):
            if path.exists() and path.stat().st_size > 0:
                break
            time.sleep(0.1)
        require(path.exists(), f"the button for {path.name} saves nothing")
    time.sleep(0.3)
    require(json.loads((folder / "summary.json").read_text())["rows"] == rows, "summary.json has other rows")
    lines = (folder / "rows.jsonl").read_text().splitlines()
    require([json.loads(line) for line in lines] == rows, "rows.jsonl has other rows")
    with open(folder / "summary.csv", newline="") as file:
        require(len(list(csv.DictReader(file))) == len(rows), "summary.csv has other rows")
    parquet = (folder / "summary.parquet").read_bytes()
    require(parquet[:4] == parquet[-4:] == b"PAR1", "summary.parquet is no Parquet file")
    try:
        import pyarrow.parquet
    except ImportError:
        return len(buttons)
    table = pyarrow.parquet.read_table(folder / "summary.parquet").to_pylist()
    require([r["score"] for r in table] == [r["score"] for r in rows], "summary.parquet has other rows")
    return len(buttons)


def replay(driver: webdriver.Chrome) -> int:
    """Replays every game by buttons, key and click; returns the number of games."""
    games = driver.find_elements(By.CSS_SELECTOR, ".replay")
    for game in games:
        # A game whose positions cannot be drawn has no controls.
        if game.find_elements(By.CSS_SELECTOR, ".status"):
            driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", game)
            replay_game(game)
    return len(games)


def replay_game(game: WebElement) -> None:
    """Demands that every control of a game changes the position that is shown."""
    status = game.find_element(By.CSS_SELECTOR, ".status")

    def press(to: str) -> str:
        game.find_element(By.CSS_SELECTOR, f"[data-to={to}]").click()
        return status.text

    first = press("start")
    require(press("next") != first, "the button for the next move does nothing")
    require(press("previous") == first, "the button for the previous move does not lead back")
    game.find_element(By.CSS_SELECTOR, "input").send_keys(Keys.ARROW_RIGHT)
    require(status.text != first, "the slider does nothing")
    last = press("end")
    require(last != first, "the last position is the first")
    game.find_element(By.CSS_SELECTOR, ".move").click()
    require(status.text != last, "a click on a move does nothing")


def screenshots(driver: webdriver.Chrome, keep: pathlib.Path | None, names: list[str]) -> None:
    """Checks on every screen that nothing is too wide, and keeps pictures of the top of the page and of every section."""
    for screen in SCREENS:
        media = {"media": screen.medium, "features": [{"name": "prefers-color-scheme", "value": screen.scheme}]}
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
        metrics = {"width": screen.width, "height": 1000, "deviceScaleFactor": 1, "mobile": screen.width < 600}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        wide = driver.execute_script("return document.documentElement.scrollWidth")
        require(screen.medium == "print" or wide <= screen.width, f"on a screen of {screen.width} pixels the page is {wide} wide")
        if screen.medium == "screen":
            figures(driver)
        if keep is None:
            continue
        driver.execute_script("window.scrollTo(0, 0)")
        driver.save_screenshot(str(keep / f"{screen.name}.png"))
        for name in names:
            box = driver.execute_script(
                "const b = document.getElementById(arguments[0]).getBoundingClientRect();"
                "return [b.top + scrollY, b.height]",
                name,
            )
            clip = {"x": 0, "y": box[0], "width": screen.width, "height": min(box[1], TALLEST), "scale": 1}
            picture = {"format": "png", "captureBeyondViewport": True, "clip": clip}
            data = driver.execute_cdp_cmd("Page.captureScreenshot", picture)["data"]
            (keep / f"{screen.name}-{name}.png").write_bytes(base64.b64decode(data))
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})
    if keep:
        printed = driver.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})
        (keep / "print.pdf").write_bytes(base64.b64decode(printed["data"]))


def main() -> None:
    parser = command_parser(__doc__)
    parser.add_argument("report", type=pathlib.Path)
    parser.add_argument("--keep", type=pathlib.Path, help="folder for screenshots and a print")
    arguments = parser.parse_args()
    if arguments.keep:
        arguments.keep.mkdir(parents=True, exist_ok=True)
    saved = tempfile.TemporaryDirectory()
    driver = browser(saved.name)
    try:
        driver.get(arguments.report.resolve().as_uri())
        links = driver.find_elements(By.CSS_SELECTOR, "a[href^='#']")
        require(len(links) > 5, f"only {len(links)} links")
        targets = set(driver.execute_script("return [...document.querySelectorAll('[id]')].map((e) => e.id)"))
        for link in driver.execute_script("return [...document.links].map((a) => a.getAttribute('href'))"):
            require(link.startswith("#") and link[1:] in targets, f"a link leads to {link}, which is not there")
        names = sections(driver)
        drawn = figures(driver)
        folded = tables(driver)
        games = replay(driver)
        require(games > 0, "there is no game to replay")
        summary = attribute(driver.find_element(By.ID, "summary-json"), "textContent")
        rows = json.loads(summary)["rows"]
        require(len(rows) > 0, "the embedded data have no row")
        files = downloads(driver, pathlib.Path(saved.name), rows)
        screenshots(driver, arguments.keep, names)
        wrong = [e["message"] for e in driver.get_log("browser") if e["level"] == "SEVERE"]
        require(not wrong, f"the console says: {wrong[:3]}")
        print(
            f"{len(links)} links, {len(names)} sections, {drawn} figures, {folded} tables opened, {games} games replayed, "
            f"{files} downloads of {len(rows)} rows; wide, dark, narrow and print: 0 problems"
        )
    finally:
        driver.quit()
        saved.cleanup()


if __name__ == "__main__":
    main()
