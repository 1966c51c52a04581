// Pictures of every screen, 1280 and 390 px wide, light and some dark: node screenshots.mjs FOLDER
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { launch, live } from "./lib/browser.mjs";
import { startCentre } from "./lib/centre.mjs";
import { start, submit } from "./lib/gateway.mjs";
import { first } from "./lib/people.mjs";
import { furnish, screens } from "./lib/screens.mjs";

const folder = process.argv[2];
if (!folder) throw new Error("usage: node screenshots.mjs FOLDER");
mkdirSync(folder, { recursive: true });

const centre = await startCentre();
const gateway = await start({ centre });
const browser = await launch();
try {
  const context = await browser.newContext();
  const nobody = await context.newPage();
  await nobody.setViewportSize({ width: 1280, height: 800 });
  await nobody.goto(gateway.link());
  await nobody.screenshot({ path: join(folder, "set-up-1280.png"), fullPage: true });
  const page = await first(gateway, context);
  const made = await furnish(gateway, page, submit);
  for (const [width, colorScheme] of [[1280, "light"], [390, "light"], [1280, "dark"]]) {
    const visitor = await browser.newContext({ storageState: await context.storageState(), viewport: { width, height: 900 }, colorScheme });
    const tab = await visitor.newPage();
    const dark = colorScheme === "dark" ? "-dark" : "";
    for (const [name, path] of screens(made)) {
      await tab.goto(`${gateway.url}/w/lab${path}`);
      if (process.env.PUSHCAST_SITE) await live(tab);
      await tab.screenshot({ path: join(folder, `${name}-${width}${dark}.png`), fullPage: true });
    }
    for (const [name, path] of [["not-found", "/nothing"], ["live-workspace", ""]]) {
      await tab.goto(`${gateway.url}/w/${name === "not-found" ? "lab" : "live"}${path}`);
      await tab.screenshot({ path: join(folder, `${name}-${width}${dark}.png`), fullPage: true });
    }
    await visitor.close();
  }
  const stranger = await browser.newPage();
  await stranger.goto(`${gateway.url}/w/lab`);
  await stranger.screenshot({ path: join(folder, "sign-in-1280.png"), fullPage: true });
} finally {
  await browser.close();
  await gateway.stop();
  centre.stop();
}
