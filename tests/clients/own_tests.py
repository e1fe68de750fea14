"""The client's own test files that talk to a server, as they are in its source package: `python own_tests.py FOLDER`.

`quick_test_v1.py` has its address in it, so requests for that address go to this server; nothing else is changed.
"""

import os
import runpy
import sys
import tempfile
import traceback

import pytest
import requests

BASE = os.environ["TABPFN_CLIENT_API_URL"]
HARD_CODED = "http://localhost:8000"


def redirect_hard_coded_address():
    send = requests.Session.request

    def request(session, method, url, **options):
        return send(session, method, url.replace(HARD_CODED, BASE, 1), **options)

    requests.Session.request = request


class Counter:
    """A line for each test that pytest ran."""

    def __init__(self):
        self.passed = self.failed = 0

    def pytest_runtest_logreport(self, report):
        if report.when == "call" or report.failed:
            self.passed += report.passed
            self.failed += report.failed
            print(f"    {'ok   ' if report.passed else 'FAIL '} {report.nodeid} ({report.duration:.1f} s)", flush=True)
            if report.failed:
                print(report.longreprtext, flush=True)


def run_program(path):
    try:
        with open(os.devnull, "w") as quiet:
            stdout, sys.stdout = sys.stdout, quiet
            try:
                runpy.run_path(path, run_name="__main__")
            finally:
                sys.stdout = stdout
        print(f"    ok    {os.path.basename(path)}", flush=True)
        return True
    except BaseException:
        print(f"    FAIL  {os.path.basename(path)}\n{traceback.format_exc()}", flush=True)
        return False


def main(folder):
    print("  The client's own tests that talk to a server", flush=True)
    os.environ["PRIORLABS_API_KEY"] = os.environ["TABPFN_TOKEN"]
    redirect_hard_coded_address()
    tests = os.path.join(folder, "tests")
    with tempfile.TemporaryDirectory() as scratch:
        os.chdir(scratch)
        programs = [run_program(os.path.join(tests, name)) for name in ("quick_test.py", "quick_test_v1.py")]
    os.chdir(folder)
    counter = Counter()
    path = os.path.join("tests", "quick_test_v2.py")
    code = pytest.main(["-p", "no:cacheprovider", "-p", "no:terminal", path], plugins=[counter])
    passed, failed = counter.passed + sum(programs), counter.failed + programs.count(False)
    if code not in (0, 1) or counter.passed + counter.failed == 0:
        print(f"    FAIL  pytest ended with {code}")
        failed += 1
    print(f"  {passed} passed, {failed} failed", flush=True)
    sys.exit(1 if failed else 0)


main(sys.argv[1])
