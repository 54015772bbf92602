"""Enough of a past to look at: jobs of many kinds, some of their pictures kept, tagged and collected."""

import time
from collections.abc import Sequence
from typing import Any

import psycopg
from playwright.sync_api import expect
from sqlalchemy import make_url

from scripts.screenshots.camera import MODELS, PATIENCE, Studio

QUICK = 0.1  # of a vendor's usual time
PAST = (
    ("Ink wash mountains in mist, one red sun, a flock of cranes, paper texture", "4:3"),
    ("Dunes at dusk under two suns, long shadows, one line of footprints, soft grain", "16:9"),
    ("A fox asleep in a field of tall poppies, morning haze, children's book", "1:1"),
    ("Lighthouse in a storm, high waves, one lit window, gulls against the beam", "3:4"),
    ("Rain on a neon street, one umbrella, empty tram, reflections", "16:9"),
    ("Snow on a mountain village at night, warm windows, one path", "4:3"),
    ("Old observatory on a hill, stars turning, long exposure", "16:9"),
    ("Two herons in reeds at dawn, mirror water, quiet", "3:2"),
)
KEPT = (0, 2, 5, 6, 9, 11, 14, 17, 19, 22, 24, 27, 30)
COLLECTIONS = {"Vela campaign": (0, 2, 6, 11, 17), "Covers": (5, 14, 19, 27), "For the hallway": (9, 22)}
TAGS = {"night": (0, 6, 11, 24, 30), "water": (2, 9, 14, 31), "keep colours": (5, 19), "client": (17, 22, 27)}


def ensure(studio: Studio) -> Sequence[dict[str, Any]]:
    """The pictures, newest first; made when there are none of them yet."""
    studio.desk.goto(f"{studio.url}/history")
    expect(studio.desk.locator(".bone")).to_have_count(0)
    if not any(PAST[-1][0] == one["prompt"] for one in studio.pictures()):
        _make(studio)
        _sort(studio)
        if studio.spreads:
            _spread(studio)
    return studio.pictures()


def _make(studio: Studio) -> None:
    studio.ask("latency", scale=QUICK)
    studio.choose(*MODELS)
    studio.open("/")
    for prompt, ratio in PAST:
        studio.run(prompt, ratio)
    give_up = time.monotonic() + 2 * PATIENCE / 1000
    while len(studio.pictures()) < len(PAST) * len(MODELS) and time.monotonic() < give_up:
        studio.desk.wait_for_timeout(500)
    studio.ask("reset")


def _sort(studio: Studio) -> None:
    ids = [one["id"] for one in studio.pictures()]

    def some(places: Sequence[int]) -> list[str]:
        return [ids[place] for place in places if place < len(ids)]

    studio.post("/api/vault/change", {"action": "keep", "ids": some(KEPT)})
    for shelf, named in (("collection", COLLECTIONS), ("tag", TAGS)):
        for name, places in named.items():
            wanted = {"action": "put", "shelf": shelf, "name": name, "ids": some(places)}
            studio.post("/api/vault/change", wanted)
    studio.post("/api/vault/change", {"action": "rate", "rating": 5, "ids": some(KEPT[:3])})


def _spread(studio: Studio) -> None:
    """As if the calls had been made over two weeks, which no script waits for: charts are drawn of their dates."""
    url = make_url(studio.instance.database_url or "")
    where = {"host": str(url.query["host"]), "user": url.username, "dbname": url.database}
    with psycopg.connect(**where, autocommit=True) as connection:
        connection.execute(
            "WITH aged AS ("
            " SELECT id, (row_number() OVER (ORDER BY created_at DESC) * 1.37)::int * interval '1 day' AS past"
            " FROM jobs), moved AS (UPDATE jobs SET created_at = created_at - past FROM aged WHERE aged.id = jobs.id)"
            " UPDATE calls SET created_at = created_at - past, claimed_at = claimed_at - past,"
            " intent_at = intent_at - past, sent_at = sent_at - past, received_at = received_at - past,"
            " finished_at = finished_at - past FROM aged WHERE aged.id = calls.job_id"
        )
