import { newEncoder, type ProtocolRequest, protocolErrorOf } from '../kafkajs.ts';
import { ByteReader } from './byte-reader.ts';

export const DESCRIBE_TRANSACTIONS = 65;
const NO_TAGS = 0;

/**
 * Asks a transaction coordinator (Kafka 3.0 and later) how far a transaction is: `Ongoing`, `PrepareCommit`, `CompleteCommit`…
 *
 * kafkajs knows neither this request nor the headers of its generation: what they have more than the older ones is the first byte here.
 */
export function describeTransactionRequest(transactionalId: string): ProtocolRequest<string> {
  return {
    request: {
      apiKey: DESCRIBE_TRANSACTIONS,
      apiVersion: 0,
      apiName: 'DescribeTransactions',
      encode: async () =>
        newEncoder()
          .writeUVarInt(NO_TAGS)
          // A list of one: lengths are counted from one, so that nought is none.
          .writeUVarInt(2)
          .writeUVarIntString(transactionalId)
          .writeUVarInt(NO_TAGS),
    },
    response: {
      async decode(raw) {
        const reader = new ByteReader(raw);
        skipTags(reader);
        const clientSideThrottleTime = reader.int32();
        const count = reader.uvarint() - 1;
        if (count !== 1)
          throw new RangeError('the answer of the broker is not about the transaction asked for');
        const errorCode = reader.int16();
        // The transactional id.
        reader.skip(reader.uvarint() - 1);
        const state = reader.slice(reader.uvarint() - 1).toString();
        return { clientSideThrottleTime, errorCode, state };
      },
      parse({ errorCode, state }: { errorCode: number; state: string }) {
        if (errorCode !== 0) throw protocolErrorOf(errorCode);
        return state;
      },
    },
    logResponseError: false,
  };
}

function skipTags(reader: ByteReader): void {
  for (let count = reader.uvarint(); count > 0; count--) {
    reader.uvarint();
    reader.skip(reader.uvarint());
  }
}
