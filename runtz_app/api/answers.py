"""How routes answer when the core says no: a sentence, and nothing was done."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from runtz_app.api import posted
from runtz_app.api.guard import nothing_here
from runtz_app.api.posted import BodyRefused
from runtz_app.state.comparison import REFUSALS, refusal
from runtz_core.batches.sheet import SheetRefused
from runtz_core.jobs.booking import ConfirmationNeeded
from runtz_core.jobs.service import NotFound
from runtz_core.prompts.library import PromptRefused
from runtz_core.prompts.lists import ListRefused
from runtz_core.prompts.presets import PresetRefused
from runtz_core.prompts.wildcards import WildcardProblem

Route = Callable[[Request], Awaitable[Response]]

_SENTENCES = (BodyRefused, WildcardProblem, SheetRefused, PromptRefused, ListRefused, PresetRefused)


def answered(act: Route) -> Route:
    """The route `act` with refusals as 422, a dear run as 409, and what is not there as 404."""

    async def route(request: Request) -> Response:
        try:
            return await act(request)
        except _SENTENCES as problem:
            return posted.refused(str(problem))
        except ConfirmationNeeded as dear:
            asked = {"credits": dear.total, "above": dear.above, "usd_micros": dear.usd_micros}
            return JSONResponse({"confirm": asked}, 409)
        except NotFound:
            return nothing_here()
        except REFUSALS as problem:
            return posted.refused(refusal(problem))

    return route


def advised(act: Route) -> Route:
    """`answered` for what a page asks while somebody still types or chooses: a refusal is then an answer, with 200."""

    async def route(request: Request) -> Response:
        answer = await answered(act)(request)
        if answer.status_code == 422:  # browsers write that into their console as an error of the page
            answer.status_code = 200
        return answer

    return route
