#!/usr/bin/env python3
"""Clicks through a report in a headless Chromium, and keeps screenshots.

    target/venv/bin/python scripts/click_report.py runs/quick/report.html --keep target/report

Fails if the console holds an error, a link leads nowhere, a game cannot be replayed, a download holds no data, or anything is
wider than a narrow screen. Needs Debian's packages chromium and chromium-driver, or others of these names.
"""

import argparse
import json
import pathlib
import shutil
import sys

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys


def browser() -> webdriver.Chrome:
    options = webdriver.ChromeOptions()
    for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1280,1000"]:
        options.add_argument(argument)
    options.binary_location = shutil.which("chromium") or shutil.which("google-chrome") or ""
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService(shutil.which("chromedriver"))
    return webdriver.Chrome(options=options, service=service)


def check(condition: bool, message: str) -> None:
    if not condition:
        sys.exit(f"click_report: {message}")


def replay(driver: webdriver.Chrome) -> int:
    """Plays the first moves of every game by button, key and click; returns the number of games."""
    games = driver.find_elements(By.CSS_SELECTOR, ".replay")
    for game in games:
        status = game.find_element(By.CSS_SELECTOR, ".status")
        driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", game)

        def press(to: str) -> str:
            game.find_element(By.CSS_SELECTOR, f"[data-to={to}]").click()
            return status.text

        first = press("start")
        check(press("next") != first, "the button for the next move does nothing")
        check(press("previous") == first, "the button for the previous move does not lead back")
        game.find_element(By.CSS_SELECTOR, "input").send_keys(Keys.ARROW_RIGHT)
        check(status.text != first, "the slider does nothing")
        last = press("end")
        check(last != first, "the last position is the first")
        moves = game.find_elements(By.CSS_SELECTOR, ".move")
        moves[0].click()
        check(status.text != last, "a click on a move does nothing")
    return len(games)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("report", type=pathlib.Path)
    parser.add_argument("--keep", type=pathlib.Path, help="folder for screenshots")
    arguments = parser.parse_args()
    driver = browser()
    try:
        driver.get(arguments.report.resolve().as_uri())
        links = driver.find_elements(By.CSS_SELECTOR, "a[href^='#']")
        check(len(links) > 5, f"only {len(links)} links")
        for link in links:
            target = link.get_attribute("href").split("#", 1)[1]
            check(bool(driver.find_elements(By.ID, target)), f"a link leads to #{target}, which is not there")
        for link in driver.find_elements(By.CSS_SELECTOR, "nav a"):
            link.click()
        games = replay(driver)
        check(games > 0, "there is no game to replay")
        summary = driver.find_element(By.ID, "summary-json").get_attribute("textContent")
        rows = len(json.loads(summary)["rows"])
        check(rows > 0, "the embedded data have no row")
        shots = {"wide": (1280, "light"), "dark": (1280, "dark"), "narrow": (420, "light")}
        for name, (width, scheme) in shots.items():
            media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
            driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
            metrics = {"width": width, "height": 1000, "deviceScaleFactor": 1, "mobile": width < 600}
            driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
            wide = driver.execute_script("return document.documentElement.scrollWidth")
            check(wide <= width, f"on a screen of {width} pixels the page is {wide} wide")
            if arguments.keep:
                arguments.keep.mkdir(parents=True, exist_ok=True)
                driver.execute_script("window.scrollTo(0, 0)")
                driver.save_screenshot(str(arguments.keep / f"{name}.png"))
        wrong = [e["message"] for e in driver.get_log("browser") if e["level"] == "SEVERE"]
        check(not wrong, f"the console says: {wrong[:3]}")
        print(f"{len(links)} links, {games} games replayed, {rows} rows of data; wide, dark and narrow: 0 problems")
    finally:
        driver.quit()


if __name__ == "__main__":
    main()
