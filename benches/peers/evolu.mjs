// Evolu's protocol, end-to-end encrypted, with SQLite (Node's own) in memory at all three places. Messages are handed over in one
// process: HTTP would come on top. What it measures leaves out writing the tables that an app reads.
import * as common from "@evolu/common";
import * as local from "@evolu/common/local-first";
import { installPolyfills } from "@evolu/common/polyfills";
import { timingSafeEqual } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { tell } from "./bytes.mjs";
import { records } from "./records.mjs";

installPolyfills();
const E = { ...common, ...local };
const peer = "Evolu 8.11.0 (its protocol only, in memory, encrypted)";

const createSqliteDriver = () => () => {
  const database = new DatabaseSync(":memory:");
  const known = new Map();
  return E.ok({
    exec({ sql, parameters }) {
      if (!known.has(sql)) known.set(sql, database.prepare(sql));
      const statement = known.get(sql);
      const reads = statement.columns().length > 0;
      if (reads) return { rows: statement.all(...parameters), changes: 0 };
      return { rows: [], changes: Number(statement.run(...parameters).changes) };
    },
    export: () => new Uint8Array(),
    [Symbol.dispose]: () => database.close(),
  });
};

async function place() {
  const setup = await E.testSetupSqlite({ createSqliteDriver });
  E.createBaseSqliteStorageTables({ sqlite: setup.sqlite });
  E.createRelayStorageTables({ sqlite: setup.sqlite });
  const deps = { ...setup.run.deps, sqlite: setup.sqlite, timingSafeEqual: (a, b) => timingSafeEqual(a, b) };
  const storage = E.createRelaySqliteStorage(deps)({ isOwnerWithinQuota: () => true });
  return { storage, run: setup.run.create({ storage }) };
}

const owner = E.testAppOwner;
const ownerId = E.ownerIdToOwnerIdBytes(owner.id);
const [phone, other, relay] = [await place(), await place(), await place()];
const { deps } = phone.run;
const begun = Date.now() - 20_000_000;

function sealed(record, number, isInsert) {
  const millis = begun + number * 1000;
  const timestamp = E.Timestamp.orThrow({ millis, counter: 0, nodeId: "0000000000000001" });
  const { id, ...values } = record;
  const change = E.DbChange.orThrow({ table: "rec", id: E.createId(deps), values, isInsert, isDelete: null });
  return { timestamp, change: E.encodeAndEncryptDbChange(deps)({ timestamp, change }, owner.encryptionKey) };
}

/** Messages back and forth until nobody has anything to say. */
async function sync(client) {
  let bytes = 0;
  let message = E.createProtocolMessageForSync({ storage: client.storage, console: deps.console })(owner.id);
  for (let toRelay = true; message; toRelay = !toRelay) {
    bytes += message.length;
    const result = toRelay
      ? await relay.run(E.applyProtocolMessageAsRelay(message))
      : await client.run(E.applyProtocolMessageAsClient(message, { writeKey: owner.writeKey }));
    if (!result.ok) throw new Error(JSON.stringify(result));
    message = result.value.type === "NoResponse" ? undefined : result.value.message;
  }
  return bytes;
}

async function timed(work) {
  const start = performance.now();
  const bytes = await work();
  return { ms: performance.now() - start, bytes };
}

const all = records();
const messages = all.map((record, number) => sealed(record, number, true));
await phone.run(phone.storage.writeMessages(ownerId, messages));
await sync(phone);
const first = await timed(async () => {
  const bytes = await sync(other);
  for (const message of messages) E.decryptAndDecodeDbChange(message, owner.encryptionKey);
  return bytes;
});
tell({ peer, what: "first", ...first });
const edits = all.slice(0, 10).map((record, number) => sealed({ ...record, note: "更新" }, all.length + number, false));
await phone.run(phone.storage.writeMessages(ownerId, edits));
await sync(phone);
tell({ peer, what: "edits", ...(await timed(() => sync(other))) });
tell({ peer, what: "nothing", ...(await timed(() => sync(other))) });
process.exit();
