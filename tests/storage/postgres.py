"""A PostgreSQL for as long as it is needed: in a temporary folder, through a socket there, never as root."""

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
USER = "postgres"


def missing() -> str | None:
    """Why no server can be started here, if so."""
    if importlib.util.find_spec("psycopg") is None:
        return "psycopg is not installed: pip install 'silverspan[postgres]'"
    if not PROGRAMS:
        return "PostgreSQL is not installed (/usr/lib/postgresql)"
    known = USER in {user.pw_name for user in pwd.getpwall()}
    if os.getuid() == 0 and not (known and shutil.which("setpriv")):
        return f"PostgreSQL never runs as root, and there is no user {USER!r} or no setpriv to become it"
    return None


@contextmanager
def running() -> Iterator["Server"]:
    """A server that has just been made, and that is gone afterwards."""
    server = Server(PROGRAMS[-1])
    try:
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(server.folder, ignore_errors=True)


class Server:
    """A cluster of databases without passwords, reached by those who may enter its folder."""

    def __init__(self, programs: Path) -> None:
        self.programs = programs
        self.folder = Path(tempfile.mkdtemp(prefix="silverspan-postgres-"))
        if os.getuid() == 0:
            shutil.chown(self.folder, USER)

    def start(self) -> None:
        self.run("initdb", "--pgdata", "data", "--auth", "trust", "--username", "silverspan", "--no-sync")
        options = f"-c listen_addresses='' -c unix_socket_directories={self.folder} -c fsync=off"
        self.run("pg_ctl", "--pgdata", "data", "--log", "log", "-o", options, "--wait", "start")

    def stop(self) -> None:
        self.run("pg_ctl", "--pgdata", "data", "--mode", "immediate", "--wait", "stop")

    def run(self, program: str, *arguments: str) -> None:
        command = [str(self.programs / program), *arguments]
        if os.getuid() == 0:
            command = ["setpriv", "--reuid", USER, "--regid", USER, "--clear-groups", *command]
        done = subprocess.run(
            command,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert done.returncode == 0, done.stdout.decode()

    def emptied(self) -> str:
        """The URL of a database without tables, always the same one: that is faster than a new one."""
        anew = "DROP SCHEMA public CASCADE; CREATE SCHEMA public"
        self.run(
            "psql", "--host", str(self.folder), "--username", "silverspan", "--quiet", "-c", anew, "postgres"
        )
        return self.url("postgres")

    def database(self, name: str) -> str:
        """The SQLAlchemy URL of a new, empty database."""
        self.run("createdb", "--host", str(self.folder), "--username", "silverspan", name)
        return self.url(name)

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://silverspan@/{name}?host={self.folder}"
