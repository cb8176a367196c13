/** Where the time of a stall went, by the CPU profiler, as the report and the findings show it. */
import type { Finding, ReportStall } from '../../protocol/report.ts';
import { placeOf } from '../place.ts';
import type { StallGroup } from './stall-groups.ts';
import type { Sources } from '../sources.ts';
import { durationText } from '../wording/wording.ts';

/** For the report; nothing without a profile. */
export function reportProfile({ profiled }: StallGroup, sources: Sources): Pick<ReportStall, 'profile'> {
  const profile = profiled?.profile;
  if (profile === undefined) return {};
  const functions = profile.functions.map(({ frame, ms }) => {
    const { name = '', location } = placeOf([frame], sources) ?? {};
    return { name, ms, ...(location === undefined ? {} : { location }) };
  });
  return { profile: { ...profile, functions } };
}

/** Less is no evidence. */
const MIN_SHARE = 0.05;

/** "load itself took 480 ms (96 %)", the costliest first. */
export function relatedFunctions(group: StallGroup, sources: Sources): Finding['related'] {
  const { profile } = reportProfile(group, sources);
  if (profile === undefined) return [];
  const share = (ms: number): string => `${durationText(ms)} (${Math.round((ms / profile.sampledMs) * 100)} %)`;
  const garbage =
    profile.garbageMs < profile.sampledMs * MIN_SHARE
      ? []
      : [{ message: `garbage collection took ${share(profile.garbageMs)}` }];
  const functions = profile.functions
    .filter(({ ms }) => ms >= profile.sampledMs * MIN_SHARE)
    .map(({ name, ms, location }) => ({
      message: `${name} itself took ${share(ms)}`,
      ...(location === undefined ? {} : { location }),
    }));
  return [...functions, ...garbage];
}
