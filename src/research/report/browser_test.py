"""Opens a sample report in headless Chromium and looks at what the scripts made of it. Exit 77: no browser here."""
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


def dom(browser: str, page: Path, width: int, profile: Path) -> str:
    command = [browser, *FLAGS, f"--user-data-dir={profile}", f"--window-size={width},900", "--virtual-time-budget=4000", "--dump-dom", page.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout


def overflow_at(browser: str, page: Path, width: int, profile: Path) -> str:
    """How far the page sticks out of a frame of this width, in pixels: a window of Chromium cannot be narrower than 500."""
    telling = '<script>setTimeout(() => parent.postMessage(document.documentElement.scrollWidth - document.documentElement.clientWidth, "*"), 500)</script></body>'
    text = re.sub(r"<meta http-equiv=.Content-Security-Policy.[^>]*>", "", page.read_text(), count=1).replace("</body>", telling)
    page.with_name("inner.html").write_text(text)
    frame = page.with_name("frame.html")
    frame.write_text(f'<body><iframe src="inner.html" style="width:{width}px;height:800px;border:0"></iframe>'
                     '<script>addEventListener("message", (e) => { document.body.dataset.overflow = e.data; })</script></body>')
    found = re.search(r'data-overflow="(-?\d+)"', dom(browser, frame, 900, profile))
    return found.group(1) if found else "no answer"


def main() -> int:
    browser = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)
    if browser is None:
        print("SKIPPED: the report was not opened in a browser, because none is installed (Debian: apt-get install chromium)")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        subprocess.run([sys.argv[1], str(page), "5"], check=True)
        text = dom(browser, page, 1280, Path(folder) / "profile")
        narrow = overflow_at(browser, page, 375, Path(folder) / "profile")
    checks = {
        f"nothing sticks out at 375 px (by {narrow})": narrow == "0",
        "scripts ran to their end": 'data-ready="yes"' in text,
        "three charts": len(re.findall(r'class="uplot', text)) == 3,
        "eleven trades in the table": len(re.findall(r'<tr class="row', text.split('id="trades"')[1].split('id="denials"')[0])) == 11,
        "decisions are listed": len(re.findall(r'<details class="decision"', text)) == 20,
        "the parts are linked": all(f'href="#{part}"' in text for part in ("figures", "comparison", "curves", "prices", "trades", "reasoning", "about")),
        "losses carry a sign beside their colour": all("-" in amount for amount in re.findall(r'<span class="loss">([^<]*)</span>', text)),
    }
    for what, held in checks.items():
        print(("ok      " if held else "FAILED  ") + what)
    return 0 if all(checks.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
