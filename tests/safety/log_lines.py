"""The lines that the server of a test has logged."""

import json


def log_of(server) -> str:
    return (server.data_dir.parent / f"{server.data_dir.name}.log").read_text()


def lines_of(server) -> list[dict[str, object]]:
    return [json.loads(line) for line in log_of(server).splitlines()]


def enough(lines: list[dict[str, object]], request_id: str, count: int) -> list[dict[str, object]]:
    found = [line for line in lines if line.get("request_id") == request_id and line["event"] == "request"]
    return found if len(found) == count else []
