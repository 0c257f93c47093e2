import { JOURNAL_TABLE } from "../../migration/engine/journal";
import { accountOf, newWorld, policy } from "../access/world";
import { runCli } from "./world";

const where = ["--account", "contosotables", "--subscription", "s", "--resource-group", "data"];

describe("access from the command line, when the state is lost", () => {
  const prepared = () => {
    const world = newWorld(["contosotables", ["Cities", JOURNAL_TABLE]]);
    const account = accountOf(world);
    account.tables.set("Cities", [policy("landbridge-a"), policy("somebody-else"), policy("landbridge-b")]);
    const cli = (argv: readonly string[]) => runCli(argv, {
      openManagement: world.open, ports: { clock: world.clock, random: world.random },
    });
    const policies = () => account.tables.get("Cities")?.map(({ id }) => id);
    return { account, cli, policies };
  };

  it("is listed by our name, with what cannot be found by it, and nothing is changed", async () => {
    const { cli, policies } = prepared();
    const { exitCode, stdout, stderr } = await cli(["access", "list", ...where]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toMatch(/^2 access policies of landbridge on storage account contosotables/);
    expect(stdout).toContain("landbridge-a on table Cities (r, until 2027-01-01T00:00:00.000Z)");
    expect(stdout).not.toContain("somebody-else");
    expect(stdout).toContain("The journal's table is there.");
    expect(stdout).toMatch(/Note: .*key2/);
    expect(policies()).toEqual(["landbridge-a", "somebody-else", "landbridge-b"]);
  });

  it("is removed where it is ours; the journal only when that is said", async () => {
    const { account, cli, policies } = prepared();
    const removed = await cli(["access", "remove", ...where]);
    expect(removed.exitCode).toBe(0);
    expect(removed.stdout).toMatch(/^Removed 2 access policies from/);
    expect(policies()).toEqual(["somebody-else"]);
    expect(account.tables.has(JOURNAL_TABLE)).toBe(true);
    const again = await cli(["access", "remove", ...where, "--journal"]);
    expect(again.stdout).toMatch(/^Removed 0 access policies .*\n.*Removed the journal's table/);
    expect(account.tables.has(JOURNAL_TABLE)).toBe(false);
  });

  it("is removed one policy at a time where one is named", async () => {
    const { cli, policies } = prepared();
    await cli(["access", "remove", ...where, "--policy", "landbridge-b"]);
    expect(policies()).toEqual(["landbridge-a", "somebody-else"]);
  });

  it("says in one line which account is not there", async () => {
    const { cli } = prepared();
    const argv = ["access", "list", "--account", "nobody", "--subscription", "s", "--resource-group", "data"];
    expect(await cli(argv)).toMatchObject({ exitCode: 2, stdout: "", stderr: "Error: no nobody\n" });
  });
});
