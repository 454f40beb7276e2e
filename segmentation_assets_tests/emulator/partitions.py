"""What the emulator does not know of BigQuery: one partition named by `table$20251115`, and a project without billing.

The emulator takes `$` for a letter of a name and silently makes another table. This stands before it, does what
BigQuery documents for the jobs and calls that name a partition, and refuses with 501 every other use of the name, so
that none goes wrong unseen. As a sandbox it refuses what BigQuery refuses there, in BigQuery's words.

- A copy job into a partition (Manage partitioned tables, "Copy individual partitions"): source and target are the same
  partition of tables that are partitioned and clustered alike and have the same columns; whole or not at all.
- `tables.delete` of a partition (the same page, "Delete a partition").
- The sandbox (Try BigQuery using the sandbox, "Limitations"): no DML, no streaming; partitions that are older than the
  dataset's default expiration are dropped as soon as they are written (Manage partitioned tables, "Set the partition
  expiration"), without a word.
"""

import json
import re
import uuid
from datetime import UTC, datetime, timedelta

from segmentation_assets_tests.emulator.between import Between, send
from segmentation_assets_tests.emulator.stand_in import refusal

NO_DML = (
    "Billing has not been enabled for this project. Enable billing at https://console.cloud.google.com/billing. DML "
    "queries are not allowed in the free tier. Set up a billing account to remove this restriction."
)
_DML = re.compile(r"^\s*(INSERT|UPDATE|DELETE|MERGE|TRUNCATE)\b", re.IGNORECASE)
_JSON = [("Content-Type", "application/json")]
_DAY = re.compile(r"^(?P<table>[^$]+)\$(?P<day>\d{8})$")


