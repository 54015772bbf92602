"""Which passwords are taken, and how they are kept."""

import subprocess
import sys
from pathlib import Path

import pytest
from passlib.hash import argon2

from runtz_core.users import passwords
from runtz_core.users.passwords import WeakPassword


def test_argon2id_has_the_parameters_of_the_decision() -> None:
    stored = passwords.hashed("seven boats at dawn")
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.verify("seven boats at dawn", stored)
    assert not passwords.verify("seven boats at dusk", stored)


def test_the_same_password_never_looks_the_same() -> None:
    assert passwords.hashed("seven boats at dawn") != passwords.hashed("seven boats at dawn")


@pytest.mark.parametrize(
    "password",
    [
        "pa ss\x00wo rd",
        "ключ от дома",
        "👩‍👩‍👧‍👦👩‍👩‍👧‍👦",
        "\ud800k7Zq!wp",
        "{{7*7}}<img onerror>",
        "'; DROP TABLE users;--",
        "éK7w-" * 25 + "zq8",
    ],
)
def test_any_characters_make_a_password(password: str) -> None:
    passwords.check_new(password)
    assert passwords.verify(password, passwords.hashed(password))


def test_nothing_of_a_long_password_is_cut() -> None:
    longest = "x9!" * 42 + "zq"
    assert len(longest) == passwords.LONGEST
    stored = passwords.hashed(longest)
    assert not passwords.verify(longest[:-1] + "w", stored)
    assert not passwords.verify(longest[:72], stored)


@pytest.mark.parametrize("length", [0, 7, 129, 100_000])
def test_too_short_and_too_long_are_refused(length: int) -> None:
    with pytest.raises(WeakPassword, match="8 to 128"):
        passwords.check_new(("k7#Qw.zP" * 20_000)[:length])


def test_a_giant_password_is_wrong_without_being_hashed_whole() -> None:
    assert not passwords.verify("x" * 10_000_000, passwords.hashed("seven boats at dawn"))


@pytest.mark.parametrize(
    "password",
    [
        "password", "Password1", "P@ssw0rd!", "passwordpassword", "12345678", "123456789", "87654321", "11111111",
        "qwertyuiop", "1q2w3e4r", "1qaz2wsx", "asdfghjkl", "abcd1234", "iloveyou", "Iloveyou2", "sunshine1",
        "football7", "princess!!", "superman12", "trustno1", "letmein123", "welcome2026", "Summer2026!", "dragon99",
        "monkeydragon", "abcabcabc", "19841225", "25121984", "michael1", "liverpool", "starwars1", "zaq12wsx",
        "changeme", "adminadmin", "admin1234", "computer1", "internet", "runtz2026", "qwerty123", "aaaaaaaa",
        "00000000", "147258369", "baseball1", "jennifer", "!!password!!",
    ],
)  # fmt: skip
def test_what_anybody_tries_first_is_refused(password: str) -> None:
    with pytest.raises(WeakPassword, match="first that anybody tries"):
        passwords.check_new(password)


@pytest.mark.parametrize(
    "password",
    ["seven boats at dawn", "gT7#kfLq", "tr0ub4dor&3x", "correcthorsebattery", "vK29sdLmqp", "98431267 5"],
)
def test_others_are_taken(password: str) -> None:
    passwords.check_new(password)


def test_the_list_has_more_than_three_thousand_words_with_what_people_do_to_them() -> None:
    words = passwords.common_words()
    assert len(words) > 1_500
    dressed = {form for word in words for form in (word, word.capitalize() + "1", word + "2026", word + "!")}
    tried = {password for password in dressed if len(password) >= passwords.SHORTEST}
    assert len(tried) > 3_000
    assert all(passwords.is_common(password) for password in tried)


def test_no_published_password_is_taken() -> None:
    published = [word for word in passwords.published() if len(word) >= passwords.SHORTEST]
    assert len(published) > 10_000
    for word in ("trustno1", "1qaz2wsx", "michelle", "bigdaddy"):
        assert word in published
    for written in (str, str.upper, str.capitalize):
        assert all(passwords.is_common(written(word)) for word in published)


@pytest.mark.parametrize("password", ["Ada Lovelace", "ADA@VELA.STUDIO", "ada@vela.studio"])
def test_ones_own_name_and_address_are_refused(password: str) -> None:
    with pytest.raises(WeakPassword, match="your own"):
        passwords.check_new(password, about=("Ada Lovelace", "ada@vela.studio"))


def test_who_has_no_password_gives_as_much_work(monkeypatch: pytest.MonkeyPatch) -> None:
    worked: list[str] = []
    scheme = passwords._SCHEME

    class Counting:
        verify = staticmethod(
            lambda password, stored: worked.append(stored[:30]) or scheme.verify(password, stored)
        )
        hash = staticmethod(scheme.hash)

    stored = passwords.hashed("seven boats at dawn")
    monkeypatch.setattr(passwords, "_SCHEME", Counting)
    for password in ("wrong password", "nobody has this password"):
        assert not passwords.verify(password, stored)
        assert not passwords.verify(password, None)
    assert len(worked) == 4
    assert len({hash_[:28] for hash_ in worked}) == 1, "the same parameters for both"


@pytest.mark.parametrize("at_once", [1, 8])
def test_the_first_try_of_a_fresh_process_is_like_any_other(project_root: Path, at_once: int) -> None:
    tries = (
        "from concurrent.futures import ThreadPoolExecutor as Pool; from runtz_core.users import passwords;"
        f"print(set(Pool({at_once}).map(lambda _: passwords.verify('a wrong one', None), range({at_once}))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", tries], cwd=project_root, capture_output=True, text=True, check=False
    )
    assert (done.stdout.strip(), done.returncode) == ("{False}", 0), done.stderr


def test_old_parameters_are_noticed() -> None:
    old = argon2.using(type="ID", memory_cost=8 * 1024, time_cost=1, parallelism=1).hash(
        "seven boats at dawn"
    )
    assert passwords.is_outdated(old)
    assert passwords.verify("seven boats at dawn", old)
    assert not passwords.is_outdated(passwords.hashed("seven boats at dawn"))
