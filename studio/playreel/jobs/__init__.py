"""A queue of jobs that survives every process, and the worker that does them. Loads no torch.

record, queue, store    what is kept, and what people may ask of it
ledger, worker          one process for a project that takes jobs in turn
engine                  its child, with the models; `ray_engine` spreads jobs over machines
client, job             the same handles in every notebook, shell and web session
operation               what jobs do, registered by name
"""

from __future__ import annotations

from playreel.jobs.client import Jobs
from playreel.jobs.job import Job
from playreel.jobs.operation import Context, Estimate, Operation, Parcel, Stopped, Work
from playreel.jobs.record import STATES, Failure, JobEvent, JobRecord

__all__ = [
    "STATES",
    "Context",
    "Estimate",
    "Failure",
    "Job",
    "JobEvent",
    "JobRecord",
    "Jobs",
    "Operation",
    "Parcel",
    "Stopped",
    "Work",
]