class Partitions(Between):
    """Listens at `host`; passes on what the emulator knows, and translates or refuses the rest.

    Parameters
    ----------
    refuses_dml : None, or where a project without billing says so: "at once", or "in the job" that was accepted.
    kept_days : the age at which partitions of new datasets expire, or None.

    `statements` are those that were asked for, `request_bytes` the sizes of requests that carried one. After so many as
    `copies_left` says, copy jobs are answered by 503.
    """

    def __init__(self, emulator_host, *, refuses_dml=None, kept_days=None):
        super().__init__(emulator_host)
        self.refuses_dml = refuses_dml
        self.kept_days = kept_days
        self.statements = []
        self.request_bytes = []
        self.copies_left = None
        self._jobs = {}

    def handle(self, handler, body):
        path = handler.path.split("?")[0]
        status, headers, content = self._answer(handler, path, body)
        if status == 204:
            content = b""
        send(handler, status, headers, content)

    def _answer(self, handler, path, body):
        asked = _parsed(body) if "/upload/" not in path else {}
        if "%24" in path or "$" in path:
            return self._partition(handler.command, path.replace("%24", "$"))
        if handler.command == "POST" and path.endswith("/jobs"):
            return self._job(handler, asked, body)
        if handler.command == "POST" and path.endswith("/queries"):
            self._note(asked.get("query", ""), body)
            if self._is_refused(asked.get("query", "")):
                return _refused(403, "billingNotEnabled", NO_DML)
        if self.refuses_dml and path.endswith("/insertAll"):
            return _refused(403, "accessDenied", "BigQuery: Streaming insert is not allowed in the free tier")
        if handler.command == "POST" and path.endswith(("/datasets", "/tables")):
            body = json.dumps(self._with_expiration(asked, path)).encode()
        status, headers, content = self.ask(handler.command, handler.path, body, dict(handler.headers))
        found = self._jobs.get(path.rsplit("/", 1)[-1])
        return (status, headers, _as_copy(content, found)) if found and status == 200 else (status, headers, content)

    def _note(self, sql, body):
        self.statements.append(sql)
        self.request_bytes.append(len(body))

    def _job(self, handler, asked, body):
        config = asked.get("configuration", {})
        sql = config.get("query", {}).get("query", "")
        if sql:
            self._note(sql, body)
        if self._is_refused(sql):
            return self._refused_job(asked)
        named = [config.get(kind, {}).get("destinationTable", {}).get("tableId", "") for kind in ("query", "load")]
        if any("$" in name for name in named):
            return _refused(501, "notImplemented", "Only copy jobs into a partition are translated.")
        if "copy" not in config:
            return self.ask(handler.command, handler.path, body, dict(handler.headers))
        if self.copies_left == 0:
            return _refused(503, "backendError", "Try again later.")
        return self._copy(handler, asked)

    def _copy(self, handler, asked):
        copy = asked["configuration"]["copy"]
        source, target = copy.get("sourceTable") or copy["sourceTables"][0], copy["destinationTable"]
        from_, to = _DAY.match(source["tableId"]), _DAY.match(target["tableId"])
        if not (from_ and to and copy.get("writeDisposition") == "WRITE_TRUNCATE"):
            return _refused(501, "notImplemented", "Only the replacement of one partition by another is translated.")
        if from_["day"] != to["day"]:
            return _refused(400, "invalid", "Source and destination partition are not identical.")
        twins = [self._table(reference, found["table"]) for reference, found in ((source, from_), (target, to))]
        if difference := _difference(*twins):
            return _refused(400, "invalid", difference)
        day = datetime.strptime(to["day"], "%Y%m%d").replace(tzinfo=UTC).date()
        columns = ", ".join(f"`{field['name']}`" for field in twins[1]["schema"]["fields"])
        staged, stored = (_address(reference, found["table"]) for reference, found in ((source, from_), (target, to)))
        of_day = f"snapshot_date = DATE '{day}'"
        sql = (
            f"MERGE {stored} AS t USING (SELECT {columns} FROM {staged} WHERE {of_day}) AS s ON FALSE "
            f"WHEN NOT MATCHED BY SOURCE AND {of_day} THEN DELETE "
            f"WHEN NOT MATCHED THEN INSERT ({columns}) VALUES ({columns})"
        )
        if self._is_expired(twins[1], day):
            sql = f"DELETE FROM {stored} WHERE {of_day}"
        done = {**asked, "configuration": {"query": {"query": sql, "useLegacySql": False}}}
        status, headers, content = self.ask("POST", handler.path, json.dumps(done).encode(), dict(_JSON))
        if status == 200:
            self.copies_left = self.copies_left and self.copies_left - 1
            job_id = json.loads(content)["jobReference"]["jobId"]
            self._jobs[job_id] = asked["configuration"]
            content = _as_copy(content, asked["configuration"])
        return status, headers, content

    def _partition(self, method, path):
        """Delete a partition, which is what a call that names one may do."""
        project, dataset, name = re.search(r"/projects/([^/]+)/datasets/([^/]+)/tables/([^/]+)", path).groups()
        found = _DAY.match(name)
        if method != "DELETE" or not found:
            return _refused(501, "notImplemented", f"{method} of a partition is not translated.")
        reference = {"projectId": project, "datasetId": dataset}
        of_day = f"snapshot_date = PARSE_DATE('%Y%m%d', '{found['day']}')"
        sql = f"DELETE FROM {_address(reference, found['table'])} WHERE {of_day}"
        asked = json.dumps({"query": sql, "useLegacySql": False}).encode()
        status, headers, content = self.ask("POST", f"/bigquery/v2/projects/{project}/queries", asked, dict(_JSON))
        if status != 200:
            return status, headers, content
        if json.loads(content).get("numDmlAffectedRows") in (None, "0", 0):
            return _refused(404, "notFound", f"Not found: Table {project}:{dataset}.{name}")
        return 204, [], b""

    def _table(self, reference, name):
        place = "/bigquery/v2/projects/{projectId}/datasets/{datasetId}/tables/".format(**reference)
        return _parsed(self.ask("GET", place + name)[2])

    def _is_refused(self, sql):
        return self.refuses_dml is not None and _DML.match(sql) is not None

    def _refused_job(self, asked):
        if self.refuses_dml == "at once":
            return _refused(403, "billingNotEnabled", NO_DML)
        said = {"reason": "billingNotEnabled", "message": NO_DML}
        reference = {"jobId": uuid.uuid4().hex, "location": "EU", **asked.get("jobReference", {})}
        status = {"state": "DONE", "errorResult": said, "errors": [said]}
        job = {"jobReference": reference, "configuration": asked["configuration"], "status": status, "statistics": {}}
        return 200, _JSON, json.dumps(job).encode()

    def _with_expiration(self, asked, path):
        if self.kept_days is None:
            return asked
        kept = str(self.kept_days * 86_400_000)
        if path.endswith("/datasets"):
            return {**asked, "defaultPartitionExpirationMs": kept, "defaultTableExpirationMs": kept}
        if "timePartitioning" in asked:
            never = {} if "expirationTime" in asked else {"expirationTime": None}
            return {**asked, **never, "timePartitioning": {**asked["timePartitioning"], "expirationMs": kept}}
        return asked

    def _is_expired(self, table, day):
        kept = table["timePartitioning"].get("expirationMs")
        if kept is None:
            return False
        midnight = datetime.combine(day + timedelta(1), datetime.min.time(), UTC)
        return midnight + timedelta(milliseconds=int(kept)) <= datetime.now(UTC)


def day_before(days):
    """Return the day so many days before today's, as BigQuery's clock has it."""
    return datetime.now(UTC).date() - timedelta(days)


def _difference(source, target):
    """Return why a partition of the one cannot take the place of the other's, in BigQuery's manner, or nothing."""
    for table in (source, target):
        if "error" in table:
            return f"{table['error']['message']}"
        if "timePartitioning" not in table:
            return "Failed to copy Non partitioned table to Column partitioned table: not supported."
    if source["timePartitioning"]["field"] != target["timePartitioning"]["field"]:
        return "Incompatible table partitioning specification."
    if source.get("clustering") != target.get("clustering"):
        return "Incompatible clustering fields."
    columns = [
        {field["name"]: (field["type"], field.get("policyTags")) for field in table["schema"]["fields"]}
        for table in (source, target)
    ]
    return None if columns[0] == columns[1] else "Provided Schema does not match Table."


def _address(reference, name):
    return f"`{reference['projectId']}.{reference['datasetId']}.{name}`"


def _as_copy(content, configuration):
    """Return the emulator's words about the statement as if they were about the copy job that was asked for."""
    job = json.loads(content)
    if "configuration" in job:
        job["configuration"] = {"jobType": "COPY", **configuration}
    return json.dumps(job).encode()


def _refused(status, reason, message):
    return status, _JSON, json.dumps(refusal(status, reason, message)).encode()


def _parsed(body):
    try:
        return json.loads(body or b"{}")
    except ValueError:
        return {}
