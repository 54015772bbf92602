"""Making an account: whether a stranger may, and that nobody learns from it whose e-mail has one."""

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from runtz_core.credits import service as credits
from runtz_core.credits.models import Purpose
from runtz_core.ids import new_id
from runtz_core.users import audit, links
from runtz_core.users.google import Identity
from runtz_core.users.models import HouseRules, Registration, Role, Tier, User
from runtz_core.users.people import BadField, NotAllowed, checked_email, checked_name, locked

CLOSED = "Nobody can register here. Ask the owner for an account."
NOT_INVITED = (
    "Registering here takes an invitation, and this one was used, revoked or is too old. Ask for another."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """Somebody who wants an account. Names and e-mails are checked where it is made."""

    name: str
    email: str
    password_hash: str | None = field(default=None, repr=False)
    google_subject: str | None = None


def rule(session: Session) -> Registration:
    """Who may register now."""
    return Registration(session.execute(select(col(HouseRules.registration))).scalar_one())


def set_rule(session: Session, wanted: Registration, *, actor: UUID, address: str = "") -> None:
    """Decide who may register from now on."""
    before = rule(session)
    session.execute(update(HouseRules).values(registration=Registration(wanted)))
    audit.record(session, "registration_changed", actor=actor, address=address, before=before, after=wanted)


def register(session: Session, applicant: Applicant, *, invite: str = "", address: str = "") -> UUID | None:
    """Make a member with the free credits. None when the e-mail (or Google account) has an account already.

    The work is the same in both cases, so that the time does not tell them apart; callers must not either.
    An invitation is used up only by an account. Raises NotAllowed, BadField.
    """
    applicant = Applicant(
        name=checked_name(applicant.name),
        email=checked_email(applicant.email),
        password_hash=applicant.password_hash,
        google_subject=applicant.google_subject,
    )
    invite_id = _admitted(session, invite)
    user_id = _make_member(session, applicant)
    if user_id is not None and invite_id is not None:
        links.use_invite(session, invite_id, user_id)
    action = "registered" if user_id else "registration_refused"
    audit.record(session, action, actor=user_id, subject=user_id, address=address, invited=bool(invite_id))
    return user_id


def _admitted(session: Session, invite: str) -> UUID | None:
    """The invitation used, if any. Raises NotAllowed."""
    now = rule(session)
    if now is Registration.CLOSED:
        raise NotAllowed(CLOSED)
    invite_id = links.open_invite(session, invite) if invite else None
    if now is Registration.INVITE and invite_id is None:
        raise NotAllowed(NOT_INVITED)
    return invite_id


def _make_member(session: Session, applicant: Applicant) -> UUID | None:
    """Everything an account is made of, and its e-mail last: that is where it shows whether one is there."""
    user_id = new_id()
    member = {"id": user_id, "role": Role.MEMBER, "tier": Tier.FREE, "name": applicant.name}
    proof = {
        "email": applicant.email,
        "password_hash": applicant.password_hash,
        "google_subject": applicant.google_subject,
    }
    try:
        with session.begin_nested():
            session.execute(insert(User).values(**member))
            credits.open_accounts(session, user_id)
            credits.grant(
                session,
                user_id,
                credits.FREE_GRANT,
                key=f"welcome:{user_id}",
                purpose=Purpose.GRANT,
                reason="welcome",
            )
            session.execute(update(User).where(col(User.id) == user_id).values(**proof))
    except IntegrityError:
        return None
    return user_id


def arrive_by_google(
    session: Session, identity: Identity, *, invite: str = "", address: str = ""
) -> UUID | None:
    """The person this Google account belongs to, made now if registering is allowed. None: shut out.

    An account is never taken over by its e-mail alone: whoever registered it may not own the address.
    Raises NotAllowed, BadField.
    """
    found = session.execute(
        select(col(User.id), col(User.disabled_at)).where(col(User.google_subject) == identity.subject)
    ).one_or_none()
    if found is not None:
        user_id: UUID = found[0]
        return user_id if found[1] is None else None
    if not identity.email_verified:
        raise NotAllowed("Google does not vouch for the e-mail of this account. Use another account.")
    name = identity.name if _is_name(identity.name) else identity.email.partition("@")[0]
    applicant = Applicant(name=name, email=identity.email, google_subject=identity.subject)
    made = register(session, applicant, invite=invite, address=address)
    if made is None:
        raise NotAllowed(
            "An account with this e-mail exists. Sign in with its password, then connect Google in your profile."
        )
    return made


def connect_google(session: Session, user_id: UUID, identity: Identity, *, address: str = "") -> None:
    """Let this person sign in with this Google account from now on. Raises NotAllowed."""
    try:
        with session.begin_nested():
            session.execute(
                update(User).where(col(User.id) == user_id).values(google_subject=identity.subject)
            )
    except IntegrityError:
        raise NotAllowed("This Google account signs somebody else in here.") from None
    audit.record(session, "google_connected", actor=user_id, subject=user_id, address=address)


def disconnect_google(session: Session, user_id: UUID, *, address: str = "") -> None:
    """Google signs this person in no longer. Raises NotAllowed when it is the only way in."""
    user = locked(session, user_id)
    if user.google_subject is None:
        return
    if user.password_hash is None and user.role != Role.OWNER:
        raise NotAllowed("Google is your only way in. Set a password first.")
    user.google_subject = None
    session.flush()
    audit.record(session, "google_disconnected", actor=user_id, subject=user_id, address=address)


def _is_name(text: str) -> bool:
    try:
        checked_name(text)
    except BadField:
        return False
    return True
