"""The strip of the composer: the picture a run starts from, what is done with it, and the pictures put in beside it."""

from typing import Any
from uuid import UUID

import reflex as rx

from runtz_app.state.session import PersonMixin
from runtz_app.threads import run_core
from runtz_core.ids import parse_id
from runtz_core.jobs import remixing
from runtz_core.jobs.inputs import Remix
from runtz_core.jobs.remixing import Offer, Piece, Subject
from runtz_core.providers.base import Role, Size
from runtz_core.settings import get_settings

GONE = "That picture is not here any more, so it cannot be remixed. Nothing was spent; choose another."
NO_PIECE = Piece(image_id="", thumb="", url="", width=1, height=1, label="")
STRENGTH = {Remix.VARIATION: 35, Remix.STYLE: 65}
MOST_PICTURES = 16


class RemixState(PersonMixin, rx.State):
    """What goes in. Every change asks the composer for prices again."""

    open: bool = False
    base: Piece = NO_PIECE
    references: list[Piece] = []
    mask_id: str = ""
    mask_url: str = ""
    way: str = Remix.EDIT
    strength: int = 35
    parent_prompt: str = ""
    parent_ratio: str = "1:1"
    offers: list[Offer] = []
    problem: str = ""
    _provider: str = ""

    async def _begin(self, user_id: UUID, written: str, how: str) -> Subject | None:
        """Start from this picture, to be enlarged if `how` says so; None when it is gone."""
        known = parse_id(written)
        found = await run_core(remixing.subject, user_id, known) if known else None
        if found is None:
            return None
        self._close()
        self.open, self.base, self.parent_prompt = True, found.piece, found.prompt
        self.parent_ratio, self._provider = found.ratio, found.provider
        self.way, self.strength = Remix.VARIATION, STRENGTH[Remix.VARIATION]
        if how == Remix.UPSCALE:
            self.way = Remix.UPSCALE
        elif not found.prompt:
            self.way = Remix.EDIT
        await self._offer(user_id)
        return found

    async def _offer(self, user_id: UUID) -> None:
        self.offers = await run_core(
            remixing.offers, get_settings(), user_id, self.base.width, self.base.height
        )

    def _empty(self) -> None:
        if not self.open:
            self._close()
            self.open, self.way = True, Remix.REFERENCE

    def _close(self) -> None:
        self.open, self.base, self.references = False, NO_PIECE, []
        self.mask_id = self.mask_url = self.parent_prompt = self.problem = ""
        self.way, self.offers, self._provider = Remix.EDIT, [], ""

    def _put_in(self) -> list[tuple[Role, Size]]:
        """Roles and sizes of what goes to the vendors now."""
        if not self.open or self.way in (Remix.AGAIN, Remix.UPSCALE):
            return []
        found = [(Role.REFERENCE, Size(one.width, one.height)) for one in self.references]
        if self.base.image_id:
            size = Size(self.base.width, self.base.height)
            found.insert(0, (Role.BASE, size))
            if self.mask_id and self.way == Remix.MASK:
                found.append((Role.MASK, size))
        return found

    def _asked(self) -> dict[str, Any]:
        """The fields of a submission that say what goes in."""
        if not self.open or self.way == Remix.UPSCALE or not (self.base.image_id or self.references):
            return {}
        masked = self.way == Remix.MASK and self.mask_id
        sent = self.way != Remix.AGAIN
        return {
            "base": parse_id(self.base.image_id),
            "references": tuple(UUID(one.image_id) for one in self.references) if sent else (),
            "mask": UUID(self.mask_id) if masked else None,
            "strength": self.strength if self.way in STRENGTH and self.base.image_id else None,
            "remix": Remix(self.way),
        }

    async def _price(self) -> None:
        from runtz_app.state.composer import ComposerState

        await (await self.get_state(ComposerState))._price()

    @rx.event
    async def close(self) -> None:
        """Put nothing in after all."""
        self._close()
        await self._price()

    @rx.event
    async def choose(self, way: str) -> None:
        """Choose what is done with the picture."""
        from runtz_app.state.composer import ComposerState

        if way not in tuple(Remix):
            return
        self.way = way
        self.strength = STRENGTH.get(Remix(way), self.strength)
        composer = await self.get_state(ComposerState)
        await composer._price()
        if way == Remix.AGAIN:
            await composer._others(self._provider)

    @rx.event
    async def set_far(self, value: str) -> None:
        """Choose how far the result may leave the picture, 1 to 100."""
        if str(value).isdecimal():
            self.strength = min(100, max(1, int(value)))

    @rx.event
    async def put(self, image_ids: list[str]) -> None:
        """Put pictures in: the first becomes the one to be changed when there is none."""
        if (person := await self._person()) is None:
            return
        self.problem = ""
        taken = {self.base.image_id, *(one.image_id for one in self.references)}
        for written in list(image_ids)[:MOST_PICTURES]:
            known = parse_id(written)
            found = await run_core(remixing.piece, person.user_id, known) if known else None
            if found is None:
                self.problem = GONE
            elif found.image_id not in taken and len(taken) < MOST_PICTURES:
                taken.add(found.image_id)
                self.references = [*self.references, found]
        self.open = True
        await self._price()

    @rx.event
    async def refused(self, said: str) -> None:
        """A dropped picture was not taken: say why."""
        self._empty()
        self.problem = str(said)[:300]

    @rx.event
    async def forget(self) -> None:
        """Dismiss the message."""
        self.problem = ""

    @rx.event
    async def make_base(self, image_id: str) -> None:
        """Change this picture instead of going by it."""
        chosen = next((one for one in self.references if one.image_id == image_id), None)
        if chosen is None or (person := await self._person()) is None:
            return
        rest = [one for one in self.references if one.image_id != image_id]
        self.references = [*([self.base] if self.base.image_id else []), *rest]
        self.base, self.way, self.mask_id, self.mask_url = chosen, Remix.EDIT, "", ""
        self.parent_ratio = remixing.nearest_ratio(chosen.width, chosen.height)
        await self._offer(person.user_id)
        await self._price()

    @rx.event
    async def drop(self, image_id: str) -> None:
        """Take a picture out again."""
        self.references = [one for one in self.references if one.image_id != image_id]
        await self._price()

    @rx.event
    async def painted(self, mask_id: str) -> None:
        """A mask was painted ("" takes it away)."""
        known = parse_id(mask_id)
        self.mask_id = str(known or "")
        self.mask_url = f"/api/images/{known}.webp?w=320" if known else ""
        await self._price()
