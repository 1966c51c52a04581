// A simulated Cell Broadcast Centre with cells and a handset: `pushcast cbc`.
import { spawn } from "node:child_process";
import { freePort, patiently } from "./gateway.mjs";

const binary = process.env.PUSHCAST ?? "pushcast";

/** Starts a centre. `shown` is what its handset has shown, `requests` what it was asked for. */
export async function startCentre() {
  const [port, commandPort] = [await freePort(), await freePort()];
  const child = spawn(binary, ["cbc", "--json", "--speed", "20", "--listen", `127.0.0.1:${port}`, "--command-port", `127.0.0.1:${commandPort}`]);
  const centre = { port, commandPort, shown: [], requests: [] };
  let rest = "";
  child.stdout.on("data", (data) => {
    const lines = (rest + data).split("\n");
    rest = lines.pop();
    for (const line of lines.filter(Boolean)) {
      const happened = JSON.parse(line);
      if (happened.event === "shown") centre.shown.push(happened);
      if (happened.event === "request") centre.requests.push(happened);
    }
  });
  centre.state = async () => (await fetch(`http://127.0.0.1:${port}/simulator/state`)).json();
  centre.stop = () => child.kill("SIGKILL");
  await patiently("the centre", () => centre.state().catch(() => undefined));
  return centre;
}
