"""Whatever stands in a file of the exchange, reading it ends in a reply, a message, or a plain word of why not."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
from hypothesis import given
from hypothesis import strategies as st

from services.provider.exchange_events import NotAReply, event_of_reply, reply_in
from services.provider.exchange_files import partial, put, whole
from services.provider.reading import message_in
from services.words.handover_catalogue import MESSAGE_WORDS, REPLY_WORDS
from services.words.replies import Reply
from tests.words.drawn import words

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
EVENTS = st.fixed_dictionaries(
    {},
    optional={
        "specversion": st.just("1.0") | JSON,
        "id": st.just("r-1") | JSON,
        "type": st.sampled_from([*REPLY_WORDS, *MESSAGE_WORDS]) | JSON,
        "subject": st.uuids().map(str) | JSON,
        "time": st.just("2012-10-01T09:00:00Z") | JSON,
        "data": st.fixed_dictionaries(
            {}, optional={"offer_id": st.uuids().map(str) | JSON, "on": st.just("2012-10-01") | JSON, "key": JSON}
        )
        | JSON,
    },
)


@given(st.binary(max_size=200) | EVENTS.map(orjson.dumps) | JSON.map(orjson.dumps))
def test_bytes_of_a_stranger_are_a_reply_or_are_refused_in_words(content: bytes) -> None:
    """Nothing but a reply or `NotAReply` comes out."""
    try:
        said = reply_in(content, "r-1")
    except NotAReply:
        return
    assert said.reply.TYPE in REPLY_WORDS


@given(EVENTS | st.dictionaries(st.text(max_size=12), JSON, max_size=5))
def test_no_event_stops_a_providers_program(event: dict[str, Any]) -> None:
    """It is a message, or one that is not understood."""
    assert message_in(event, 0).offset == 0


@given(st.one_of(*(words(word) for word in REPLY_WORDS.values())))
def test_a_reply_that_was_written_is_read_as_it_was(reply: Reply) -> None:
    """Through the file and back, whatever it says; only a sealing is the exchange's own to make."""
    if getattr(reply, "sealed", None) is not None:
        reply = reply.model_copy(update={"sealed": None})
    moment = datetime(2012, 10, 1, tzinfo=UTC).isoformat()
    event = event_of_reply(reply, "oak", str(uuid4()), "r-1", moment)

    assert reply_in(orjson.dumps(event), "r-1").reply == reply


def test_a_message_that_was_put_is_whole_and_putting_it_again_changes_nothing(tmp_path: Path) -> None:
    """After a crash between the two files it is put again, and is one."""
    put(tmp_path, "m-1", {"id": "m-1"}, order=1)
    before = [(path.name, path.read_bytes()) for path in sorted(tmp_path.iterdir())]
    put(tmp_path, "m-1", {"id": "m-1"}, order=1)
    (tmp_path / "m-2.json").write_bytes(b"{}")

    assert [(path.name, path.read_bytes()) for path in sorted(tmp_path.glob("m-1*"))] == before
    assert [file.id for file in whole(tmp_path)] == ["m-1"]
    assert partial(tmp_path) == 1
