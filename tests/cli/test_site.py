"""What is not beside the package is looked for by `site`, by whichever thread needs it first."""

import subprocess
import sys
from pathlib import Path

from tests.support.commands import clean_environment

CODE = """
import os, sys, threading, time, types
sys.path[:0] = sys.argv[1:]
import begun
from probe.cli import start

def main():
    time.sleep(0.3)
    import slow
    sys.path.append(f"{sys.argv[1]}/more")

sys.modules["site"] = types.ModuleType("site")
sys.modules["site"].main = main
sys.meta_path.append(start._Site)
names = ("slow", "late", "late")
threads = [threading.Thread(target=__import__, args=[name], daemon=True) for name in names]
for thread in threads:
    thread.start()
    begun.event.wait(5)
for thread in threads:
    thread.join(5)
alive = [thread.is_alive() for thread in threads]
print(alive, "late" in sys.modules, start._Site in sys.meta_path, flush=True)
os._exit(0)
"""


def test_site_may_import_what_another_thread_is_importing(tmp_path: Path) -> None:
    """As a .pth file does: neither waits for the other, and who needs `site` meanwhile waits for its end."""
    (tmp_path / "begun.py").write_text("import threading\nevent = threading.Event()\n")
    slow = "import begun, time\nbegun.event.set()\ntime.sleep(0.2)\nimport other\n"
    (tmp_path / "slow.py").write_text(slow)
    (tmp_path / "other.py").touch()
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "late.py").touch()
    command = [sys.executable, "-I", "-S", "-c", CODE, str(tmp_path), *filter(None, sys.path)]
    root = str(Path(__file__).parent.parent.parent)
    done = subprocess.run(
        [*command, root], env=clean_environment(), capture_output=True, text=True, timeout=40
    )
    assert done.stdout == "[False, False, False] True False\n", done.stderr
