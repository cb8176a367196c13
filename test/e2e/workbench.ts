/**
 * Hands and eyes of the tests in the page of the headless VS Code. Under a desktop VS Code there is no page: `page` is undefined and
 * tests assert on what the extension's API and VS Code's own tell instead.
 */

/** Set by the headless VS Code; see scripts/headless/control.mjs. */
const address = process.env['ASYNC_LENS_WORKBENCH'];

/** `selector` is a CSS selector; `text` narrows it to elements that contain it. Waiting gives up after `timeoutMs` (default 15 s). */
interface Target {
  selector: string;
  text?: string;
  timeoutMs?: number;
}

export interface Page {
  texts(selector: string): Promise<string[]>;
  attributes(selector: string, attribute: string): Promise<string[]>;
  click(target: Target): Promise<void>;
  /** Moves the pointer there and lets it rest. */
  hover(target: Target): Promise<void>;
  press(key: string): Promise<void>;
  wait(target: Target): Promise<void>;
}

async function ask(operation: string, fields: object): Promise<unknown> {
  if (address === undefined) throw new Error('there is no page under a desktop VS Code');
  const response = await fetch(address, { method: 'POST', body: JSON.stringify({ operation, ...fields }) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${operation} ${JSON.stringify(fields)}: ${text}`);
  return JSON.parse(text);
}

async function strings(operation: string, fields: object): Promise<string[]> {
  const answer = await ask(operation, fields);
  if (!Array.isArray(answer)) throw new Error(`${operation} answered ${JSON.stringify(answer)}`);
  return answer.map(String);
}

const control: Page = {
  texts: (selector) => strings('texts', { selector }),
  attributes: (selector, attribute) => strings('attributes', { selector, attribute }),
  click: async (target) => void (await ask('click', target)),
  hover: async (target) => void (await ask('hover', target)),
  press: async (key) => void (await ask('press', { key })),
  wait: async (target) => void (await ask('wait', target)),
};

/** The page, or undefined under a desktop VS Code. */
export const page = address === undefined ? undefined : control;

/** Keeps a picture as build/screenshots/<suite>/<name>.png; does nothing under a desktop VS Code. */
export async function screenshot(name: string): Promise<void> {
  if (page) await ask('screenshot', { name });
}
