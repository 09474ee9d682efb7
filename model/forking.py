"""`python -m model.forking FD`: jobs that start in no time, because their process is forked from one that is ready.

To import torch and transformers takes seconds, more than a small reader needs for its whole training. So one process
imports them once, and forks itself for each job. It is told of jobs through a socket that it inherits, and it ends
when the other side closes it; the jobs then end too.

Only for machines without a GPU: what CUDA has begun does not survive a fork.
"""

import contextlib
import importlib
import os
import selectors
import signal
import socket
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field

from model.lifeline import end_with_parent

READY = (
    "model.training",
    "model.prediction",
    "model.questions",
    "model.pretraining.training",
    "torch.utils.tensorboard",
    "transformers.models.bert.modeling_bert",
)
"""What is imported beforehand."""

MAX_REQUEST_BYTES = 65_536
DESCRIPTORS = 2
"""Of each request: where the job's output goes, and the socket on which its end is told of."""


@dataclass(slots=True)
class Forge:
    """The jobs that run, by a descriptor that becomes readable when the job has ended."""

    channel: socket.socket
    selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)

    def serve(self) -> None:
        """Starts a job for each request, and tells of its end, until the other side is gone."""
        self.selector.register(self.channel, selectors.EVENT_READ)
        while True:
            for key, _ in self.selector.select():
                if key.fileobj is self.channel:
                    request, descriptors, *_ = socket.recv_fds(self.channel, MAX_REQUEST_BYTES, DESCRIPTORS)
                    if not request:
                        return
                    self._start(request.decode(), *descriptors)
                else:
                    self._ended(key)

    def _start(self, spec: str, output: int, status: int) -> None:
        """The process of one job; its number is the first that its socket tells."""
        forge = os.getpid()
        try:
            pid = os.fork()
        except OSError:
            # No memory, or no process left: the other side hears nothing, and starts the job cold.
            os.close(output)
            os.close(status)
            return
        if pid == 0:
            self._become(spec, output, forge)
        os.close(output)
        told = socket.socket(fileno=status)
        with contextlib.suppress(OSError):
            told.send(str(pid).encode())
        self.selector.register(os.pidfd_open(pid), selectors.EVENT_READ, (pid, told))

    def _become(self, spec: str, output: int, forge: int) -> None:
        """Does not return: this process is the job now, in a group of its own."""
        code = 1
        try:
            os.setsid()
            end_with_parent(signal.SIGTERM, forge)
            for stream in (1, 2):
                os.dup2(output, stream)
            self.channel.close()
            from model.job import main

            code = main([spec])
            sys.stdout.flush()
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)

    def _ended(self, key: selectors.SelectorKey) -> None:
        pid, told = key.data
        self.selector.unregister(key.fileobj)
        os.close(key.fd)
        _, status = os.waitpid(pid, 0)
        with told, contextlib.suppress(OSError):
            told.send(str(os.waitstatus_to_exitcode(status)).encode())


def main(arguments: Sequence[str]) -> None:
    """The process: make ready, then fork on demand."""
    for module in READY:
        importlib.import_module(module)
    with socket.socket(fileno=int(arguments[0])) as channel:
        Forge(channel).serve()


if __name__ == "__main__":
    main(sys.argv[1:])
