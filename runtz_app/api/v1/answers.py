"""How version 1 answers: JSON, and every problem in one shape."""

from pydantic import BaseModel
from starlette.responses import JSONResponse

from runtz_app.api.v1.shapes import Problem, Trouble


def answer(value: BaseModel, status: int = 200, headers: dict[str, str] | None = None) -> JSONResponse:
    """A success."""
    return JSONResponse(value.model_dump(mode="json"), status, headers)


def problem(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """Anything else; `code` is for programs, `message` for whoever reads their log."""
    return answer(Problem(error=Trouble(code=code, message=message)), status, headers)


def not_here() -> JSONResponse:
    """The one answer for what does not exist and for what belongs to somebody else."""
    return problem(404, "not_found", "There is nothing here.")
