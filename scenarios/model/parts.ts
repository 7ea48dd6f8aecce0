import type { AnyPart } from './part.ts';
import { partitions } from './partitions.ts';
import { profile } from './profile.ts';
import { reader } from './reader.ts';
import { shipper } from './shipper.ts';
import { sink } from './sink.ts';
import { stage } from './stage.ts';

/** The parts of the delivery protocol, in the order of an event's way. */
export const PARTS: readonly AnyPart[] = [shipper, reader, stage, profile, partitions, sink];
