"""Tell webhooks of jobs that have ended, in Prosa's words."""

from __future__ import annotations

from contextlib import suppress

from stream_server.compat.prosa.jobs import Models, event_json
from stream_server.errors import NotFound
from stream_server.jobs.job import Job
from stream_server.store.records import RecordStore, Transcript
from stream_server.webhook_delivery import Webhooks
from stream_server.webhooks.delivery import event_id_of
from stream_server.webhooks.endpoint import COMPLETED, FAILED


class JobNews:
    """Finds a job's transcript among the records and publishes both."""

    def __init__(self, records: RecordStore, webhooks: Webhooks, models: Models) -> None:
        self._records = records
        self._webhooks = webhooks
        self._models = models

    async def tell(self, job: Job) -> None:
        """Tell of a job that has ended; one that somebody cancelled is no news. Raises `StoreUnavailable`."""
        if job.status not in ("complete", "failed"):
            return
        transcript: Transcript | None = None
        with suppress(NotFound):
            transcript = await self._records.find_transcript(job.organisation, job.id)
        kind = COMPLETED if job.status == "complete" else FAILED
        payload = event_json(job, self._models, transcript)
        # A job can fail again after somebody had it tried anew: that is other news.
        about = job.id if kind is COMPLETED else f"{job.id} {job.modified_at}"
        await self._webhooks.publish(job.organisation, kind, event_id_of(about, kind), payload, subject=job.id)
