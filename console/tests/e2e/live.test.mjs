// Pages that change by themselves: without reload, over a broken connection, without script.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, live } from "./lib/browser.mjs";
import { start, submit } from "./lib/gateway.mjs";
import { first } from "./lib/people.mjs";

let gateway, browser, context, page;

before(async () => {
  gateway = await start();
  browser = await launch();
  context = await browser.newContext();
  page = await first(gateway, context);
});

after(async () => {
  await browser?.close();
  await gateway?.stop();
  browser?.quiet();
});

/** Counts how often the page is loaded. */
function loads() {
  let count = 0;
  page.on("load", () => (count += 1));
  return () => count;
}

test("a push gets on before one's eyes, without reload", async () => {
  submit(gateway, { id: "long", text: "x".repeat(400_000) });
  await page.goto(`${gateway.url}/w/lab/submissions?tab=all`);
  await page.getByRole("link", { name: "long" }).click();
  await live(page);
  const loaded = loads();
  await page.locator(".live-state", { hasText: "Live" }).waitFor();
  await page.locator(".card .tag", { hasText: "Delivered" }).waitFor({ timeout: 30_000 });
  await page.getByText("3 of 3").waitFor({ timeout: 30_000 });
  assert.equal(loaded(), 0);
});

test("a lost connection is said, and what was missed is shown when it is back", async () => {
  submit(gateway, { id: "later", text: "y".repeat(200_000) });
  await page.goto(`${gateway.url}/w/lab/submissions?tab=all`);
  await page.getByRole("link", { name: "later" }).click();
  await live(page);
  await page.locator(".live-state", { hasText: "Live" }).waitFor();
  await gateway.kill();
  await page.locator(".live-state", { hasText: "Connection lost" }).waitFor();
  await gateway.again();
  // Either it is live again, or the push is over and nothing changes any more.
  await page.locator(".live-state", { hasText: "Connection lost" }).waitFor({ state: "hidden", timeout: 30_000 });
  await page.locator(".card .tag", { hasText: "Delivered" }).waitFor({ timeout: 30_000 });
});

test("a click works soon after a page is opened; how soon is printed", async () => {
  const hasty = await browser.newContext({ storageState: await context.storageState() });
  // Clicks the map in every frame from the first moment, until a click has made a corner.
  await hasty.addInitScript(() => {
    const press = () => {
      const map = document.querySelector(".map-drawn");
      const box = map?.getBoundingClientRect();
      const at = box && { clientX: box.x + box.width / 2, clientY: box.y + box.height / 2, bubbles: true };
      if (at) map.dispatchEvent(new MouseEvent("click", at));
      if (document.querySelector("#corners")?.value) window.worksAfter = performance.now();
      else requestAnimationFrame(press);
    };
    press();
  });
  const drawing = await hasty.newPage();
  const times = [];
  for (let round = 0; round < 15; round += 1) {
    await drawing.goto(`${gateway.url}/w/lab/areas/new`);
    await drawing.waitForFunction(() => window.worksAfter !== undefined);
    times.push(await drawing.evaluate(() => window.worksAfter));
  }
  // The first one also fetches and compiles the bundle.
  const [first, ...later] = times;
  later.sort((a, b) => a - b);
  console.log(`click works after ${first.toFixed(0)} ms, then ${later[7].toFixed(0)} ms (${later[0].toFixed(0)} to ${later.at(-1).toFixed(0)})`);
  await hasty.close();
});

test("without script a live page says how to see what is new", async () => {
  const plain = await browser.newContext({ javaScriptEnabled: false, storageState: await context.storageState() });
  const still = await plain.newPage();
  await still.goto(`${gateway.url}/w/lab`);
  assert.equal(await still.getByRole("link", { name: "Refresh" }).isVisible(), true);
  const refresh = await still.locator("noscript meta, meta[http-equiv=refresh]").count();
  assert.equal(refresh, 1);
  await plain.close();
});

test("before the session ends it is said, and staying leaves what was written", async () => {
  const page = await context.newPage();
  await page.clock.install();
  await page.goto(`${gateway.url}/w/lab/alerts/new`);
  await page.getByRole("button", { name: "Begin with an empty alert" }).click();
  await live(page);
  await page.locator("#text").fill("Half a sentence");
  const warning = page.getByRole("button", { name: "Stay signed in" });
  assert.equal(await warning.isVisible(), false);
  await page.clock.fastForward("28:30");
  await warning.waitFor();
  const kept = page.waitForResponse((answer) => answer.url().endsWith("/session/keep"));
  await warning.click();
  assert.equal((await kept).status(), 204);
  await warning.waitFor({ state: "hidden" });
  assert.equal(await page.locator("#text").inputValue(), "Half a sentence");
  await page.close();
});

test("a form that is sent after the session has ended is not lost", async () => {
  await page.goto(`${gateway.url}/w/lab/alerts/new`);
  await page.getByRole("button", { name: "Begin with an empty alert" }).click();
  await page.getByLabel("Title").fill("Written before");
  await page.locator("#text").fill("This text must not be lost.");
  await context.clearCookies();
  await page.getByRole("button", { name: "Save and count" }).click();
  await page.getByText("What you have written is kept").waitFor();
  await page.getByLabel("Name", { exact: true }).fill("anna");
  await page.getByLabel("Password").fill("correct horse battery");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Send it now" }).click();
  assert.equal(await page.getByLabel("Title").inputValue(), "Written before");
  assert.equal(await page.locator("#text").inputValue(), "This text must not be lost.");
});
