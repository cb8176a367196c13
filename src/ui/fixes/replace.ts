/** Replaces a blocking call by its counterpart that is awaited. Pure. */
import { awaited, hazard, makeAsync } from './asyncify.ts';
import type { BlockingSite } from './blocking.ts';
import type { Counterpart } from './counterparts.ts';
import { counterpartOf } from './counterparts.ts';
import type { Fix } from './fix.ts';
import { makeKnown, promisified } from './imports.ts';
import { child } from './scopes.ts';
import { withoutShell } from './shell.ts';
import { endOf, isPath, startOf, textOf } from './syntax.ts';
import type { Edit, Source } from './syntax.ts';

/** None where nothing does the same, or `await` can't stand. */
export function replaceCall(source: Source, site: BlockingSite): Fix[] {
  const counterpart = counterpartOf(site.module, site.name);
  if (!counterpart || isPath(site.call.parent, 'AwaitExpression')) return [];
  const { module, name } = counterpart;
  const what = module === 'fs/promises' ? `await ${name}` : `await a promisified ${name}`;
  const fix = replaceBy(source, site, counterpart, what);
  const words = withoutShell(site);
  const direct = words && replaceBy(source, site, { ...counterpart, name: 'execFile' }, EXEC_FILE);
  return [...(fix ? [fix] : []), ...(words && direct ? [{ ...direct, edits: [...direct.edits, words] }] : [])];
}

const EXEC_FILE = 'await a promisified execFile, without a shell';

function replaceBy(source: Source, site: BlockingSite, counterpart: Counterpart, what: string): Fix | undefined {
  const options = optionsOf(source, site, counterpart);
  const room = options && makeAsync(source, site.call);
  if (!room) return undefined;
  const { expression, edits } = reach(source, site, counterpart);
  const { property, suffix, caution } = counterpart;
  const whole =
    property === undefined ? awaited(source, site.call, 'await ', suffix) : withProperty(source, site, property);
  const [before, ...behind] = whole;
  if (!before) return undefined;
  const made = room.made.length === 0 ? '' : `, making ${list(room.made)} async`;
  return {
    title: `Replace by ${what}${made}`,
    cautions: [...new Set([...room.cautions, ...options.cautions, ...(caution ? [caution] : [])])],
    edits: [
      ...edits,
      ...room.edits,
      { start: site.start, end: site.end, text: `${before.text}${expression}` },
      ...options.edits,
      ...behind,
    ],
  };
}

function reach(source: Source, site: BlockingSite, counterpart: Counterpart): { expression: string; edits: Edit[] } {
  const { module, name } = counterpart;
  const callee = child(site.call, 'callee');
  // Of `fs.readFileSync` it is `fs` that may become unused, if the new function comes from elsewhere.
  const isMember = isPath(callee, 'MemberExpression');
  const owner = isMember && module === 'fs/promises' ? child(callee, 'object') : undefined;
  const instead = isMember ? owner : callee;
  const known = makeKnown(source, { module, name, at: site.call, instead });
  if (module === 'fs/promises') return known;
  const wrapped = promisified(source, known.expression, site.call);
  return { expression: wrapped.expression, edits: [...known.edits, ...wrapped.edits] };
}

function withProperty(source: Source, { call }: BlockingSite, property: string): Edit[] {
  const isUnused = isPath(call.parent, 'ExpressionStatement');
  if (isUnused) return awaited(source, call);
  const [start, end] = [startOf(call.node), endOf(call.node)];
  return [
    { start, end: start, text: `${hazard(source, call)}(await ` },
    { start: end, end, text: `)${property}` },
  ];
}

/** Methods that text has, too. */
const TEXT_METHODS = new Set(['toString', 'trim', 'split', 'replace']);

/** What has to change in the arguments; undefined where an option has no counterpart. */
function optionsOf(
  source: Source,
  site: BlockingSite,
  { property }: Counterpart,
): { edits: Edit[]; cautions: string[] } | undefined {
  const { call } = site;
  const text = call.node.arguments.map((argument) => textOf(source, argument)).join(',');
  const [first] = call.node.arguments;
  // Promises take no file descriptor.
  if (site.module === 'fs' && first?.type === 'NumericLiteral') return undefined;
  if (/\bthrowIfNoEntry\b/.test(text)) return undefined;
  if (property === undefined) return { edits: [], cautions: [] };
  if (/\b(?:stdio|input)\b/.test(text)) return undefined;
  if (/\bencoding\b/.test(text) || isPath(call.parent, 'ExpressionStatement')) return { edits: [], cautions: [] };
  const { parent } = call;
  const method = isPath(parent, 'MemberExpression') && parent.node.property;
  if (method && method.type === 'Identifier' && TEXT_METHODS.has(method.name)) return { edits: [], cautions: [] };
  return asBuffer(site);
}

/** The blocking functions give a Buffer where no encoding is given, the others text. */
function asBuffer({ call, name }: BlockingSite): { edits: Edit[]; cautions: string[] } {
  const { arguments: given } = call.node;
  const last = given.at(-1);
  const full = name === 'execSync' ? 2 : 3;
  const hasOptions = last?.type === 'ObjectExpression';
  if (hasOptions || given.length >= full || given.length === 0 || !last) {
    return { edits: [], cautions: ['the output is text, not a Buffer'] };
  }
  const end = endOf(last);
  return { edits: [{ start: end, end, text: `, { encoding: 'buffer' }` }], cautions: [] };
}

function list(names: readonly string[]): string {
  return names.length < 3 ? names.join(' and ') : `${names[0] ?? ''} and ${names.length - 1} more`;
}
