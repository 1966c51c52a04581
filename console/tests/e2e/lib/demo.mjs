// `pushcast demo`, as somebody starts it who has just fetched the project.
import { spawn } from "node:child_process";
import { patiently } from "./gateway.mjs";

const binary = process.env.PUSHCAST ?? "pushcast";

/** Starts it and waits until it says where the console is. */
export async function startDemo() {
  const child = spawn(binary, ["demo"], { stdio: ["ignore", "pipe", "pipe"] });
  const demo = { terminal: "" };
  child.stdout.on("data", (data) => (demo.terminal += data));
  child.stderr.on("data", (data) => (demo.terminal += data));
  const ended = new Promise((resolve) => child.on("exit", resolve));
  demo.says = (pattern) =>
    patiently(`the terminal says ${pattern}`, () => {
      if (child.exitCode !== null) throw new Error(`the demonstration ended:\n${demo.terminal}`);
      return demo.terminal.match(pattern) ?? undefined;
    });
  demo.stop = () => {
    child.kill("SIGINT");
    return ended;
  };
  [, demo.link] = await demo.says(/^console +open (\S+)$/m);
  return demo;
}
