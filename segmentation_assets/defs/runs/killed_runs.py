"""Runs of the command line whose process was killed: told as failed, and their places in Dagster's pools given back.

A killed process cannot give back its place in the pool `warehouse`, so the next run would wait for it for ever. The
daemon of `dagster dev` looks after the runs it launched; nobody does after those of the command line.
"""

import os
import socket

from dagster import DagsterInstance, DagsterRunStatus, RunsFilter

PROCESS_TAG = "segmentation/process"
"""Run tag with the host and process that makes the run."""

_UNFINISHED = [DagsterRunStatus.NOT_STARTED, DagsterRunStatus.STARTING, DagsterRunStatus.STARTED]


def process_tag() -> dict[str, str]:
    """Return the tag that says which process makes a run."""
    return {PROCESS_TAG: f"{socket.gethostname()}:{os.getpid()}"}


def release_killed_runs(instance: DagsterInstance) -> list[str]:
    """Report the runs of this host whose process is gone as failed, free their pools, and return their ids."""
    released = []
    for run in instance.get_runs(RunsFilter(statuses=_UNFINISHED)):
        host, _, pid = run.tags.get(PROCESS_TAG, "").rpartition(":")
        if host == socket.gethostname() and not _is_alive(int(pid)):
            instance.report_run_failed(run, "The process that made this run was killed.")
            instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
            released.append(run.run_id)
    return released


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # another user's
    return True
