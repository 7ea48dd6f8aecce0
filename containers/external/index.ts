export { advertisedBrokers } from './advertised-brokers.ts';
export { attachToCollector, attachToPipeline } from './attached.ts';
export { startOwnPipeline } from './own-pipeline.ts';
export { type ExternalServices, hostsOf, namesOf, SERVICES, type ServiceName, theirsOf } from './services.ts';
