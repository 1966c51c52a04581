// A gateway of its own for each test file: `pushcast serve` with a folder that is gone afterwards.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const binary = process.env.PUSHCAST ?? "pushcast";
const PATIENCE_MS = 30_000;

/** A port that was free a moment ago. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Waits until a question has an answer. */
export async function patiently(what, ask) {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > until) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A channel to a simulated centre. */
const cells = (centre) => `
[[cbc]]
name = "centre"
adapter = "ecbe"
url = "http://127.0.0.1:${centre.port}"
command_port = "127.0.0.1:${centre.commandPort}"

[[channel]]
name = "cells"
kind = "cbs"
link = "centre"
message_ids = ["40960-40969"]
repetition_s = 5
`;

/** One live and one test workspace with a channel each, names of every kind; with a centre the live
 *  one has cells too. */
export function configuration({ idleMinutes = 30, undo = 0, multicast = 5042, centre } = {}) {
  const live = centre ? '"public", "cells"' : '"public"';
  const channel = (name, group, tsi, carousel) => `
[[channel]]
name = "${name}"
kind = "flute"
bearer = "MBMS"
group = "${group}"
port = ${multicast}
source = "127.0.0.1"
tsi = ${tsi}
rate_bps = 2000000
carousel = { ${carousel} }
`;
  return `
[server]
ppg_name = "e2e"

[console]
idle_minutes = ${idleMinutes}
undo_s = ${undo}

[[lane]]
name = "main"
interface = "127.0.0.1"
${channel("lab", "239.255.42.1", 1, "passes = 3, delay_ms = 500")}
${channel("public", "239.255.42.2", 2, 'until = "expiry", delay_ms = 500')}

${centre ? cells(centre) : ""}
[[workspace]]
name = "live"
title = "Civil protection"
mode = "live"
channels = [${live}]

[[workspace]]
name = "lab"
title = "Practice"
mode = "test"
channels = ["lab"]

[[area]]
name = "valley"
channels = ["lab", "public"]

[[alias_group]]
name = "lab"
channels = ["lab"]
areas = ["valley"]
receivers_expected = 1200

[[alias_group]]
name = "everyone"
channels = [${live}]
deliver = "all"
receivers_expected = 250000

[[alias_group]]
name = "air"
channels = ["public"]

[[alias_group]]
name = "Überflutung und sehr lange Namen: Gemeinden am Unterlauf, Ortsteile rechts des Deiches"
channels = ["lab"]

[[alias_group]]
name = "مجموعة الإنذار"
channels = ["lab"]

[[initiator]]
name = "pi"
trusted_from = ["127.0.0.0/8"]
groups = ["*"]
areas = ["*"]
`;
}

/** Starts a gateway and waits until it answers. */
export async function start(options = {}) {
  const folder = mkdtempSync(join(tmpdir(), "pushcast-e2e-"));
  const [main, admin, multicast] = [await freePort(), await freePort(), await freePort()];
  const file = join(folder, "pushcast.toml");
  writeFileSync(file, options.configuration ?? configuration({ ...options, multicast }));
  const url = `http://127.0.0.1:${main}`;
  const environment = { ...process.env, RUST_LOG: "info", TZ: "Europe/Berlin" };
  if (options.bundle === false) delete environment.PUSHCAST_SITE;
  const run = () =>
    spawn(binary, ["serve", "--config", file, "--data-dir", join(folder, "data"), "--listen", `127.0.0.1:${main}`, "--admin-listen", `127.0.0.1:${admin}`], {
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
  const gateway = { url, folder, log: "", multicast, child: run() };
  const listen = (child) => {
    child.stdout.on("data", (data) => (gateway.log += data));
    child.stderr.on("data", (data) => (gateway.log += data));
  };
  listen(gateway.child);
  const ready = async () => {
    const until = Date.now() + PATIENCE_MS;
    for (;;) {
      if (gateway.child.exitCode !== null) throw new Error(`the gateway ended:\n${gateway.log}`);
      try {
        const answer = await fetch(`http://127.0.0.1:${admin}/readyz`);
        if (answer.ok) return;
      } catch {
        // Not listening yet.
      }
      if (Date.now() > until) throw new Error(`the gateway is not ready:\n${gateway.log}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  await ready();
  gateway.kill = () =>
    new Promise((resolve) => {
      if (gateway.child.exitCode !== null || gateway.child.signalCode !== null) return resolve();
      gateway.child.on("exit", resolve);
      gateway.child.kill("SIGKILL");
    });
  gateway.again = async () => {
    gateway.child = run();
    listen(gateway.child);
    await ready();
  };
  gateway.stop = async () => {
    await gateway.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  gateway.link = () => {
    const found = gateway.log.match(/\/set-up\/[A-Za-z0-9_-]+/);
    if (!found) throw new Error(`no link for the first person was printed:\n${gateway.log}`);
    return url + found[0];
  };
  return gateway;
}

/** Runs a subcommand to its end. */
export function pushcast(...parameters) {
  const done = spawnSync(binary, parameters, { encoding: "utf8", timeout: PATIENCE_MS });
  if (done.status !== 0) throw new Error(`pushcast ${parameters.join(" ")}: ${done.stderr}${done.stdout}`);
  return done.stdout;
}

/** Submits a push over PAP. */
export function submit(gateway, { to = "group/lab", text = "A push", id, more = [] } = {}) {
  const file = join(gateway.folder, `push-${Math.abs(hash(text))}.txt`);
  writeFileSync(file, text);
  const named = id ? ["--push-id", id] : [];
  return pushcast("submit", "--ppg", `${gateway.url}/pap`, "--to", to, "--file", file, "--content-type", "text/plain; charset=utf-8", ...named, ...more);
}

function hash(text) {
  let value = 7;
  for (const character of text) value = (value * 31 + character.codePointAt(0)) | 0;
  return value;
}

/** A receiver that runs until it has so many files, or the time is over. */
export function receive(gateway, channel, count = 1) {
  const out = mkdtempSync(join(gateway.folder, "received-"));
  const child = spawn(binary, ["receive", "--session", `${gateway.url}/sessions/${channel}.sdp`, "--out", out, "--count", String(count), "--timeout", "60s", "--json"]);
  let lines = "";
  child.stdout.on("data", (data) => (lines += data));
  const done = new Promise((resolve) => child.on("exit", () => resolve(lines.trim().split("\n").filter(Boolean).map((line) => JSON.parse(line)))));
  return { out, done, stop: () => child.kill("SIGKILL") };
}
