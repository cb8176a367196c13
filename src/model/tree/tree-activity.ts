/** The rows about what blocked the loop and what the rules found. */
import type { BlockingBegin, BlockingCall, Stall } from '../../protocol/agent.ts';
import type { TreeItem } from '../../protocol/dap.ts';
import type { Finding, Severity } from '../../protocol/report.ts';
import { groupCalls } from '../stalls/blocking-groups.ts';
import { effectsText } from '../stalls/effects.ts';
import { lineKey, placeOf, shortPlace } from '../place.ts';
import type { Sources } from '../sources.ts';
import type { StallGroup } from '../stalls/stall-groups.ts';
import { calledText, callText, culprit, groupStalls, ownerText } from '../stalls/stall-groups.ts';
import { effectItems } from './tree-effects.ts';
import { countOf, dotted, durationText } from '../wording/wording.ts';

const ICONS: Record<Severity, string> = { error: 'error', warning: 'warning', info: 'info' };

/** One row per finding, related places below. */
export function findingItems(findings: readonly Finding[], parentId: string): TreeItem[] {
  return findings.map((finding, index) => {
    const id = `${parentId}/${finding.rule}/${index}`;
    const times = finding.count === undefined ? '' : ` (×${finding.count})`;
    const place = shortPlace(finding.location);
    return {
      id,
      kind: 'finding',
      label: `${finding.message}${times}`,
      title: `${withoutAdvice(finding.message)}${times}`,
      description: dotted(finding.rule, place),
      summary: dotted(place, finding.rule),
      tooltip: evidence(finding),
      ...at(finding),
      icon: ICONS[finding.severity],
      severity: finding.severity,
      rule: finding.rule,
      children: finding.related.map((related, number) => ({
        id: `${id}/${number}`,
        kind: 'message',
        label: related.message,
        description: shortPlace(related.location) ?? '',
        ...at(related),
        icon: 'arrow-small-right',
        children: [],
      })),
    };
  });
}

/** The first sentence: what was found. The next ones say what can be done about it. */
function withoutAdvice(message: string): string {
  const end = message.search(/\. (?=\p{Lu})/u);
  return end < 0 ? message.replace(/\.$/, '') : message.slice(0, end);
}

/** "1 error · 2 warnings". */
export function severityCounts(findings: readonly Finding[]): string {
  return dotted(
    ...(['error', 'warning', 'info'] as const).map((severity) => {
      const count = findings.filter((finding) => finding.severity === severity).length;
      if (count === 0) return undefined;
      return severity === 'info' ? `${count} info` : countOf(count, severity);
    }),
  );
}

const SURENESS: Record<Finding['confidence'], string> = {
  proved: 'proved: it is so',
  likely: 'likely: what was seen suggests it',
};

/** What the hover says besides the message: how sure it is, and the places that show it. */
function evidence({ severity, confidence, related }: Finding): string {
  const steps = related.map(({ message, location }, index) =>
    [`${index + 1}. ${message}`, shortPlace(location)].filter(Boolean).join('  '),
  );
  return [`${severity}, ${SURENESS[confidence]}`, ...steps].join('\n');
}

/** One row per group of equal stalls; those of start-up, of which a loader makes many, are one row. */
export function stallItems(stalls: readonly Stall[], sources: Sources, parentId: string): TreeItem[] {
  const groups = groupStalls(stalls, sources);
  const early = groups.filter(({ worst, open }) => worst.kind === 'startup' && !open);
  const itemOf = (group: StallGroup): TreeItem => stallItem(group, sources, parentId);
  if (early.length < 2) return groups.map(itemOf);
  const later = groups.filter((group) => !early.includes(group)).map(itemOf);
  return [...later, startupItem(early, early.map(itemOf), parentId)];
}

function startupItem(groups: readonly StallGroup[], children: TreeItem[], parentId: string): TreeItem {
  const count = groups.reduce((sum, group) => sum + group.count, 0);
  const totalMs = groups.reduce((sum, group) => sum + group.totalMs, 0);
  return {
    id: `${parentId}/startup`,
    kind: 'stall',
    label: `start-up ×${count}`,
    description: `${durationText(totalMs)} in all`,
    tooltip: 'Modules are loaded and code runs for the first time: no stall of the program at work',
    icon: 'stop-circle',
    children,
  };
}

function stallItem(group: StallGroup, sources: Sources, parentId: string): TreeItem {
  const { worst, place } = group;
  const location = place?.location;
  const id = `${parentId}/${group.firstId}`;
  const busy = worst.overloaded === true ? 'the machine was busy' : undefined;
  const when = `at ${durationText(worst.startMs)}`;
  const effects = effectsText(worst);
  const [time, owner, called, where] = [stallTime(group), inFunction(group), calledText(group), shortPlace(location)];
  return {
    id,
    kind: 'stall',
    label: `${culprit(group)}${group.count > 1 ? ` ×${group.count}` : ''}`,
    description: dotted(time, owner, called, busy, where, when, effects),
    summary: dotted(time, where, owner, called, effects, busy, when),
    tooltip: `${worst.kind}, ${CONFIDENCE[worst.confidence]}`,
    ...(location === undefined ? {} : { location }),
    icon: 'stop-circle',
    children: effectItems(worst, sources, id),
  };
}

const CONFIDENCE: Record<Stall['confidence'], string> = {
  exact: 'measured by the call itself',
  sampled: 'seen in a stack taken during it',
  inferred: 'likely, by the order of events',
};

function stallTime({ worst, count, totalMs, open }: StallGroup): string {
  const length = durationText(worst.durationMs);
  if (open) return `${length} so far`;
  return count === 1 ? length : `up to ${length}, ${durationText(totalMs)} in all`;
}

function inFunction({ worst, place }: StallGroup): string | undefined {
  return worst.api === undefined || place === undefined ? undefined : `in ${ownerText(place)}`;
}

/** The call that holds the thread right now first, then one row per API and line; calls during start-up alone are left out. */
export function blockingItems(
  calls: readonly BlockingCall[],
  now: BlockingBegin | undefined,
  sources: Sources,
  parentId: string,
): TreeItem[] {
  const groups = groupCalls(calls, sources).filter(({ count }) => count > 0);
  const items = groups.map(({ api, detail, count, startupCount, totalMs, maxMs, place }): TreeItem => ({
    id: `${parentId}/${api}/${lineKey(place?.location)}`,
    kind: 'blocking-call',
    label: `${api}${count > 1 ? ` ×${count}` : ''}`,
    description: dotted(
      detail,
      shortPlace(place?.location),
      `${durationText(totalMs)}${count > 1 ? ` in all, longest ${durationText(maxMs)}` : ''}`,
      startupCount > 0 ? `${startupCount} more during start-up` : undefined,
    ),
    ...at({ ...place }),
    icon: 'watch',
    children: [],
  }));
  if (now === undefined) return items;
  const place = placeOf(now.stack, sources);
  return [
    {
      id: `${parentId}/now`,
      kind: 'blocking-call',
      label: callText(now.api, now.detail),
      description: dotted(shortPlace(place?.location), `entered ${durationText(now.atMs)} after start, not over`),
      ...at({ ...place }),
      icon: 'stop-circle',
      severity: 'warning',
      children: [],
    },
    ...items,
  ];
}

function at({ location }: Pick<Finding, 'location'>): Pick<Finding, 'location'> {
  return location === undefined ? {} : { location };
}
