"""One client library of PyPI's: python clients.py LIBRARY URL. Prints a line for each event that it is given: its type, its id
and its data, with a tab between them."""

import sys
import time

library, url = sys.argv[1:]


def show(event_type, event_id, data):
    print(f"{event_type or 'message'}\t{event_id or ''}\t{data}", flush=True)


def again_and_again(connect):
    """Of libraries that leave connecting again, with the last id, to the program."""
    last = None
    while True:
        headers = {"Accept": "text/event-stream"}
        if last:
            headers["Last-Event-ID"] = last
        try:
            for event in connect(headers):
                last = event.id or last
                show(event.event, event.id, event.data)
        except Exception as e:  # each HTTP client has its own
            print("again after", type(e).__name__, file=sys.stderr)
        time.sleep(0.5)


def launchdarkly():
    from ld_eventsource import SSEClient
    from ld_eventsource.config import ConnectStrategy, ErrorStrategy

    client = SSEClient(connect=ConnectStrategy.http(url), error_strategy=ErrorStrategy.always_continue())
    for event in client.events:
        show(event.event, event.last_event_id, event.data)


def sseclient_py():
    import requests
    from sseclient import SSEClient

    again_and_again(lambda headers: SSEClient(requests.get(url, stream=True, headers=headers)).events())


def httpx_sse():
    import httpx
    from httpx_sse import connect_sse

    def connect(headers):
        with httpx.Client(timeout=None) as client, connect_sse(client, "GET", url, headers=headers) as source:
            yield from source.iter_sse()

    again_and_again(connect)


{"launchdarkly-eventsource": launchdarkly, "sseclient-py": sseclient_py, "httpx-sse": httpx_sse}[library]()
