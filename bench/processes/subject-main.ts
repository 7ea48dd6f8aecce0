/** The process of a subject: `subject-main SUBJECT SETTINGS`, settings being JSON. Runs it as often as it is told to. */
import { profiled } from '../profile/profiled.ts';
import { makeSubject, type SubjectName } from '../subjects/index.ts';
import type { RunMessage, SubjectMessage } from './subject.ts';

const send = (message: SubjectMessage) => process.send?.(message);

const [name, settings] = process.argv.slice(2);
const subject = await makeSubject(name as SubjectName, JSON.parse(settings ?? 'null'));

process.on('message', ({ task, profile }: RunMessage) => {
  const run = async () => subject.run(task);
  const ran = profile ? profiled(run) : run().then((result) => ({ result, hotSpots: [] }));
  ran.then(
    ({ result, hotSpots }) => send({ type: 'done', measured: result, hotSpots }),
    (error) => send({ type: 'failed', message: error instanceof Error ? error.message : String(error) }),
  );
});
process.on('disconnect', () => process.exit());
send({ type: 'ready' });
