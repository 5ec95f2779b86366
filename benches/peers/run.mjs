// Every peer, one after the other: a server process, then a client process that pulls 10,000 records, then ten edits, then nothing.
import { spawn } from "node:child_process";
import path from "node:path";
import readline from "node:readline";

const PEERS = [["pouch.mjs"], ["crdt.mjs", "loro"], ["crdt.mjs", "automerge"], ["jazz.mjs"], ["evolu.mjs"]];
const WORDS = { first: "first sync of 10,000 records", edits: "10 edits", nothing: "nothing new" };
const start = (script, words, stdout) =>
  spawn(process.execPath, [path.join(import.meta.dirname, script), ...words], { stdio: ["ignore", stdout, "inherit"] });

for (const [script, ...words] of PEERS) {
  // Evolu's three places are in one process.
  const server = script === "evolu.mjs" ? undefined : start(script, [...words, "server"], "pipe");
  if (server) for await (const line of readline.createInterface({ input: server.stdout })) if (line === "ready") break;
  const client = start(script, [...words, "client"], "pipe");
  for await (const line of readline.createInterface({ input: client.stdout })) {
    const { peer, what, ms, bytes, mb } = JSON.parse(line);
    const memory = mb === undefined ? "" : `, memory +${mb.toFixed(1)} MB`;
    console.log(`| ${WORDS[what]}: ${peer} |  | ${ms.toFixed(1)} ms, ${bytes} bytes${memory} |  |  |`);
  }
  server?.kill();
}
