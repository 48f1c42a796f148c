"""What the tests ask of the browser, in their own words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from selenium.webdriver import Chrome
    from selenium.webdriver.remote.webelement import WebElement

WIDE = (1280, 900)
SECONDS = 60


@dataclass
class Browser:
    """A Chromium, with what it requested and complained of since a page was opened."""

    driver: Chrome

    @classmethod
    def start(cls, browser: str, driver: str) -> Browser:
        """Start it without a window, and with nothing of its own that asks the network."""
        from selenium import webdriver
        from selenium.webdriver.chrome.service import Service

        options = webdriver.ChromeOptions()
        options.binary_location = browser
        for argument in (
            "--headless=new",
            "--no-sandbox",  # for root, in containers
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--no-first-run",
            f"--window-size={WIDE[0]},{WIDE[1]}",
        ):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        return cls(webdriver.Chrome(options=options, service=Service(driver)))

    def open(self, path: Path) -> None:
        """Load a file on a wide, light screen and wait for its charts."""
        self.command("Emulation.clearDeviceMetricsOverride")
        self.emulate(scheme="light")
        self.driver.get("about:blank")
        self.complaints(), self.requested()
        self.driver.get(path.as_uri())
        self.wait_for_charts()

    def command(self, name: str, **parameters: Any) -> Any:
        return self.driver.execute_cdp_cmd(name, parameters)

    def emulate(self, media: str = "", scheme: str = "light") -> None:
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.command("Emulation.setEmulatedMedia", media=media, features=[feature])

    def narrow(self, width: int) -> None:
        """Be a phone; the page draws its charts again."""
        self.script("document.body.dataset.charts = 'waiting'")
        self.command(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=800,
            deviceScaleFactor=1,
            mobile=True,
        )
        self.wait_for_charts()

    def wait_for_charts(self) -> None:
        self.wait("return document.body.dataset.charts === 'drawn'")

    def wait(self, condition: str) -> None:
        """Until a script returns something true."""
        from selenium.webdriver.support.ui import WebDriverWait

        waiting = WebDriverWait(self.driver, SECONDS, poll_frequency=0.05)
        waiting.until(lambda _: self.script(condition))

    def script(self, text: str, *arguments: Any) -> Any:
        return self.driver.execute_script(text, *arguments)

    def find(self, selector: str) -> WebElement:
        return self.driver.find_element("css selector", selector)

    def texts(self, selector: str) -> list[str]:
        """Texts of the elements that are shown."""
        found: list[str] = self.script(
            "return [...document.querySelectorAll(arguments[0])]"
            ".filter((one) => one.checkVisibility()).map((one) => one.textContent.trim())",
            selector,
        )
        return found

    def colour(self, selector: str, name: str = "color") -> tuple[int, ...]:
        """Red, green and blue."""
        value = self.script(
            "return getComputedStyle(document.querySelector(arguments[0]))[arguments[1]]",
            *(selector, name),
        )
        parts = value.partition("(")[2].rstrip(")").split(",")
        return tuple(int(float(part)) for part in parts[:3])

    def complaints(self) -> list[str]:
        """What was logged since the last question: errors and warnings."""
        logged: Sequence[Any] = self.driver.get_log("browser")  # type: ignore[no-untyped-call]
        return [str(one["message"]) for one in logged]

    def requested(self) -> list[str]:
        """What was asked for since the last question, but for data inside the page."""
        logged: Sequence[Any] = self.driver.get_log("performance")  # type: ignore[no-untyped-call]
        events = [json.loads(one["message"])["message"] for one in logged]
        urls = [
            str(one["params"]["request"]["url"])
            for one in events
            if one["method"] == "Network.requestWillBeSent"
        ]
        return [url for url in urls if not url.startswith(("data:", "about:"))]
