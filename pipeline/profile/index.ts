export { type EmbeddedProfileStoreOptions, openEmbeddedProfileStore } from './embedded-store.ts';
export { eventTime, type ProfileEvent, ProfileFold, type ProfileState, VISIT_ENDS_AFTER_MS } from './fold.ts';
export { type FoldCounts, type FoldLimits, PartitionFold } from './partition-fold.ts';
export {
  DEFAULT_PROFILE_RULES,
  isOrderFree,
  type ProfileRule,
  profileRule,
  profileRules,
  rulesHash,
} from './rules.ts';
export type { PartitionChange, ProfileStore, StateDescription, StoredPartition } from './store.ts';
export { decodeVisitor, type VisitorValue } from './visitor-value.ts';
