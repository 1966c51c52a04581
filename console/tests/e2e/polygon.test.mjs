// An area, drawn with keys alone, by clicks, and by typing.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, live } from "./lib/browser.mjs";
import { start } from "./lib/gateway.mjs";
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

const corners = async () =>
  (await page.locator("#corners").inputValue()).split("\n").filter(Boolean).map((line) => line.split(",").map(Number));

test("with keys alone", async () => {
  await page.goto(`${gateway.url}/w/lab/areas/new`);
  await live(page);
  await page.getByLabel("Name").focus();
  await page.keyboard.type("drawn");
  for (let presses = 0; presses < 60; presses += 1) {
    const there = await page.evaluate(() => document.activeElement?.classList.contains("map-drawn"));
    if (there) break;
    await page.keyboard.press("Tab");
    if (await page.evaluate(() => document.activeElement?.id === "channels")) await page.keyboard.press("Space");
  }
  await page.keyboard.press("Enter");
  const [start] = await corners();
  await page.keyboard.press("Shift+ArrowUp");
  const [moved] = await corners();
  assert.ok(moved[0] > start[0], "the corner has moved north");
  await page.keyboard.press("+");
  await page.keyboard.press("+");
  await page.keyboard.press("ArrowUp");
  const [fine] = await corners();
  assert.ok(fine[0] - moved[0] < (moved[0] - start[0]) / 30, "zoomed in it moves less");
  await page.keyboard.press("-");
  await page.keyboard.press("-");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Shift+ArrowRight");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Shift+ArrowDown");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Delete");
  assert.equal((await corners()).length, 3);
  for (let presses = 0; presses < 60; presses += 1) {
    if (await page.evaluate(() => document.activeElement?.textContent === "Store the area")) break;
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("Enter");
  await page.waitForURL(/named\/drawn\?saved/);
  assert.equal((await corners()).length, 3);
});

test("by clicks, and what crosses itself is refused with what was drawn kept", async () => {
  await page.goto(`${gateway.url}/w/lab/areas/new`);
  await live(page);
  await page.getByLabel("Name").fill("crossed");
  await page.getByRole("checkbox", { name: "lab", exact: true }).check();
  const map = page.locator(".map-drawn");
  for (const [x, y] of [[100, 100], [300, 200], [300, 100], [100, 200]]) await map.click({ position: { x, y } });
  assert.equal((await corners()).length, 4);
  await page.getByRole("button", { name: "Store the area" }).click();
  assert.match(await page.locator(".error-summary").innerText(), /cross/);
  assert.equal((await corners()).length, 4);
});

test("by typing, without script", async () => {
  const plain = await browser.newContext({ javaScriptEnabled: false, storageState: await context.storageState() });
  const still = await plain.newPage();
  await still.goto(`${gateway.url}/w/lab/areas/new`);
  await still.getByLabel("Name").fill("typed");
  await still.getByRole("checkbox", { name: "lab", exact: true }).check();
  await still.getByLabel("Corners").fill("47, 12\n47.2, 12\n47.1, 12.3");
  await still.getByRole("button", { name: "Store the area" }).click();
  await still.waitForURL(/named\/typed\?saved/);
  assert.match(await still.locator("main").innerText(), /1 polygon/);
  await plain.close();
});
