/** Says at the end of `npm test` what it does not run, so that nobody takes a part for the whole. */
export default function setup(): () => void {
  return () => {
    console.log(
      '\nleft out: the tests against real Kafka, Redis, Elasticsearch and containers, k6 and Chromium, which need these (npm run test:servers)',
    );
  };
}
