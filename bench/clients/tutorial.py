"""The Python SDK's tutorial loop: list the entities, upsert one after the other."""

import json
import os
import resource
import time


def cpu_us(usage):
    return int((usage.ru_utime + usage.ru_stime) * 1_000_000)


def main():
    from azure.core.credentials import AzureSasCredential
    from azure.data.tables import TableClient, UpdateMode

    job = json.loads(os.environ["LANDBRIDGE_BENCH_JOB"])
    table = job["tables"][0]
    source = TableClient(job["sourceEndpoint"], table, credential=AzureSasCredential(job["sourceSas"]))
    destination = TableClient(
        job["destinationEndpoint"], table, credential=AzureSasCredential(job["destinationSas"])
    )
    loaded = cpu_us(resource.getrusage(resource.RUSAGE_SELF))
    start = time.perf_counter()
    destination.create_table()
    rows = 0
    for entity in source.list_entities():
        destination.upsert_entity(entity, mode=UpdateMode.REPLACE)
        rows += 1
        if rows == job["rows"]:
            break
    elapsed_ms = (time.perf_counter() - start) * 1000
    usage = resource.getrusage(resource.RUSAGE_SELF)
    result = {
        "rows": rows,
        "elapsedMs": elapsed_ms,
        "cpuUs": cpu_us(usage),
        "startCpuUs": loaded,
        "rssKib": usage.ru_maxrss,
        "errors": [],
    }
    print(json.dumps(result))


main()
