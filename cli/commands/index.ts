import type { Command } from 'commander';
import type { Ports } from '../roles/ports.ts';
import { registerBench } from './bench.ts';
import { registerClickhouse } from './clickhouse.ts';
import { registerCollector } from './collector.ts';
import { registerEnrich } from './enrich.ts';
import { registerLoad } from './load.ts';
import { registerReplay } from './replay.ts';
import { registerReport } from './report.ts';
import { registerShipper } from './shipper.ts';
import { registerSimulate } from './simulate.ts';
import { registerStack } from './stack.ts';
import { registerThroughput } from './throughput.ts';
import { registerVerify } from './verify.ts';
import { registerWorker } from './worker.ts';

/**
 * All commands, in the order in which `--help` lists them. What a command runs is imported when it runs: each role is a process
 * of its own and should hold no more code than its own.
 */
export const commands: readonly ((program: Command, ports?: Ports) => void)[] = [
  registerSimulate,
  registerReplay,
  registerLoad,
  registerBench,
  registerThroughput,
  registerVerify,
  registerReport,
  registerStack,
  registerCollector,
  registerShipper,
  registerWorker,
  registerClickhouse,
  registerEnrich,
];
