"""Serve local-bigquery on two free loopback ports. Run by the emulator's own Python; knows nothing of ours.

Run as ``python serve.py FOLDER``, with a HOME of its own: DuckDB keeps its extensions there, and the tests' Python has
another DuckDB. One line of JSON on standard output says the ports once both answer.
"""

import json
import os
import socket
import sys
from pathlib import Path

import duckdb

_LOOPBACK = "127.0.0.1"


def bind(port=0):
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind((_LOOPBACK, port))
    return bound


def connect_with_time_zone_by_statement():
    """Let DuckDB start without its extension for time zones, which it would otherwise fetch before it is connected."""
    connect = duckdb.connect

    def patient(*arguments, config=None, **named):
        rest = dict(config or {})
        zone = rest.pop("TimeZone", None)
        connection = connect(*arguments, config=rest, **named)
        if zone:
            connection.execute(f"SET TimeZone = '{zone}'")
        return connection

    duckdb.connect = patient


def keep_tables_in_memory(database):
    """Lay tables in a plain DuckDB in the place of a lake on disk: the same SQL, for half the computing."""

    def attach(connection, project):
        connection.execute(f"ATTACH IF NOT EXISTS ':memory:' AS {database.quote(project)}")
        database._attached.add(project)

    database._attach = attach
    database.projects = lambda: sorted(database._attached)


def count_rows(tables, database):
    """Say of a table how many rows it has, as BigQuery does; DuckDB's own estimate still counts deleted ones."""
    look_up = tables._lookup

    def counted(*keys):
        found = look_up(*keys)
        if found and found[0] == "TABLE":
            [(n_rows,)] = database.fetch(f"SELECT COUNT(*) FROM {tables.name(*keys)}")
            return found[0], n_rows
        return found

    tables._lookup = counted


def add_exactly(rules):
    """Make sums of BIGNUMERIC exact, as BigQuery's are; the emulator's has 18 digits after the point and not 38."""
    from sqlglot import exp  # noqa: PLC0415 - the emulator's own

    def exact(tree, _context):
        for outer in list(tree.find_all(exp.Cast)):
            total = outer.this.this if isinstance(outer.this, exp.Window) else outer.this
            if not outer.is_type("double") or not isinstance(total, exp.Sum):
                continue
            for inner in list(total.find_all(exp.Cast)):
                if inner.is_type("bigdecimal"):
                    steps = exp.Round(this=exp.Mul(this=exp.paren(inner.this.copy()), expression=_number(2**60)))
                    inner.replace(exp.cast(steps, exp.DataType.Type.INT128))
                    digits = exp.cast(outer.this.copy(), exp.DataType.Type.TEXT)
                    nearest = exp.Mul(this=exp.cast(digits, exp.DataType.Type.DOUBLE), expression=_number(2.0**-60))
                    outer.replace(exp.paren(nearest))
        return tree

    def _number(value):
        return exp.cast(exp.Literal.number(repr(float(value))), exp.DataType.Type.DOUBLE)

    rules.insert(0, exact)


def serve(folder):
    connect_with_time_zone_by_statement()
    import uvicorn  # noqa: PLC0415 - the connection has to be prepared first
    from local_bigquery.grpc import server  # noqa: PLC0415
    from local_bigquery.settings import settings  # noqa: PLC0415

    settings.data_dir = Path(folder)
    from local_bigquery.app import app  # noqa: PLC0415
    from local_bigquery.catalog import tables  # noqa: PLC0415
    from local_bigquery.engine import database  # noqa: PLC0415
    from local_bigquery.sql.rules import STATEMENT_RULES  # noqa: PLC0415

    add_exactly(STATEMENT_RULES)
    keep_tables_in_memory(database)
    count_rows(tables, database)
    database.connection().execute("SET threads = 1")
    rest = bind()
    rest.listen()
    _, storage = server.start(_LOOPBACK, 0)
    sys.stdout.write(json.dumps({"rest": rest.getsockname()[1], "storage": storage, "process": os.getpid()}) + "\n")
    sys.stdout.flush()
    uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off")).run(sockets=[rest])


if __name__ == "__main__":
    serve(sys.argv[1])
