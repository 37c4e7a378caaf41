import { useEffect, useEffectEvent } from 'react';
import type { TargetAddress } from '../../../shared/contract/common.ts';
import { useEndedTransfers } from '../data/transfers.ts';

type Listener = (target: TargetAddress) => void;
const listeners = new Set<Listener>();

/** Tells the views of a place that something in it was changed by this window. */
export function announceChange(target: TargetAddress): void {
  for (const listener of listeners) listener(target);
}

/** Calls back when a transfer or a change of tags may have changed what is in a place. */
export function useOnPlaceChange(target: TargetAddress, onChange: () => void): void {
  const changed = (where: TargetAddress | undefined): void => {
    const isHere =
      where === undefined || (where.source === target.source && where.repository === target.repository);
    if (isHere) onChange();
  };
  const heard = useEffectEvent(changed);
  useEffect(() => {
    const listener: Listener = (where) => heard(where);
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, []);
  useEndedTransfers((job) => {
    // Nothing is read anew for what only read from here. A deletion does not say where it was.
    if (job.kind !== 'pull' && job.kind !== 'export') changed(job.place?.target);
  });
}
