import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Agent, request } from "undici";

import { openAsOwner } from "../../local/demo/seed";
import { CONTOSO, startEmulators } from "../../local/emulators";
import type { AccountRef } from "../../migration/access/accountRef";
import { readEmulators } from "../../migration/access/emulators";
import { formerNetworkHandler } from "../../migration/handlers/formerNetwork";
import { fencePorts } from "../../migration/handlers/ports";
import { sourceFenceHandler } from "../../migration/handlers/sourceFence";
import { missing, superfluous } from "./list";
import { rightsIn } from "./needs";

/** Emulators start within seconds; on a slow machine, with others, within a minute or two. */
const TEST_MS_MAX = 300_000;

const WRITER = "dddddddd-0000-4000-8000-000000000001";
const READER = "dddddddd-0000-4000-8000-000000000002";

/** Somebody else, of the source's organisation, puts something on its account. */
async function put(ref: AccountRef, below: string, properties: object): Promise<void> {
  const { management, certificate } = readEmulators();
  const account = `/subscriptions/${ref.subscriptionId}/resourceGroups/${ref.resourceGroup}/providers/Microsoft.Storage`
    + `/storageAccounts/${ref.account}`;
  const agent = new Agent({ connect: { ca: certificate } });
  const url = `${management.replace(/\/+$/, "")}${account}/${below}?api-version=2022-04-01`;
  const answer = await request(url, {
    method: "PUT",
    dispatcher: agent,
    headers: { authorization: "Bearer any", "content-type": "application/json" },
    body: JSON.stringify({ properties }),
  });
  await answer.body.dump();
  await agent.close();
  expect(answer.statusCode).toBe(201);
}

async function give(ref: AccountRef, roleId: string, principalId: string): Promise<void> {
  const roleDefinitionId = `/subscriptions/${ref.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/`
    + roleId;
  const properties = { principalId, principalType: "ServicePrincipal", roleDefinitionId };
  await put(ref, `providers/Microsoft.Authorization/roleAssignments/${principalId}`, properties);
}

describe("a fence around the source", () => {
  const folder = mkdtempSync(join(tmpdir(), "landbridge-fence-"));
  const file = join(folder, "emulators.json");
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("asks for what the source's side is told to grant, shuts real writers out, and sees other data", async () => {
    process.env["LANDBRIDGE_EMULATORS"] = file;
    const emulators = await startEmulators({ folder, file });
    const owner = openAsOwner(emulators.source);
    try {
      await owner.createTable("Cities");
      const { subscriptionId, resourceGroup, account } = CONTOSO;
      const ref = { kind: "emulator", subscriptionId, resourceGroup, account } as const;
      const ours = { account: ref, ipRanges: ["203.0.113.7"], subnetIds: [] };
      const settings = { mode: "both", keyName: "key2", tables: ["Cities"], sharedAccount: false, frozen: false };
      const ports = { ...fencePorts, say: () => undefined };
      const [network, fence] = [formerNetworkHandler(ports), sourceFenceHandler(ports)];
      const former = await network.create(ours);
      const { outs } = await fence.create({ ...ours, ...settings });
      // Azurite itself refused what the old keys signed.
      expect(outs).toMatchObject({ complete: true, keysShown: ["key1", "key2"] });
      await expect(owner.readPage("Cities", { rowsMax: 1 })).rejects.toMatchObject({ status: 403 });
      expect((await fence.check({}, { ...ours, ...settings })).failures).toEqual([]);
      expect(await fencePorts.roleWriters(ours.account)).toEqual([]);
      await give(ours.account, "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3", WRITER);
      await give(ours.account, "76199698-9eea-4c19-bc75-cec21354c6b6", READER);
      const role = "Storage Table Data Contributor";
      const told = { principalId: WRITER, principalType: "ServicePrincipal", role };
      expect(await fencePorts.roleWriters(ours.account)).toEqual([told]);
      await put(ref, "queueServices/default/queues/jobs", {});
      await put(ref, "blobServices/default/containers/images", {});
      await put(ref, "fileServices/default/shares/data", {});
      const [refusal] = (await fence.check({}, { ...ours, ...settings })).failures;
      expect(refusal?.reason).toMatch(/blob container images, queue jobs, file share data\. /);
      await network.delete(former.id, former.outs);

      const asked = emulators.calls().filter(({ method }) => method !== "PUT");
      const needed = rightsIn({ managed: asked, data: [] }, subscriptionId, false);
      expect(missing(needed, ["source", "fence"])).toEqual([]);
      expect(superfluous(needed, "fence")).toEqual([]);
    } finally {
      await owner.close();
      await emulators.stop();
      delete process.env["LANDBRIDGE_EMULATORS"];
    }
  }, TEST_MS_MAX);
});
