"""What the tests of the pages share: a desk over the sample corpus, and a client of its routes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from assistant.api import create_app
from assistant.services import open_services
from assistant.web.desk import Desk
from assistant.web.limits import RateLimiter


@pytest.fixture
def desk(sample: Path) -> Iterator[Desk]:
    desk = Desk(partial(open_services, sample), sample, limiter=RateLimiter(0))
    yield desk
    desk.close()


@pytest.fixture
def client(desk: Desk) -> Iterator[TestClient]:
    with TestClient(create_app(desk), raise_server_exceptions=False) as client:
        yield client
