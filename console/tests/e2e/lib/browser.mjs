// Chromium as an operator has it, and as one has it whose scripts do not run.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What browsers say of answers that a test asks for: refusals, lost connections, foreign scripts. */
const EXPECTED = /Failed to load resource|net::ERR_|Content Security Policy|X-Frame-Options/;

/** Starts a browser. `quiet` fails if any page of it has complained of something else. */
export async function launch() {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
  });
  const found = [];
  const newContext = browser.newContext.bind(browser);
  browser.newContext = async (options) => {
    const context = await newContext(options);
    context.on("page", (page) => found.push(complaints(page)));
    return context;
  };
  browser.newPage = async (options) => (await browser.newContext(options)).newPage();
  browser.quiet = () => {
    const wrong = found.flat().filter((complaint) => !EXPECTED.test(complaint));
    assert.deepEqual(wrong, []);
  };
  return browser;
}

/** Waits until the islands run. */
export const live = (page) => page.waitForFunction(() => document.documentElement.dataset.live === "yes");

/** Whether the page scrolls sideways. */
export const overflows = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth + 1);

/** What axe finds that is serious or worse. The page's policy lets no script in but ours, so that
 *  axe comes by the driver's own way, which policies do not stop. */
export async function axe(page) {
  await page.evaluate(axeSource);
  const found = await page.evaluate(() =>
    window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }),
  );
  return found.violations
    .filter((violation) => ["serious", "critical"].includes(violation.impact))
    .map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.html.slice(0, 120)).join(" | ")}`);
}

/** Collects what a page complains about. */
export function complaints(page) {
  const found = [];
  page.on("pageerror", (error) => found.push(String(error)));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) found.push(message.text());
  });
  return found;
}
