// Jazz (cojson) over a WebSocket, all records in one CoMap, in memory on both sides: end-to-end encrypted, in Rust below.
import { LocalNode } from "cojson";
import { NapiCrypto } from "cojson/crypto/NapiCrypto";
import { createWebSocketPeer } from "cojson-transport-ws";
import http from "node:http";
import { WebSocket, WebSocketServer } from "ws";
import { counted, megabytes, tell, timed } from "./bytes.mjs";
import { records } from "./records.mjs";

const PORT = 7104;
const peer = "Jazz (cojson) 0.20.19 (in memory, encrypted)";
const crypto = await NapiCrypto.create();

async function connected(port) {
  const websocket = new WebSocket(`ws://127.0.0.1:${port}`, { maxPayload: 2 ** 30, perMessageDeflate: false });
  await new Promise((open) => websocket.on("open", open));
  return createWebSocketPeer({ id: `up-${port}-${Date.now()}`, role: "server", websocket, expectPings: false });
}

const moment = () => new Promise((later) => setTimeout(later, 2));

if (process.argv[2] === "server") {
  const secret = crypto.newRandomAgentSecret();
  const node = new LocalNode(secret, crypto.newRandomSessionID(crypto.getAgentID(secret)), crypto);
  const server = new WebSocketServer({ port: PORT, host: "127.0.0.1", maxPayload: 2 ** 30 });
  let number = 0;
  server.on("connection", (websocket) => {
    const id = `client-${number++}`;
    node.syncManager.addPeer(
      createWebSocketPeer({ id, role: "client", websocket, expectPings: false, batchingByDefault: true }),
    );
  });
  // A phone that wrote everything, and edits when it is asked to.
  const made = await LocalNode.withNewlyCreatedAccount({
    creationProps: { name: "母" },
    crypto,
    peers: [await connected(PORT)],
  });
  const book = made.node.createGroup().createMap();
  const all = records();
  for (const record of all) book.set(record.id, record);
  await made.node.syncManager.waitForAllCoValuesSync(120_000);
  const account = { id: book.id, accountID: made.accountID, accountSecret: made.accountSecret };
  http
    .createServer((question, answer) => {
      if (question.url === "/edit") for (const record of all.slice(0, 10)) book.set(record.id, { ...record, note: "更新" });
      answer.end(JSON.stringify(account));
    })
    .listen(PORT + 100, "127.0.0.1", () => console.log("ready"));
} else {
  const side = `http://127.0.0.1:${PORT + 100}`;
  const account = await (await fetch(`${side}/`)).json();
  const { count, port } = await counted(PORT);
  const memory = megabytes();
  let book;
  const first = await timed(count, async () => {
    const node = await LocalNode.withLoadedAccount({
      accountID: account.accountID,
      accountSecret: account.accountSecret,
      crypto,
      sessionID: crypto.newRandomSessionID(account.accountID),
      peers: [await connected(port)],
    });
    book = await node.load(account.id);
    while (book.keys().length < 10_000) await moment();
  });
  tell({ peer, what: "first", ms: first.ms, bytes: first.bytes, mb: megabytes() - memory });
  await new Promise((quiet) => setTimeout(quiet, 1000));
  const ids = records().slice(0, 10).map((record) => record.id);
  const edits = await timed(count, async () => {
    await fetch(`${side}/edit`);
    while (ids.some((id) => book.get(id).note !== "更新")) await moment();
  });
  tell({ peer, what: "edits", ms: edits.ms, bytes: edits.bytes });
  process.exit();
}
