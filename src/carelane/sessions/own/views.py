"""One's own sessions as the staff API shows them."""

import msgspec

from carelane.sessions.own.queries import OwnSession
from carelane.sessions.schemas import OwnSessionOut


def show_session(session: OwnSession) -> OwnSessionOut:
    return OwnSessionOut(**msgspec.structs.asdict(session))
