"""Log lines: ids go along, in both forms; what people wrote does not, even when somebody attaches it."""

import io
import json
import logging
from uuid import UUID

import pytest

from runtz_core import logs

CALL = UUID(int=7)


@pytest.fixture
def written(request: pytest.FixtureRequest) -> io.StringIO:
    """What a logger of our form prints."""
    return io.StringIO()


def logger_in(form: logging.Formatter, written: io.StringIO) -> logging.Logger:
    handler = logging.StreamHandler(written)
    handler.setFormatter(form)
    logger = logging.Logger("runtz_tasks.driver")
    logger.addHandler(handler)
    return logger


def test_a_machine_reads_one_object_a_line(written: io.StringIO) -> None:
    logger = logger_in(logs.ForMachines("worker"), written)
    logger.warning("call %s\nof two lines", "failed", extra={"call_id": CALL, "attempt": 2, "kind": "quota"})
    (line,) = written.getvalue().splitlines()
    found = json.loads(line)
    assert found["message"] == "call failed\nof two lines"
    assert (found["level"], found["process"], found["logger"]) == ("WARNING", "worker", "runtz_tasks.driver")
    assert (found["call_id"], found["attempt"], found["kind"]) == (str(CALL), 2, "quota")
    assert found["time"].endswith("+00:00")


@pytest.mark.parametrize("form", [logs.ForMachines("web"), logs.ForPeople()])
def test_what_is_not_listed_stays_out(form: logging.Formatter, written: io.StringIO) -> None:
    logger_in(form, written).info("sent", extra={"prompt": "canary", "api_key": "canary", "job_id": CALL})
    assert "canary" not in written.getvalue()
    assert str(CALL) in written.getvalue()


def test_an_exception_goes_along_for_whoever_mends_it(written: io.StringIO) -> None:
    logger = logger_in(logs.ForMachines("web"), written)
    try:
        raise ValueError("broken")
    except ValueError:
        logger.exception("step failed", extra={"step": "reap"})
    found = json.loads(written.getvalue())
    assert "ValueError: broken" in found["exception"]
    assert found["step"] == "reap"
