// People, made as the console makes them: the first by the printed link, others by invitation.
import assert from "node:assert/strict";

export const PASSWORD = "correct horse battery";

async function choosePassword(page) {
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByLabel("Password again").fill(PASSWORD);
  await page.getByRole("button", { name: "Set the password and sign in" }).click();
}

/** The first person of a gateway. */
export async function first(gateway, context, name = "anna") {
  const page = await context.newPage();
  await page.goto(gateway.link());
  await page.getByLabel("Name to sign in with").fill(name);
  await page.getByLabel("Your name for others").fill("Anna Berg");
  await choosePassword(page);
  await page.waitForURL(/\/w\//);
  return page;
}

/** Invites somebody with roles; answers their link. */
export async function invite(gateway, page, name, roles, scope = "lab") {
  await page.goto(`${gateway.url}/w/lab/users`);
  await page.getByLabel("Name to sign in with").fill(name);
  for (const role of roles) await page.getByRole("checkbox", { name: role, exact: true }).check();
  await page.getByLabel("Where the roles count").selectOption(scope);
  await page.getByRole("button", { name: "Add and make a link" }).click();
  const link = await page.locator(".success code").textContent();
  assert.match(link, /\/set-up\//);
  return link;
}

/** Somebody who was invited, signed in. */
export async function accept(context, link) {
  const page = await context.newPage();
  await page.goto(link);
  await choosePassword(page);
  await page.waitForURL(/\/w\//);
  return page;
}

export async function signIn(page, name, password = PASSWORD) {
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}
