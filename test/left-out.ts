/** Says at the end of `npm test` what it does not run, and why, so that nobody takes a part for the whole. */
export default function setup(): () => void {
  return () => {
    const why = process.env.LEFT_OUT;
    if (why === undefined) return;
    console.log(`\nleft out: the tests on real Kafka, Redis, Elasticsearch, Nginx and Filebeat: ${why}`);
    console.log('  with a container engine they run too: npm run engine -- start --install, npm run images');
  };
}
