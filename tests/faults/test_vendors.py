"""F04 to F30, but for what only a deadline ends: vendors and the road to them, all at once over one worker.

Every case is one card in one storm of some seventy; then each test looks at its own, and the invariants at all.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import Session

from runtz_core.jobs.models import Call
from tests.faults.stand import FLUX, GEMINI, IDEOGRAM, OPENAI, Stand

# case -> (model, the marker in its prompt, samples)
CASES: dict[str, tuple[str, str, int]] = {
    "F04": (FLUX, "[fail:server_error@flux times=2]", 1),
    "F08": (GEMINI, "[fail:reset_mid_body@gemini]", 1),
    "F11 malformed": (OPENAI, "[fail:malformed_json@openai]", 1),
    "F11 truncated": (GEMINI, "[fail:truncated_json@gemini]", 1),
    "F12": (IDEOGRAM, "[fail:html_200@ideogram]", 1),
    "F13 missing": (GEMINI, "[fail:missing_fields@gemini]", 1),
    "F13 null": (OPENAI, "[fail:null_fields@openai]", 1),
    "F14 base64": (OPENAI, "[fail:bad_base64@openai]", 1),
    "F14 endless": (GEMINI, "[fail:endless_body@gemini]", 1),
    "F15": (GEMINI, "[fail:content_blocked@gemini]", 1),
    "F17": (IDEOGRAM, "[fail:quota@ideogram]", 1),
    "F18": (OPENAI, "[fail:no_image@openai times=1]", 4),
    "F19": (OPENAI, "[fail:more_images@openai]", 1),
    "F20": (FLUX, "[fail:price_higher@flux]", 1),
    "F23 once": (FLUX, "[fail:expired_link@flux times=1]", 1),
    "F23 for good": (FLUX, "[fail:expired_link@flux]", 1),
    "F24": (FLUX, "[fail:short_image_content_length@flux times=1]", 1),
    "F25": (FLUX, "[fail:truncated_image@flux times=1]", 1),
    "F26": (FLUX, "[fail:reset_mid_body@flux where=picture times=2]", 1),
    "F27": (FLUX, "[fail:gzip_image@flux]", 1),
    "F28 body": (FLUX, "[fail:endless_body@flux where=picture type=image/png]", 1),
    "F28 headers": (IDEOGRAM, "[fail:endless_body@ideogram part=headers]", 1),
    "F29 jpeg": (FLUX, "[fail:wrong_mime@flux sends=jpeg]", 1),
    "F29 svg": (FLUX, "[fail:wrong_mime@flux sends=svg]", 1),
    "F29 html": (FLUX, "[fail:wrong_mime@flux sends=html]", 1),
    "F30 metadata": (IDEOGRAM, "[fail:redirect@ideogram]", 1),
}


class Storm:
    """All cases after their end."""

    def __init__(
        self, stand: Stand, jobs: dict[str, UUID], company: list[UUID], connected: list[int]
    ) -> None:
        self.stand, self.jobs, self.company, self.connected = stand, jobs, company, connected

    def ends(self, case: str) -> list[tuple[str, str]]:
        """(state, failure) of every card of a case."""
        return sorted((card.state, card.failure) for card in self.stand.view(self.jobs[case]).cards)

    def call(self, case: str) -> Call:
        (call,) = self.stand.calls(self.jobs[case])
        return call

    def orders(self, case: str) -> int:
        return len(self.stand.orders(self.jobs[case]))

    def charged(self, case: str) -> int:
        return self.stand.view(self.jobs[case]).credits_charged

    def settles(self, case: str) -> int:
        with Session(self.stand.engine) as session:
            query = text(
                "SELECT count(*) FROM transfers JOIN calls ON calls.id = call_id "
                "WHERE job_id = :job AND purpose = 'settle'"
            )
            count: int = session.execute(query, {"job": self.jobs[case]}).scalar_one()
        return count


@contextmanager
def trap() -> Iterator[tuple[int, list[int]]]:
    """A listener on this machine that nobody may reach: its port, and one entry for every connection."""
    connected: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                connected.append(len(connection.recv(100)))
                connection.close()

        threading.Thread(target=listen, daemon=True).start()
        yield server.getsockname()[1], connected


@pytest.fixture(scope="module")
def storm(stand: Stand) -> Iterator[Storm]:
    with trap() as (port, connected):
        redirect = f"[fail:redirect@flux where=picture url=http://127.0.0.1:{port}/latest/meta-data]"
        cases = CASES | {
            "F30 loopback": (FLUX, redirect, 1),
            "F30 file": (FLUX, "[fail:redirect@flux where=picture url=file:///etc/passwd]", 1),
        }
        company = stand.crowd(5)
        jobs = {
            case: stand.submit(model, prompt=marker, samples=samples)
            for case, (model, marker, samples) in cases.items()
        }
        company += stand.crowd(3)
        stand.rest()
        yield Storm(stand, jobs, company, connected)


def test_f00_the_storm_leaves_everything_in_order_and_the_company_untouched(storm: Storm) -> None:
    for job_id in storm.company:
        assert storm.stand.view(job_id).summary == "4 ready"
    storm.stand.check()


def test_f04_a_vendor_in_trouble_twice_is_asked_three_times_and_charged_once(storm: Storm) -> None:
    assert storm.ends("F04") == [("succeeded", "")]
    assert (storm.orders("F04"), storm.settles("F04")) == (3, 1)


def test_f08_a_reset_in_the_middle_of_the_answer_is_in_doubt_and_not_sent_again(storm: Storm) -> None:
    assert storm.ends("F08") == [("unknown", "outcome_unknown")]
    assert (storm.orders("F08"), storm.call("F08").cost_basis) == (1, "unknown")


@pytest.mark.parametrize("case", ["F11 malformed", "F11 truncated"])
def test_f11_broken_json_fails_and_releases(storm: Storm, case: str) -> None:
    assert storm.ends(case) == [("failed", "bad_response")]
    assert (storm.orders(case), storm.charged(case)) == (1, 0)


def test_f12_an_error_page_with_status_200_fails_and_releases(storm: Storm) -> None:
    assert storm.ends("F12") == [("failed", "bad_response")]
    assert storm.charged("F12") == 0


@pytest.mark.parametrize("case", ["F13 missing", "F13 null"])
def test_f13_missing_fields_fail_in_words_for_people(storm: Storm, case: str) -> None:
    (card,) = storm.stand.view(storm.jobs[case]).cards
    assert (card.state, storm.charged(case)) == ("failed", 0)
    assert card.failure in {"bad_response", "no_image"}
    assert not any(word in card.failure_text for word in ("Traceback", "Error(", "KeyError", "None"))


@pytest.mark.parametrize("case", ["F14 base64", "F14 endless"])
def test_f14_a_picture_that_is_no_base64_or_has_no_end_is_refused_before_it_is_decoded(
    storm: Storm, case: str
) -> None:
    ((state, failure),) = storm.ends(case)
    assert state == "failed"
    assert failure in {"bad_response", "bad_image", "no_image"}
    assert storm.orders(case) == 1


def test_f15_a_refused_prompt_is_not_tried_again_and_not_charged(storm: Storm) -> None:
    assert storm.ends("F15") == [("failed", "content_blocked")]
    assert (storm.orders("F15"), storm.charged("F15")) == (1, 0)


def test_f17_an_empty_account_is_not_tried_again_and_others_go_on(storm: Storm) -> None:
    assert storm.ends("F17") == [("failed", "quota")]
    assert storm.orders("F17") == 1


def test_f18_three_of_four_pictures_are_charged_and_the_fourth_is_released(storm: Storm) -> None:
    assert storm.ends("F18") == [("failed", "no_image"), *[("succeeded", "")] * 3]
    assert storm.settles("F18") == 3


def test_f19_more_pictures_than_asked_for_are_dropped_and_not_charged(storm: Storm) -> None:
    assert storm.ends("F19") == [("succeeded", "")]
    assert (storm.settles("F19"), storm.charged("F19")) == (1, storm.call("F19").credits)


def test_f20_a_price_above_ours_is_charged_as_promised_and_said_out_loud(storm: Storm) -> None:
    call = storm.call("F20")
    assert storm.charged("F20") == call.credits
    assert call.cost_usd_micros is not None
    assert call.cost_usd_micros > call.price_usd_micros
    assert "charged more than its list price" in storm.stand.log()


def test_f23_an_expired_link_is_asked_for_anew_once_and_then_given_up(storm: Storm) -> None:
    assert storm.ends("F23 once") == [("succeeded", "")]
    assert storm.ends("F23 for good") == [("failed", "link_expired")]
    assert [storm.orders(case) for case in ("F23 once", "F23 for good")] == [1, 1]


@pytest.mark.parametrize("case", ["F24", "F25", "F26"])
def test_f24_f25_f26_a_download_that_breaks_is_fetched_again_and_not_bought_again(
    storm: Storm, case: str
) -> None:
    assert storm.ends(case) == [("succeeded", "")]
    assert (storm.orders(case), storm.settles(case)) == (1, 1)


def test_f27_a_compressed_picture_is_refused(storm: Storm) -> None:
    assert storm.ends("F27") == [("failed", "bad_image")]
    assert storm.charged("F27") == 0


@pytest.mark.parametrize("case", ["F28 body", "F28 headers"])
def test_f28_an_answer_without_end_is_cut_off(storm: Storm, case: str) -> None:
    ((state, _),) = storm.ends(case)
    assert state in {"failed", "unknown"}
    assert (storm.orders(case), storm.charged(case)) == (1, 0)


def test_f29_a_picture_is_what_its_bytes_are_and_nothing_else_is_kept(storm: Storm) -> None:
    assert storm.ends("F29 jpeg") == [("succeeded", "")]
    with Session(storm.stand.engine) as session:
        kept = session.execute(
            text(
                "SELECT media_type FROM images JOIN blobs USING (sha256) JOIN calls ON calls.id = call_id "
                "WHERE job_id = :job"
            ),
            {"job": storm.jobs["F29 jpeg"]},
        ).scalar_one()
    assert kept == "image/png"  # it said JPEG
    for case in ("F29 svg", "F29 html"):
        assert storm.ends(case) == [("failed", "bad_image")]


@pytest.mark.parametrize("case", ["F30 metadata", "F30 loopback", "F30 file"])
def test_f30_a_redirect_into_the_house_is_refused_and_nothing_is_sent_there(storm: Storm, case: str) -> None:
    ((state, failure),) = storm.ends(case)
    assert (state, storm.charged(case)) == ("failed", 0)
    assert failure in {"refused_address", "bad_response", "bad_image"}
    assert storm.connected == []
