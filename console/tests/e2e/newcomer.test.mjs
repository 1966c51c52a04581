// Somebody starts the demonstration, knows nothing, and sends a test alert that arrives.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axe, launch, live } from "./lib/browser.mjs";
import { startDemo } from "./lib/demo.mjs";
import { start } from "./lib/gateway.mjs";
import { PASSWORD, first } from "./lib/people.mjs";

let browser, demo;

before(async () => {
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await demo?.stop();
  browser?.quiet();
});

test("from the link in the terminal to a receiver and a handset, by what the pages say alone", async () => {
  demo = await startDemo();
  const page = await browser.newPage();
  await page.goto(demo.link);
  await page.getByLabel("Name to sign in with").fill("nora");
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByLabel("Password again").fill(PASSWORD);
  await page.getByRole("button", { name: "Set the password and sign in" }).click();

  await page.getByRole("heading", { name: "Overview" }).waitFor();
  assert.match(await page.locator(".mode-banner").innerText(), /TEST/);
  await page.getByRole("link", { name: "Send the example alert" }).click();

  await page.getByRole("heading", { level: 1, name: "Check" }).waitFor();
  const text = await page.locator(".handset-text").first().innerText();
  assert.match(await page.locator("main").innerText(), /group lab/);
  await page.getByRole("button", { name: "Send the test for approval" }).click();

  await page.getByText("This is your own").waitFor();
  await page.getByRole("checkbox", { name: /I understand/ }).check();
  await page.getByRole("button", { name: "Approve the test" }).click();

  await page.getByRole("heading", { name: "How it gets on" }).waitFor();
  if (process.env.PUSHCAST_SITE) await live(page);
  await page.locator(".card .tag", { hasText: "Delivered" }).waitFor({ timeout: 60_000 });
  await page.getByText("broadcast in 3 of 3 cells").first().waitFor({ timeout: 60_000 });
  assert.deepEqual(await axe(page), []);

  const escaped = text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  await demo.says(new RegExp(`^received .*\\n +\\| ${escaped}$`, "m"));
  await demo.says(/^handset +409\d\d\/\S+ .*\n +1 \| TEST\. Flood warning for Alnwick/m);

  await page.goto(`${new URL(page.url()).origin}/w/lab`);
  assert.equal(await page.getByRole("link", { name: "Send the example alert" }).count(), 0);
  await page.context().close();
});

test("templates are there from the first start on, in live and test workspaces, with blanks to fill", async () => {
  const gateway = await start();
  const page = await first(gateway, await browser.newContext());
  await page.goto(`${gateway.url}/w/lab`);
  await page.getByRole("link", { name: "Send the example alert" }).waitFor();
  await page.getByRole("link", { name: "Compose an alert" }).click();
  await page.getByText("Flood: leave low ground").click();
  const blanks = { place: "Alnwick", river: "Aln", "where it is safe": "the castle", "who sends this": "Civil protection", "where to learn more": "112" };
  const form = page.locator("details[open]");
  for (const [name, value] of Object.entries(blanks)) await form.getByLabel(name, { exact: true }).fill(value);
  await form.getByRole("button", { name: "Begin with this template" }).click();
  assert.match(await page.locator("#text").inputValue(), /^TEST\. FLOOD WARNING for Alnwick\. The Aln is rising fast .* go to the castle\./);
  assert.equal(await page.getByLabel("Severity").inputValue(), "severe");

  await page.goto(`${gateway.url}/w/live/templates`);
  const named = await page.locator("main").innerText();
  for (const name of ["Flood: leave low ground", "All clear", "Sent in error: there is no danger"]) assert.match(named, new RegExp(name));
  await page.context().close();
  await gateway.stop();
});
