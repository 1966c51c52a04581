// Every screen: with script and without, light and dark, wide and at 320 px, and what axe says.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { axe, complaints, launch, live, overflows } from "./lib/browser.mjs";
import { startCentre } from "./lib/centre.mjs";
import { start, submit } from "./lib/gateway.mjs";
import { first } from "./lib/people.mjs";
import { furnish, screens } from "./lib/screens.mjs";

/** Paths that are no screens of a workspace, and what they are. */
const ELSEWHERE = {
  "/": "leads on to the workspace",
  "/sign-in": "a test of its own below",
  "/set-up/{link}": "newcomer.test.mjs",
  "/assets/{file}": "a file",
  "/w/{workspace}/live": "a stream of events: live.test.mjs",
  "/w/{workspace}/submissions.csv": "a file",
  "/w/{workspace}/submissions/{id}/content": "a file",
  "/w/{workspace}/submissions/{id}/raw/{part}": "a file",
  "/w/{workspace}/attachments/{sha256}": "a file",
  "/w/{workspace}/groups.csv": "a file",
  "/w/{workspace}/areas.csv": "a file",
  "/w/{workspace}/areas/named/{name}/geojson": "a file",
  "/w/{workspace}/reports.csv": "a file",
  "/w/{workspace}/audit.csv": "a file",
};

let centre, gateway, browser, made, state;

before(async () => {
  centre = await startCentre();
  gateway = await start({ centre });
  browser = await launch();
  const context = await browser.newContext();
  const page = await first(gateway, context);
  made = await furnish(gateway, page, submit);
  state = await context.storageState();
  await context.close();
});

after(async () => {
  await browser?.close();
  await gateway?.stop();
  centre?.stop();
  browser?.quiet();
});

async function walk(options, look) {
  const context = await browser.newContext({ storageState: state, ...options });
  const page = await context.newPage();
  const found = complaints(page);
  const wrong = [];
  for (const [name, path] of screens(made)) {
    const answer = await page.goto(`${gateway.url}/w/lab${path}`);
    if (answer.status() !== 200) wrong.push(`${name}: status ${answer.status()}`);
    for (const problem of await look(page, name)) wrong.push(`${name}: ${problem}`);
    for (const complaint of found.splice(0)) wrong.push(`${name}: ${complaint}`);
  }
  await context.close();
  assert.deepEqual(wrong, []);
}

/** One heading, one banner that names the mode, a title that names the page. */
async function whole(page) {
  const wrong = [];
  const heading = await page.locator("h1").allTextContents();
  if (heading.length !== 1) wrong.push(`${heading.length} headings`);
  if (!(await page.title()).startsWith(heading[0])) wrong.push(`title ${await page.title()}`);
  if (!(await page.locator(".mode-banner").innerText()).includes("TEST")) wrong.push("no mode");
  return wrong;
}

describe("every screen", () => {
  test("is whole and live with script", () =>
    walk({}, async (page) => {
      await live(page);
      return whole(page);
    }));

  test("is whole without script", () => walk({ javaScriptEnabled: false }, whole));

  for (const colorScheme of ["light", "dark"]) {
    test(`has nothing serious for axe, ${colorScheme}`, () =>
      walk({ colorScheme }, async (page) => {
        await live(page);
        return axe(page);
      }));
  }

  test("fits 320 px", () =>
    walk({ viewport: { width: 320, height: 640 } }, async (page) => ((await overflows(page)) ? ["scrolls sideways"] : [])));

  test("fits 1280 px", () =>
    walk({ viewport: { width: 1280, height: 800 } }, async (page) => ((await overflows(page)) ? ["scrolls sideways"] : [])));
});

test("the list of screens is whole", () => {
  const source = readFileSync(new URL("../../src/http/routes.rs", import.meta.url), "utf8");
  const routes = [...source.matchAll(/^ {4}GET +"([^"]+)"/gm)].map(([, path]) => path);
  assert.ok(routes.length > 40, "the list of routes is read");
  const shown = screens(made).map(([, path]) => `/w/lab${path}`.split("?")[0]);
  const isShown = (route) => {
    const pattern = route.replace(/[.]/g, "\\.").replace(/\{[a-z0-9_]+\}/g, "[^/]+");
    return shown.some((path) => new RegExp(`^${pattern}$`).test(path));
  };
  const missing = routes.filter((route) => !isShown(route) && !(route in ELSEWHERE));
  assert.deepEqual(missing, [], "each page has a line in lib/screens.mjs");
  assert.deepEqual(Object.keys(ELSEWHERE).filter((route) => !routes.includes(route)), []);
});

test("the sign-in page has nothing serious for axe and fits 320 px", async () => {
  const page = await browser.newPage({ viewport: { width: 320, height: 640 } });
  await page.goto(`${gateway.url}/sign-in`);
  assert.deepEqual(await axe(page), []);
  assert.equal(await overflows(page), false);
  await page.close();
});

test("a console without its browser half is whole", async () => {
  const plain = await start({ bundle: false });
  const page = await browser.newPage();
  const found = complaints(page);
  await page.goto(plain.link());
  assert.equal(await page.locator("script").count(), 0);
  assert.match(plain.log, /without its browser half/);
  assert.deepEqual(found, []);
  await page.close();
  await plain.stop();
});
