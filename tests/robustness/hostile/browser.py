"""Pages in a real browser, with every door open that the kit shuts: what runs, what is fetched, what stands there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from tests.robustness.hostile.strings import TEXTS, visible

# Policies of the page are passed over: it is the escaping that is put to the test. What the page forbids is tried too.
WAYS = [(scheme, passing) for scheme in ("light", "dark") for passing in (True, False)]
CANARY = "window.pwned = () => { window.ran = true }; window.ran = false"
OPEN_ALL = "document.querySelectorAll('details').forEach(fold => { fold.open = true })"
SETTLED = 500  # milliseconds in which what wants to run has run
EVERY_ELEMENT = """[...document.querySelectorAll('*')].map(element => [
    element.localName, element.namespaceURI, [...element.attributes].map(one => [one.name, one.value])])"""
WHAT_STANDS_THERE = """() => {
    const walk = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT)
    const texts = []
    while (walk.nextNode()) texts.push(walk.currentNode.data)
    const said = [...document.querySelectorAll('*')].flatMap(element =>
        ['alt', 'title', 'aria-label'].map(name => element.getAttribute(name)).filter(text => text))
    return [...texts, ...said].join('\\n')
}"""
NEVER = {
    *("script", "iframe", "frame", "object", "embed", "form", "input", "textarea", "select", "base", "link", "audio"),
    *("video", "source", "portal", "applet", "foreignObject", "foreignobject", "animate", "set", "plaintext", "math"),
}
ADDRESSES = ("href", "xlink:href", "src", "srcset", "action", "formaction", "data", "poster", "background", "srcdoc")


@dataclass
class Seen:
    """What a page did and what it is made of; `text` is what a reader can see of it."""

    done: list[str] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    shape: set[str] = field(default_factory=set)
    text: str = ""

    @property
    def faults(self) -> list[str]:
        """What it must not have done or be made of."""
        return [*dict.fromkeys([*self.done, *self.made])]


def look_at(browser: Browser, page: Path, ways: Sequence[tuple[str, bool]] = WAYS) -> Seen:
    """A page by day and by night, under its own policy and without it, every fold open."""
    seen = Seen()
    for scheme, passing in ways:
        context = browser.new_context(color_scheme=scheme, bypass_csp=passing)  # type: ignore[arg-type]
        context.add_init_script(CANARY)
        tab = context.new_page()
        listen(tab, seen.done, page.as_uri())
        tab.goto(page.as_uri())
        tab.evaluate(OPEN_ALL)
        tab.wait_for_timeout(SETTLED)
        if tab.evaluate("window.ran"):
            seen.done.append("a script ran")
        elements = tab.evaluate(EVERY_ELEMENT)
        seen.made += [fault for element in elements for fault in _faults(*element)]
        seen.shape |= {_shape(*element) for element in elements}
        seen.text = visible(tab.evaluate(WHAT_STANDS_THERE))
        context.close()
    return seen


def listen(tab: Page, done: list[str], own: str) -> None:
    """Note whatever a page does beside standing there."""

    def asked(request: Any) -> None:
        if request.url != own and not request.url.startswith("data:"):
            done.append(f"asked for {request.url[:80]}")

    def opened(dialog: Any) -> None:
        done.append(f"opened a dialog: {dialog.message[:80]}")
        dialog.dismiss()

    tab.on("request", asked)
    tab.on("dialog", opened)
    tab.on("console", lambda message: done.append(f"said on the console: {message.text[:80]}"))
    tab.on("pageerror", lambda error: done.append(f"broke off: {str(error)[:80]}"))
    tab.on("popup", lambda _: done.append("opened a window"))
    tab.on("download", lambda _: done.append("started a download"))


def missing(seen: Seen) -> Iterator[str]:
    """The strings that do not stand on the page as they were written."""
    squeezed = "".join(seen.text.split())
    for text in TEXTS:
        if "".join(visible(text)[:300].split()) not in squeezed:
            yield text


def _shape(name: str, space: str, attributes: list[tuple[str, str]]) -> str:
    return f"{name} {' '.join(sorted(key for key, _ in attributes))}"


def _faults(name: str, space: str, attributes: list[tuple[str, str]]) -> Iterator[str]:
    if name in NEVER:
        yield f"holds <{name}>"
    for key, value in attributes:
        if key.startswith("on"):
            yield f"holds <{name} {key}>"
        if key in ADDRESSES and not value.startswith(("#", "data:image/")) and (name, value) != ("a", "evidence.xlsx"):
            yield f"holds <{name} {key}={value[:40]}>"
        if key == "style" and "url(" in value.replace("url(#", "").replace('url("#', ""):
            yield f"holds <{name} style={value[:40]}>"
        if key == "http-equiv" and value.lower() != "content-security-policy":
            yield f"holds <{name} http-equiv={value[:40]}>"
