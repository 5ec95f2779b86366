// Counts what goes over a connection, and the memory that a process needed at most.
import fs from "node:fs";
import net from "node:net";

export async function counted(port) {
  const count = { bytes: 0 };
  const door = net.createServer((near) => {
    const far = net.connect(port, "127.0.0.1");
    near.on("data", (data) => (count.bytes += data.length));
    far.on("data", (data) => (count.bytes += data.length));
    near.pipe(far).pipe(near);
    near.on("error", () => far.destroy());
    far.on("error", () => near.destroy());
  });
  await new Promise((ready) => door.listen(0, "127.0.0.1", ready));
  return { count, port: door.address().port };
}

export const megabytes = () =>
  Number(fs.readFileSync("/proc/self/status", "utf8").match(/VmHWM:\s+(\d+)/)[1]) / 1024;

/** One row of the table. */
export const tell = (row) => console.log(JSON.stringify(row));

/** How long something takes, and what it sends. */
export async function timed(count, work) {
  const [before, begun] = [count.bytes, performance.now()];
  const done = await work();
  return { ms: performance.now() - begun, bytes: count.bytes - before, done };
}
