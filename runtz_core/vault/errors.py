"""What can go wrong in the vault, by what the caller does next."""

from uuid import UUID


class NotThere(LookupError):
    """It does not exist, or belongs to somebody else; nobody is told which."""


class Refused(ValueError):
    """It cannot be done as asked; the sentence says why and what can."""

    def __init__(self, problem: str, *, field: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.field = field


class Outdated(Exception):
    """Somebody (another tab) changed it first: read it again, show both, and let the person choose."""


class NameTaken(Refused):
    """There is one of that name; `taken_by` is it, so that the page can offer to merge."""

    def __init__(self, problem: str, taken_by: UUID) -> None:
        super().__init__(problem, field="name")
        self.taken_by = taken_by
