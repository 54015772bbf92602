"""The script that takes guards out still finds each of them, exactly once."""

from scripts.mutations import MUTATIONS, ROOT


def test_every_guard_that_is_to_be_taken_out_is_there_once() -> None:
    found = {one.name: (ROOT / one.path).read_text().count(one.guard) for one in MUTATIONS}
    assert {name: times for name, times in found.items() if times != 1} == {}
