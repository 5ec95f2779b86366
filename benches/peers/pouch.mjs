// PouchDB against express-pouchdb, LevelDB on both sides: what health apps in the field use. No encryption.
import express from "express";
import makeServer from "express-pouchdb";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import PouchDB from "pouchdb";
import { counted, megabytes, tell, timed } from "./bytes.mjs";
import { records } from "./records.mjs";

const PORT = 7101;
const role = process.argv[2];
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "pouch-"));
process.on("exit", () => fs.rmSync(folder, { recursive: true, force: true }));
process.on("SIGTERM", () => process.exit());

if (role === "server") {
  const Store = PouchDB.defaults({ prefix: `${folder}/` });
  const store = new Store("book");
  const docs = records().map(({ id, ...fields }) => ({ _id: id, ...fields }));
  for (let i = 0; i < docs.length; i += 1000) await store.bulkDocs(docs.slice(i, i + 1000));
  const app = express();
  app.get("/edit", async (_, answer) => {
    const some = await store.allDocs({ include_docs: true, limit: 10 });
    await store.bulkDocs(some.rows.map((row) => ({ ...row.doc, note: "更新" })));
    answer.end();
  });
  app.use("/", makeServer(Store, { mode: "minimumForPouchDB", logPath: `${folder}/log`, inMemoryConfig: true }));
  app.listen(PORT, "127.0.0.1", () => console.log("ready"));
} else {
  const peer = "PouchDB 9.0.0 (not encrypted)";
  const { count, port } = await counted(PORT);
  const store = new PouchDB(`${folder}/book`);
  const memory = megabytes();
  const pull = () => store.replicate.from(`http://127.0.0.1:${port}/book`, { batch_size: 100 });
  const first = await timed(count, pull);
  if (first.done.docs_written !== 10_000) throw new Error("not everything came");
  tell({ peer, what: "first", ms: first.ms, bytes: first.bytes, mb: megabytes() - memory });
  await fetch(`http://127.0.0.1:${PORT}/edit`);
  const edits = await timed(count, pull);
  tell({ peer, what: "edits", ms: edits.ms, bytes: edits.bytes });
  const nothing = await timed(count, pull);
  tell({ peer, what: "nothing", ms: nothing.ms, bytes: nothing.bytes });
  process.exit();
}
