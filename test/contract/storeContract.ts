import { errorsContract } from "./errorsContract";
import { keysContract } from "./keysContract";
import { pagingContract } from "./pagingContract";
import type { Contract, Opened, Subject } from "./subject";
import { tablesContract } from "./tablesContract";
import { valuesContract } from "./valuesContract";
import { writesContract } from "./writesContract";

/** What every `Store` promises (migration/engine/store.ts), and how far a subject keeps it (differences.ts). */
export function storeContract(subject: Subject): void {
  describe(`the store contract, kept by ${subject.name}`, () => {
    let opened: Opened | undefined;
    let tables = 0;

    const contract: Contract = {
      subject,
      quirks: subject.quirks,
      opened: () => {
        if (opened === undefined) throw new Error(`${subject.name} is not open.`);
        return opened;
      },
      store: () => contract.opened().store,
      freshTable: async () => {
        tables += 1;
        const table = `Contract${tables}`;
        await contract.store().createTable(table);
        return table;
      },
    };

    beforeAll(async () => {
      opened = await subject.open();
    }, 60_000);

    afterAll(async () => {
      await opened?.close();
    }, 60_000);

    describe("tables", () => tablesContract(contract));
    describe("pages", () => pagingContract(contract));
    describe("keys", () => keysContract(contract));
    describe("writes", () => writesContract(contract));
    describe("values", () => valuesContract(contract));
    describe("errors", () => errorsContract(contract));
  });
}
