"""What a client's texts may hold: strings that some medium would run, fetch, obey or choke on, by kind."""

from __future__ import annotations

import re
import unicodedata

CANARY = "http://canary.invalid"  # whoever asks for it has obeyed a string
OSC, BEL, ESC = "\x1b]", "\x07", "\x1b"

BY_KIND: dict[str, tuple[str, ...]] = {
    "markup": (
        "<script>pwned()</script>",
        "</script><script>pwned()</script>",
        "</style><script>pwned()</script><style>",
        "</title></head><body onload=pwned()>",
        "<img src=x onerror=pwned()>",
        f"<img src={CANARY}/img.png>",
        "<svg onload=pwned()>",
        "</text><script>pwned()</script>",
        f'<svg><image href="{CANARY}/svg.png"/></svg>',
        "<svg><foreignObject><body onload=pwned()></foreignObject></svg>",
        f'<iframe src="{CANARY}/frame"></iframe>',
        '<iframe srcdoc="<script>parent.pwned()</script>"></iframe>',
        "<details open ontoggle=pwned()>",
        "<input autofocus onfocus=pwned()>",
        '" onmouseover="pwned()" x="',
        "' autofocus onfocus='pwned()' x='",
        "` onerror=pwned() `",
        '<a href="javascript:pwned()">open</a>',
        '<a href="data:text/html,<script>pwned()</script>">open</a>',
        f'<form action="{CANARY}/form"><button>Send</button></form>',
        f'<meta http-equiv="refresh" content="0;url={CANARY}/meta">',
        f'<link rel="stylesheet" href="{CANARY}/link.css">',
        f'<base href="{CANARY}/">',
        f'<object data="{CANARY}/object"></object>',
        f'<video src="{CANARY}/video" autoplay></video>',
        f"<style>@import url({CANARY}/import.css);</style>",
        f"x;background:url({CANARY}/css.png)",
        f"}}</style><style>*{{background:url({CANARY}/style.png)}}",
        "<!-- comment",
        "--> <!--",
        "<![CDATA[ x ]]>",
        "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>&e;",
        "&lt;script&gt;pwned()&lt;/script&gt;",
        "&#60;img src=x onerror=pwned()&#62;",
        "<math><mtext></table></math><img src=x onerror=pwned()>",
        "<plaintext>",
        "<table><tr><td>cell</td>",
    ),
    "templates and Markdown": (
        "{{ 7 * 7 }}",
        "{{ ''.__class__.__mro__ }}",
        "{% for x in range(9) %}x{% endfor %}",
        "{# gone #} shown",
        "[click](javascript:pwned())",
        f"![picture]({CANARY}/markdown.png)",
        f"<{CANARY}/autolink>",
        "# Heading | table | of | bars",
        "``` code ``` and `code`",
        f"[ref]: {CANARY}/ref",
        "%s %d %(name)s {0} {name}",
    ),
    "mathtext": ("$\\frac{1}{2}$", "$x^2 and no end", "100 $ and 200 $", "\\mathdefault{x} \\LaTeX", "_x_^2^"),
    "formulas": (
        "=1+1",
        "=cmd|' /C calc'!A0",
        f'=HYPERLINK("{CANARY}/link","open")',
        f'=WEBSERVICE("{CANARY}/web")',
        "+1+1",
        "-1+1",
        "@SUM(1,2)",
        "\t=2+2",
        "\r=3+3",
        " =4+4",
        "＝5+5",
        "{=6+6}",
        'DDE("cmd";"/C calc";"__DdeLink_60_870516294")',
        "'=7+7",
        f"{CANARY}/plain-link",
        "mailto:someone@canary.invalid",
        "1e5",
        "00012",
    ),
    "terminal": (
        f"{ESC}[35;45mcoloured{ESC}[0m",
        f"{ESC}[2J{ESC}[Hcleared",
        f"{OSC}52;c;cHduZWQ={BEL}clipboard",
        f"{OSC}8;;{CANARY}/osc8{ESC}\\link{OSC}8;;{ESC}\\",
        f"{OSC}0;title{BEL}titled",
        "\x9b31mC1 colour",
        "\x9d0;C1 title\x9c",
        "bell\x07 backspace\x08\x08\x08 vertical\x0b form\x0c",
        "start\rOVERWRITTEN",
        "[bold red]rich[/bold red]",
        f"[link={CANARY}/rich]rich link[/link]",
        "[/]",
        "control \x01\x02\x1f\x7f characters",
    ),
    "writing": (
        "invoice\u202efdp.exe",
        "\u2067isolated\u2069 \u2066left\u2069",
        "zero\u200bwidth\u200d\ufeffjoined",
        "o\u0301" + "\u0300\u0301\u0302" * 60,
        "👩‍👩‍👧‍👦 family 🏳️‍🌈",
        "ﷺ" * 12,
        "noncharacter \ufffe\uffff",
        "line\u2028separator\u2029paragraph",
        "Ünïcödé ß ı İ ſ",
        "first line\nsecond line",
        "x" * 10_000,
    ),
    "paths": (
        "../../../../etc/passwd",
        "C:\\con",
        "/etc/passwd",
        "\\\\canary.invalid\\share",
        "file:///etc/passwd",
        "NUL.txt",
        "a/b\\c:d*e?f",
        "~/.ssh/id_rsa",
        "$HOME and `id` and $(id)",
    ),
    "SQL": (
        "'; DROP TABLE items; --",
        '"; DROP TABLE items; --',
        "' OR '1'='1",
        "x') UNION SELECT * FROM read_csv('/etc/passwd') --",
        "/* comment */ x",
        "%' ESCAPE '\\",
        "$1 ? :name $$x$$",
    ),
    "words": ("nan", "None", "null", "true", "inf", "item_id", "family", "all", "0010", "1970-01-01", "-", "0"),
}
HOSTILE: tuple[tuple[str, str], ...] = tuple((kind, text) for kind, texts in BY_KIND.items() for text in texts)
TEXTS: tuple[str, ...] = tuple(text for _, text in HOSTILE)

INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn"}


def visible(text: str) -> str:
    """What is left of a text for a reader: no control and format characters, every gap a single blank."""
    kept = "".join(
        " " if char.isspace() or char < " " else "" if unicodedata.category(char) in INVISIBLE else char
        for char in text
    )
    return re.sub(r"\s+", " ", kept).strip()


def obeyed(text: str) -> list[str]:
    """The characters a terminal would obey, or that turn the direction of writing; a line feed is no such thing."""
    held = {char for char in text if unicodedata.category(char) in ("Cc", "Cf")} - {"\n"}
    return sorted(f"U+{ord(char):04X}" for char in held)


def name_of(text: str) -> str:
    """A string for a list of outcomes."""
    return ascii(text if len(text) <= 60 else f"{text[:57]}...")
