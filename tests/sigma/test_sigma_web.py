"""Logs of web servers and of proxies."""

from __future__ import annotations

import pytest

from eqlx.capability import Drift
from eqlx.driver.convert import convert_rule
from eqlx.rule import Rule
from eqlx.source import Source
from eqlx_targets.sigma.target import TARGET

SERVER = 'web where data_stream.dataset == "nginx.access" and '
PROXY = 'any where event.dataset == "squid.log" and '


@pytest.fixture
def convert():
    def run(eql):
        return convert_rule(Rule(Source("query", eql), name="a rule"), TARGET)

    return run


@pytest.mark.parametrize(
    ("eql", "category", "detection"),
    [
        (
            SERVER + 'http.request.method : "POST" and url.path : "*/up.php" and http.response.status_code == 200',
            "webserver",
            {"cs-method": "POST", "cs-uri-stem|endswith": "/up.php", "sc-status": 200},
        ),
        (
            SERVER + 'url.query : "*union*" and source.ip == "10.0.0.1" and http.request.referrer : "x"',
            "webserver",
            {"cs-uri-query|contains": "union", "c-ip": "10.0.0.1", "cs-referer": "x"},
        ),
        (
            PROXY + 'url.domain : "*.example" and user_agent.original : "curl*" and destination.ip == "10.0.0.1"',
            "proxy",
            {"cs-host|endswith": ".example", "c-useragent|startswith": "curl", "dst_ip": "10.0.0.1"},
        ),
        (
            PROXY + 'url.original : "http://a/b" and url.extension : "exe" and http.request.referrer : "x"',
            "proxy",
            {"c-uri": "http://a/b", "c-uri-extension": "exe", "cs-referrer": "x"},
        ),
    ],
)  # fmt: skip
def test_each_field_has_the_name_of_its_log(convert, read, eql, category, detection) -> None:
    outcome = convert(eql)
    assert outcome.artifact is not None, outcome.diagnostics
    (document,) = read(outcome.artifact.text)
    assert document["logsource"] == {"category": category}
    assert document["detection"] == {"selection": detection, "condition": "selection"}


def test_other_products_of_the_log_source_are_on_record(convert) -> None:
    outcome = convert(SERVER + 'url.path : "/a"')
    found = {(loss.slug, loss.drift) for loss in outcome.fidelity.losses}
    assert ("kind-not-told-apart", Drift.WIDENS) in found


def test_several_servers_are_one_log_source(convert, read) -> None:
    eql = 'web where data_stream.dataset in ("nginx.access", "apache.access") and url.path : "/a"'
    (document,) = read(convert(eql).artifact.text)
    assert document["logsource"] == {"category": "webserver"}


def test_a_field_that_such_logs_lack_is_refused_where_it_is_the_detection(convert) -> None:
    outcome = convert(SERVER + 'url.path : "/a" and tls.client.ja3 : "x"')
    assert outcome.artifact is None
    assert any("in webserver" in d.message for d in outcome.diagnostics)
