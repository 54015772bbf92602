"""F06, F07 and F22: vendors that never finish; only our total deadline ends them."""

import pytest

from tests.faults.stand import GEMINI, OPENAI, PATIENT, Stand
from tests.faults.test_vendors import Storm

ENVIRONMENT = PATIENT | {"RUNTZ_TIMING__CALL_DEADLINE": "12"}

CASES = {
    "F06": (OPENAI, "[fail:silence@openai]"),
    "F07": (GEMINI, "[fail:drip@gemini seconds=0.3]"),
    "F22": (OPENAI, "[fail:slow@openai seconds=14]"),
}


@pytest.fixture(scope="module")
def silent(stand: Stand) -> Storm:
    jobs = {case: stand.submit(model, prompt=marker) for case, (model, marker) in CASES.items()}
    company = stand.crowd(5)
    stand.rest()
    return Storm(stand, jobs, company, [])


def test_f00_waiting_for_silent_vendors_harms_nobody(silent: Storm) -> None:
    assert sum(silent.stand.view(job_id).ready for job_id in silent.company) > 0
    silent.stand.check()


def test_f06_silence_ends_by_the_deadline_and_is_not_sent_again(silent: Storm) -> None:
    assert silent.ends("F06") == [("unknown", "outcome_unknown")]
    assert (silent.orders("F06"), silent.charged("F06")) == (1, 0)


def test_f07_a_dripping_answer_is_ended_by_the_total_deadline(silent: Storm) -> None:
    assert silent.ends("F07") == [("unknown", "outcome_unknown")]
    assert silent.orders("F07") == 1


def test_f22_a_picture_that_comes_after_our_deadline_is_not_charged_and_the_cost_is_on_record(
    silent: Storm,
) -> None:
    assert silent.ends("F22") == [("unknown", "outcome_unknown")]
    assert (silent.charged("F22"), silent.call("F22").cost_basis) == (0, "unknown")
