"""`quanbao rebuild`: the projections again, from the chains."""

from __future__ import annotations

import sys

import orjson
import typer

from api.cli.backups import database_url
from api.composition import compose
from api.settings import Settings
from primitives.errors import MissingPart


async def run_rebuild(settings: Settings, *, as_json: bool) -> int:
    """Drop, read again, compare; 0 when every table is equal, else 1.

    Raises:
        MissingPart: No node is configured.
        LedgerDiverged, NodeUnavailable, DatabaseUnavailable
    """
    if settings.localnet_url is None and settings.evm_rpc_url is None and settings.chains_file is None:
        raise MissingPart(
            "rebuilding reads the chains: set QUANBAO_LOCALNET_URL (`quanbao up` prints it) or the nodes' addresses",
            mend="QUANBAO_LOCALNET_URL",
        )
    async with database_url(settings) as url:
        given = settings.model_validate({**settings.model_dump(), "database_url": url})
        async with compose(given) as application:
            rebuilt = await application.services.auditing.rebuilding.rebuild()
    if as_json:
        tables = [
            {"name": one.name, "rows": one.rows, "equal": one.equal, "lost": list(one.lost), "new": list(one.new)}
            for one in rebuilt.tables
        ]
        told = {"equal": rebuilt.equal, "seconds": rebuilt.seconds, "tables": tables}
        sys.stdout.write(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        for one in rebuilt.tables:
            typer.echo(f"{one.name:14} {one.rows:>9,} rows  {'equal' if one.equal else 'DIFFERENT'}")
            for row in one.lost:
                typer.echo(f"  lost  {row}")
            for row in one.new:
                typer.echo(f"  new   {row}")
        typer.echo(f"{rebuilt.events:,} events read again in {rebuilt.seconds:.1f} s")
    return 0 if rebuilt.equal else 1
