"""`silverspan memory`: every translation ever paid for, taken out of one database and into another."""

from pathlib import Path

from cyclopts import App

from flows.commands.common import COMMON, Common, bars, finish

app = App("memory", help="Keep and move the translation memory: `silverspan memory export memory.parquet`.")


@app.command
def export(file: str, *, common: Common = COMMON) -> None:
    """Write all that the translation memory holds to a Parquet file.

    `silverspan memory export memory.parquet`

    Parameters
    ----------
    file:
        Where to write it; an existing file is replaced.
    """
    from storage.memory_files import export_memory
    from tasks.place import Place
    from tasks.progress import tell

    with Place(common.store, common.memory).memory() as memory, bars():
        rows = export_memory(memory, Path(file), lambda done, total: tell("export", done, total))
    finish(common, {"rows": rows, "path": file}, f"{rows:,} texts written to {file}")


@app.command(name="import")
def import_(file: str, *, common: Common = COMMON) -> None:
    """Add what such a file holds; what the translation memory knows already stays as it is.

    `silverspan memory import memory.parquet --memory postgresql+psycopg://user@host/name`

    Parameters
    ----------
    file:
        A file that `silverspan memory export` has written.
    """
    from storage.memory_files import import_memory
    from tasks.place import Place
    from tasks.progress import tell

    with Place(common.store, common.memory).memory() as memory, bars():
        rows = import_memory(memory, Path(file), lambda done, total: tell("import", done, total))
    finish(common, {"rows": rows, "path": file}, f"{rows:,} texts read from {file}")
