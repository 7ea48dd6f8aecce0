import { ClickproofError } from '../../contracts/errors.ts';

/** Numbers of the protocol's errors (kafka.apache.org/protocol: error codes) that are met with here. */
export const PROTOCOL = {
  offsetOutOfRange: 1,
  unknownTopicOrPartition: 3,
  leaderNotAvailable: 5,
  notLeader: 6,
  requestTimedOut: 7,
  replicaNotAvailable: 9,
  messageTooLarge: 10,
  networkException: 13,
  coordinatorLoading: 14,
  coordinatorNotAvailable: 15,
  notCoordinator: 16,
  recordListTooLarge: 18,
  notEnoughReplicas: 19,
  notEnoughReplicasAfterAppend: 20,
  illegalGeneration: 22,
  inconsistentGroupProtocol: 23,
  unknownMemberId: 25,
  invalidSessionTimeout: 26,
  rebalanceInProgress: 27,
  topicAuthorizationFailed: 29,
  groupAuthorizationFailed: 30,
  clusterAuthorizationFailed: 31,
  notController: 41,
  invalidProducerEpoch: 47,
  invalidTransactionState: 48,
  concurrentTransactions: 51,
  transactionalIdAuthorizationFailed: 53,
  kafkaStorageError: 56,
  fencedLeaderEpoch: 74,
  unknownLeaderEpoch: 75,
  offsetNotAvailable: 78,
  memberIdRequired: 79,
  fencedInstanceId: 82,
  unstableOffsetCommit: 88,
  producerFenced: 90,
} as const;

/** What passes by itself: leaders and coordinators move, brokers start. */
const TRANSIENT: ReadonlySet<number> = new Set([
  PROTOCOL.unknownTopicOrPartition,
  PROTOCOL.leaderNotAvailable,
  PROTOCOL.notLeader,
  PROTOCOL.requestTimedOut,
  PROTOCOL.replicaNotAvailable,
  PROTOCOL.networkException,
  PROTOCOL.coordinatorLoading,
  PROTOCOL.coordinatorNotAvailable,
  PROTOCOL.notCoordinator,
  PROTOCOL.notEnoughReplicas,
  PROTOCOL.notController,
  PROTOCOL.kafkaStorageError,
  PROTOCOL.fencedLeaderEpoch,
  PROTOCOL.unknownLeaderEpoch,
  PROTOCOL.offsetNotAvailable,
  PROTOCOL.unstableOffsetCommit,
]);

const FORBIDDEN: ReadonlySet<number> = new Set([
  PROTOCOL.topicAuthorizationFailed,
  PROTOCOL.groupAuthorizationFailed,
  PROTOCOL.clusterAuthorizationFailed,
  PROTOCOL.transactionalIdAuthorizationFailed,
]);

const UNREACHABLE: ReadonlySet<string> = new Set([
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSRequestTimeoutError',
  'KafkaJSBrokerNotFound',
  'KafkaJSLockTimeout',
  'KafkaJSNoBrokerAvailableError',
  'KafkaJSGroupCoordinatorNotFound',
]);

/** The protocol's number for what is wrong, wherever kafkajs has put it; undefined for an error of another kind. */
export function protocolCode(error: unknown): number | undefined {
  for (const one of causes(error)) {
    const { code, type, message } = one as Error & { code?: unknown; type?: unknown };
    // Its table ends at 88: what it does not know it only names in the text.
    if (type === 'KAFKAJS_UNKNOWN_ERROR_CODE') return Number(/(\d+)$/.exec(message)?.[1]);
    if (typeof type === 'string' && typeof code === 'number') return code;
  }
  return undefined;
}

/** True when another producer has the transactional id now, or the coordinator has ended the transaction, which comes to the same. */
export function isFenced(error: unknown): boolean {
  const code = protocolCode(error);
  return code === PROTOCOL.invalidProducerEpoch || code === PROTOCOL.producerFenced;
}

