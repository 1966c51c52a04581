// Every screen, by name and path in a workspace. `made` holds what was made to be looked at.
export const screens = (made) => [
  ["overview", ""],
  ["submissions", "/submissions?tab=all"],
  ["submissions-empty", "/submissions?tab=finished&text=none"],
  ["submissions-drafts", "/submissions?tab=drafts"],
  ["submission", `/submissions/${made.submission}`],
  ["submission-message", `/submissions/${made.submission}?view=message`],
  ["submission-stop", `/submissions/${made.running}/stop`],
  ["submission-recipients", `/submissions/${made.submission}?view=recipients`],
  ["compose", "/alerts/new"],
  ["compose-message", `/alerts/${made.alert}/message`],
  ["compose-message-rtl", `/alerts/${made.alert}/message?language=ar`],
  ["compose-audience", `/alerts/${made.alert}/audience`],
  ["compose-delivery", `/alerts/${made.alert}/delivery`],
  ["compose-check", `/alerts/${made.alert}/check`],
  ["alert", `/alerts/${made.alert}`],
  ["alert-raw", `/alerts/${made.alert}/raw`],
  ["alert-sent", `/alerts/${made.sent}`],
  ["alert-scheduled", `/alerts/${made.scheduled}`],
  ["alert-stop", `/alerts/${made.scheduled}/stop`],
  ["alert-history", `/alerts/${made.alert}?view=history`],
  ["alert-versions", `/alerts/${made.alert}?view=versions`],
  ["approvals", "/approvals"],
  ["review", `/alerts/${made.waiting}/review`],
  ["reports", "/reports"],
  ["groups", "/groups"],
  ["group", "/groups/named/lab"],
  ["group-new", "/groups/new"],
  ["areas", "/areas"],
  ["area", "/areas/named/valley"],
  ["area-new", "/areas/new"],
  ["areas-backdrop", "/areas/backdrop"],
  ["templates", "/templates"],
  ["template", `/templates/${made.template}`],
  ["channels", "/channels"],
  ["channel", "/channels/lab"],
  ["channel-new", "/new-channel"],
  ["channel-new-cbs", "/new-channel?kind=cbs"],
  ["link", "/links/centre"],
  ["file", "/file"],
  ["audit", "/audit"],
  ["audit-row", "/audit/1"],
  ["users", "/users"],
  ["user", "/users/anna"],
  ["workspaces", "/workspaces"],
  ["workspace", "/workspaces/lab"],
  ["account", "/account"],
  ...[1, 2, 3, 4, 5, 6].map((step) => [`tour-${step}`, `/tour/${step}`]),
];

/** Fills a gateway with something to look at, in the workspace of tests. */
export async function furnish(gateway, page, submit) {
  const made = {};
  submit(gateway, { id: "weather-1", text: "The first push of an initiator" });
  await page.goto(`${gateway.url}/w/lab/areas/named/valley`);
  await page.getByLabel("Corners").fill("47.05, 12.1\n47.35, 12.2\n47.4, 12.7\n47.1, 12.8");
  await page.getByLabel("People who live there").fill("18000");
  await page.getByRole("button", { name: "Store the area" }).click();
  await page.goto(`${gateway.url}/w/lab/areas/backdrop`);
  const lines = [[12.05, 47.0], [12.3, 47.2], [12.5, 47.22], [12.9, 47.45]];
  const river = JSON.stringify({ type: "LineString", coordinates: lines });
  const name = "Flüsse und sehr lange Namen von Dateien, wie Ämter sie haben, Stand November.geojson";
  await page.getByLabel("File").setInputFiles({ name, mimeType: "application/geo+json", buffer: Buffer.from(river) });
  await page.getByRole("button", { name: "Upload" }).click();
  await page.waitForURL(/saved/);
  made.alert = await draft(gateway, page, "Flood on the Aln: leave low ground");
  made.waiting = await draft(gateway, page, "Test of the sirens");
  await page.goto(`${gateway.url}/w/lab/alerts/${made.waiting}/check`);
  await page.getByRole("button", { name: "Send the test for approval" }).click();
  await page.goto(`${gateway.url}/w/lab/alerts/${made.alert}/message`);
  await page.getByText("Languages and characters").click();
  await page.getByLabel("Add a language").fill("ar");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.locator("#text").fill("تحذير من الفيضانات: غادروا المناطق المنخفضة الآن");
  await page.getByRole("button", { name: "Save and count" }).click();
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 16);
  made.sent = await draft(gateway, page, "Siren test at noon");
  made.scheduled = await draft(gateway, page, "Siren test of tomorrow", { start: tomorrow });
  await sendTest(gateway, page, made.scheduled, "Scheduled");
  await sendTest(gateway, page, made.sent, "Completed");
  submit(gateway, { id: "weather-later", text: "A push for tomorrow", more: ["--deliver-after", "2099-01-01T00:00:00Z", "--deliver-before", "2099-01-02T00:00:00Z"] });
  const last = async (name) => (await page.getByRole("link", { name }).first().getAttribute("href")).split("/").pop();
  await page.goto(`${gateway.url}/w/lab/submissions?tab=all`);
  made.submission = await last("weather-1");
  made.running = await last("weather-later");
  await page.goto(`${gateway.url}/w/lab/templates`);
  made.template = await last("Flood: leave low ground");
  return made;
}

/** Sends a draft of the test workspace, approves it, and waits until its page shows what it is then. */
async function sendTest(gateway, page, id, state) {
  await page.goto(`${gateway.url}/w/lab/alerts/${id}/check`);
  await page.getByRole("button", { name: "Send the test for approval" }).click();
  await page.getByRole("checkbox", { name: /I understand/ }).check();
  await page.getByRole("button", { name: "Approve the test" }).click();
  await page.locator(".page-head .tag", { hasText: state }).waitFor();
}

/** A complete draft to the lab group and the valley. Answers its id. */
export async function draft(gateway, page, title, { workspace = "lab", group = "lab", area = "valley", start } = {}) {
  await page.goto(`${gateway.url}/w/${workspace}/alerts/new`);
  await page.getByRole("button", { name: "Begin with an empty alert" }).click();
  await page.getByLabel("Title").fill(title);
  await page.getByLabel("Severity").selectOption("severe");
  await page.locator("#text").fill(`${title}. Move to higher ground. Civil protection, more at 112.`);
  await page.getByRole("button", { name: "Save and go on to the audience" }).click();
  await page.getByRole("checkbox", { name: group, exact: true }).check();
  if (area) await page.getByRole("checkbox", { name: area, exact: true }).check();
  await page.getByRole("button", { name: "Save and go on to the delivery" }).click();
  await page.getByLabel("Lasts, hours").fill("1");
  if (start) {
    await page.getByRole("radio", { name: "At this time:" }).check();
    await page.getByLabel(/^Start time/).fill(start);
  }
  await page.getByRole("button", { name: "Save and go on to the check" }).click();
  await page.waitForURL(/\/check$/);
  return page.url().match(/\/alerts\/([^/]+)\/check/)[1];
}
