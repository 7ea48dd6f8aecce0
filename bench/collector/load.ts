import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import type { RecordedRequest } from '../../simulator/replay/index.ts';
import type { Measured } from '../benchmark.ts';
import { DRIVING_CORE, onCore } from '../processes/cores.ts';
import { SubjectProcess } from '../processes/subject-process.ts';
import type { LoadTask } from '../subjects/load.ts';

/** Sends the same request again and again, from the other core. */
export interface LoadGenerator {
  readonly name: string;
  run(port: number, seconds: number): Promise<Measured>;
  stop(): void;
}

const CONNECTIONS = 64;

/** wrk where it is installed, else sockets of our own, which may be slower than what they are to load. */
export async function startLoad(request: RecordedRequest): Promise<LoadGenerator> {
  return spawnSync('wrk', ['-v'], { stdio: 'ignore' }).error === undefined ? wrk(request) : sockets(request);
}

function wrk({ target, headers }: RecordedRequest): LoadGenerator {
  const given = headers.flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  return {
    name: 'wrk',
    async run(port, seconds) {
      const url = `http://127.0.0.1:${port}${target}`;
      const args = ['-t1', `-c${CONNECTIONS}`, `-d${Math.ceil(seconds)}s`, ...given, url];
      const [command, ...rest] = onCore(DRIVING_CORE, ['wrk', ...args]);
      const { stdout } = await promisify(execFile)(command!, rest);
      const [, count, time] = /(\d+) requests in ([\d.]+)s/.exec(stdout) ?? [];
      if (count === undefined || /Non-2xx|Socket errors/.test(stdout)) throw new Error(`wrk: ${stdout}`);
      return { count: Number(count), seconds: Number(time) };
    },
    stop: () => {},
  };
}

async function sockets({ target, headers }: RecordedRequest): Promise<LoadGenerator> {
  const subject = await SubjectProcess.start<LoadTask>('load', null, DRIVING_CORE);
  const fields = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return {
    name: 'raw sockets of our own (wrk is not installed)',
    run(port, seconds) {
      const request = `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${fields}\r\n`;
      return subject.run({ port, request, connections: CONNECTIONS, seconds });
    },
    stop: () => subject.stop(),
  };
}
