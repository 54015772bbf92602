"""Tables of the ledger: accounts, transfers and their two entries."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from runtz_core.db import created_column
from runtz_core.ids import new_id


class AccountKind(StrEnum):
    """A person has `available` and `held`; the installation has `grants` (source) and `revenue` (sink)."""

    AVAILABLE = "available"
    HELD = "held"
    GRANTS = "grants"
    REVENUE = "revenue"


class Purpose(StrEnum):
    """Why credits moved. Settle and release are the two ends of a hold; a call gets exactly one of them."""

    GRANT = "grant"
    TOP_UP = "top_up"
    RESERVE = "reserve"
    SETTLE = "settle"
    RELEASE = "release"
    ADJUST = "adjust"
    REFUND = "refund"


class Account(SQLModel, table=True):
    """A balance in credits (1 credit = $0.001). People's accounts never go below zero.

    The installation's two accounts keep no running balance: every call of every person meets there, and
    a row that all transactions update would make them wait for each other. Theirs is the sum of entries.
    """

    __tablename__ = "accounts"
    __table_args__ = (
        UniqueConstraint("user_id", "kind", postgresql_nulls_not_distinct=True),
        CheckConstraint("balance >= 0", name="never_negative"),
        CheckConstraint("(user_id IS NULL) = (kind IN ('grants', 'revenue'))", name="owner_matches_kind"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID | None = Field(default=None, foreign_key="users.id", ondelete="RESTRICT")
    kind: AccountKind = Field(sa_type=Text)
    balance: int = Field(default=0, sa_type=BigInteger)
    version: int = Field(default=0, sa_type=BigInteger, description="how many entries this account has")


class Transfer(SQLModel, table=True):
    """Credits that moved from one account to another, once: `key` is unique. Never updated, never deleted."""

    __tablename__ = "transfers"
    __table_args__ = (
        CheckConstraint("amount > 0", name="positive"),
        Index(
            "one_reserve_per_call",
            "call_id",
            unique=True,
            postgresql_where=text("purpose = 'reserve'"),
        ),
        Index(
            "one_end_per_call",
            "call_id",
            unique=True,
            postgresql_where=text("purpose IN ('settle', 'release')"),
        ),
        Index(
            "transfers_apart",
            "created_at",
            "id",
            postgresql_where=text("purpose NOT IN ('reserve', 'settle', 'release')"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    key: str = Field(unique=True)
    purpose: Purpose = Field(sa_type=Text)
    amount: int = Field(sa_type=BigInteger)
    call_id: UUID | None = Field(default=None, foreign_key="calls.id", index=True, ondelete="RESTRICT")
    reason: str | None = None
    created_at: datetime = created_column()


class Entry(SQLModel, table=True):
    """One side of a transfer. `balance` and `version` are the account's after it (people's accounts only)."""

    __tablename__ = "entries"
    __table_args__ = (UniqueConstraint("account_id", "version"),)

    transfer_id: UUID = Field(foreign_key="transfers.id", primary_key=True, ondelete="RESTRICT")
    account_id: UUID = Field(foreign_key="accounts.id", primary_key=True, ondelete="RESTRICT")
    amount: int = Field(sa_type=BigInteger)
    balance: int | None = Field(default=None, sa_type=BigInteger)
    version: int | None = Field(default=None, sa_type=BigInteger)


class Spending(SQLModel, table=True):
    """What a capped scope has held or spent on one day, so that a cap is one guarded UPDATE.

    `scope` is "all", "user:<id>" or "provider:<id>"; rows exist only where a cap is in force that day.
    """

    __tablename__ = "spendings"
    __table_args__ = (CheckConstraint("credits >= 0", name="not_below_zero"),)

    scope: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    credits: int = Field(default=0, sa_type=BigInteger)


class ModelRule(SQLModel, table=True):
    """The owner's rule for one model: on or off, and the markup on its price."""

    __tablename__ = "model_rules"
    __table_args__ = (CheckConstraint("markup_basis_points >= 0", name="markup_known"),)

    model: str = Field(primary_key=True)
    enabled: bool = True
    markup_basis_points: int = 10_000


class ProviderCap(SQLModel, table=True):
    """The most that may be spent on one provider a day, everybody together."""

    __tablename__ = "provider_caps"
    __table_args__ = (CheckConstraint("daily_cap >= 0", name="cap_known"),)

    provider: str = Field(primary_key=True)
    daily_cap: int = Field(description="credits")