/**
 * True when a transaction that has begun, and whose end has not been asked for, is not there any more: then whoever claimed the id next
 * has ended it.
 */
export function isGone(error: unknown): boolean {
  return isFenced(error) || protocolCode(error) === PROTOCOL.invalidTransactionState;
}

/** True when a broker answers, but nobody looks after the transactions or the group yet. */
export function isCoordinatorMissing(error: unknown): boolean {
  const code = protocolCode(error);
  return (
    code === PROTOCOL.coordinatorNotAvailable ||
    code === PROTOCOL.coordinatorLoading ||
    causes(error).some(({ name }) => name === 'KafkaJSGroupCoordinatorNotFound')
  );
}

/** True when no broker answered. */
export function isUnreachable(error: unknown): boolean {
  return causes(error).some(({ name }) => UNREACHABLE.has(name));
}

/** True when trying again in a while can help. */
export function isTransient(error: unknown): boolean {
  if (isClickproofError(error)) return false;
  const code = protocolCode(error);
  return code === undefined ? isUnreachable(error) : TRANSIENT.has(code);
}

/** What a user can make of an error of Kafka or of kafkajs; every other error is passed through. */
export function explain(error: unknown, brokers: readonly string[]): unknown {
  if (!(error instanceof Error) || isClickproofError(error) || !isKafkaError(error)) return error;
  const where = `Kafka at ${brokers.join(', ')}`;
  const what = causes(error).at(-1)?.message ?? error.message;
  const make = (code: string, message: string, remedy: string) =>
    new ClickproofError(code, message, { remedy, cause: error });
  if (causes(error).some(({ name }) => name === 'KafkaJSSASLAuthenticationError')) {
    return make(
      'KAFKA_CREDENTIALS',
      `${where} does not accept the credentials: ${what}`,
      'check user name, password and SASL mechanism',
    );
  }
  const code = protocolCode(error);
  if (code !== undefined && FORBIDDEN.has(code)) {
    return make(
      'KAFKA_FORBIDDEN',
      `${where} forbids it: ${what}`,
      "give the user the access named (Kafka's kafka-acls)",
    );
  }
  if (code === PROTOCOL.inconsistentGroupProtocol) {
    return make(
      'GROUP_IN_USE',
      `the consumer group is in use by consumers of another kind: ${what}`,
      'stop them, or choose another group',
    );
  }
  if (code === PROTOCOL.invalidSessionTimeout) {
    return make(
      'KAFKA_SETTINGS',
      `${where} does not allow the session time-out: ${what}`,
      "see the broker's group.min.session.timeout.ms",
    );
  }
  if (code === undefined && isUnreachable(error)) {
    return make(
      'KAFKA_UNREACHABLE',
      `${where} does not answer: ${what}`,
      'check that it runs, its address, and whether it wants TLS or credentials',
    );
  }
  return make('KAFKA_ERROR', `${where}: ${what}`, 'see the log of the broker');
}

export function topicMissing(topic: string): ClickproofError {
  return new ClickproofError('TOPIC_MISSING', `there is no topic ${topic}`, {
    remedy: 'create it, or check its name',
  });
}

export function closedError(): ClickproofError {
  return new ClickproofError('LOG_CLOSED', 'the event log is closed');
}

function isClickproofError(error: unknown): boolean {
  return error instanceof ClickproofError;
}

function isKafkaError(error: Error): boolean {
  return causes(error).some(({ name }) => name.startsWith('KafkaJS'));
}

/** An error and what caused it, outermost first. */
function causes(error: unknown): Error[] {
  const found: Error[] = [];
  for (let one = error; one instanceof Error && found.length < 10 && !found.includes(one); one = one.cause) {
    found.push(one);
    const { errors } = one as Error & { errors?: unknown };
    if (Array.isArray(errors) && errors[0] instanceof Error) found.push(errors[0]);
  }
  return found;
}
