// Loro and Automerge over a WebSocket, in memory on both sides: CRDT libraries without encryption, identity or durable writes.
import { WebSocket, WebSocketServer } from "ws";
import { counted, megabytes, tell, timed } from "./bytes.mjs";
import { records } from "./records.mjs";

const [library, role] = process.argv.slice(2);
const PORT = library === "loro" ? 7102 : 7103;
const EDIT = 255;

async function loro() {
  const { LoroDoc, LoroMap, VersionVector } = await import("loro-crdt");
  return {
    name: "Loro 1.17.1 (in memory, not encrypted)",
    empty: () => new LoroDoc(),
    made(all) {
      const doc = new LoroDoc();
      for (const record of all) {
        const entry = doc.getMap("book").setContainer(record.id, new LoroMap());
        for (const [key, value] of Object.entries(record)) entry.set(key, value);
      }
      doc.commit();
      return doc;
    },
    edit(doc, ids) {
      for (const id of ids) doc.getMap("book").get(id).set("note", "更新");
      doc.commit();
    },
    size: (doc) => doc.getMap("book").size,
    answer: (doc, asked) => doc.export({ mode: "update", from: VersionVector.decode(asked) }),
    async pull(doc, ask) {
      doc.import(await ask(doc.version().encode()));
    },
  };
}

async function automerge() {
  const A = await import("@automerge/automerge");
  const text = (value) => (typeof value === "string" ? new A.ImmutableString(value) : value);
  const fields = (record) => Object.fromEntries(Object.entries(record).map(([key, value]) => [key, text(value)]));
  return {
    name: "Automerge 3.5.0 (in memory, not encrypted)",
    empty: () => ({ doc: A.init(), state: A.initSyncState() }),
    made(all) {
      const doc = A.change(A.init(), (doc) => {
        doc.book = Object.fromEntries(all.map((record) => [record.id, fields(record)]));
      });
      return { doc, state: A.initSyncState() };
    },
    edit(side, ids) {
      side.doc = A.change(side.doc, (doc) => ids.forEach((id) => (doc.book[id].note = text("更新"))));
    },
    size: (side) => Object.keys(side.doc.book ?? {}).length,
    answer(side, asked) {
      if (asked.length > 0) [side.doc, side.state] = A.receiveSyncMessage(side.doc, side.state, asked);
      const [state, message] = A.generateSyncMessage(side.doc, side.state);
      side.state = state;
      return message ?? new Uint8Array();
    },
    async pull(side, ask) {
      // Who has nothing to say asks with nothing, so that the other side may speak.
      for (let asked = false; ; asked = true) {
        const [state, message] = A.generateSyncMessage(side.doc, side.state);
        side.state = state;
        if (!message && asked) return;
        const came = await ask(message ?? new Uint8Array());
        if (came.length === 0) return;
        [side.doc, side.state] = A.receiveSyncMessage(side.doc, side.state, came);
      }
    },
  };
}

const lib = library === "loro" ? await loro() : await automerge();
if (role === "server") {
  const all = records();
  const doc = lib.made(all);
  const server = new WebSocketServer({ port: PORT, host: "127.0.0.1", maxPayload: 2 ** 30 });
  server.on("connection", (socket) => {
    socket.on("message", (data) => {
      const asked = new Uint8Array(data);
      if (asked.length === 1 && asked[0] === EDIT) lib.edit(doc, all.slice(0, 10).map((record) => record.id));
      socket.send(asked.length === 1 && asked[0] === EDIT ? "done" : lib.answer(doc, asked));
    });
  });
  console.log("ready");
} else {
  const { count, port } = await counted(PORT);
  const to = async (port) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, { maxPayload: 2 ** 30 });
    await new Promise((open) => socket.on("open", open));
    return (bytes) =>
      new Promise((came) => {
        socket.once("message", (data) => came(new Uint8Array(data)));
        socket.send(bytes);
      });
  };
  const [ask, aside] = [await to(port), await to(PORT)];
  const memory = megabytes();
  const doc = lib.empty();
  const first = await timed(count, () => lib.pull(doc, ask));
  if (lib.size(doc) !== 10_000) throw new Error("not everything came");
  tell({ peer: lib.name, what: "first", ms: first.ms, bytes: first.bytes, mb: megabytes() - memory });
  await aside(new Uint8Array([EDIT]));
  const edits = await timed(count, () => lib.pull(doc, ask));
  tell({ peer: lib.name, what: "edits", ms: edits.ms, bytes: edits.bytes });
  const nothing = await timed(count, () => lib.pull(doc, ask));
  tell({ peer: lib.name, what: "nothing", ms: nothing.ms, bytes: nothing.bytes });
  process.exit();
}
