import type { StageCache } from './cache.ts';
import type { ImageId } from './names.ts';
import type { Tool } from './tools.ts';

/** How one image is assembled: its Dockerfile stands beside the recipe, what that copies comes from stages. */
export interface ImageRecipe {
  readonly id: ImageId;
  /** What the assembled image is, and how it differs from the official one. */
  readonly about: string;
  /** The folder of the Dockerfile, under containers/images. */
  readonly folder: string;
  /** Arguments of the Dockerfile beside BASE. */
  readonly buildArguments?: Readonly<Record<string, string>>;
  /** Stages whose directories are laid over the Dockerfile's folder as build context. */
  readonly stages?: readonly Stage[];
}

/** One step before the image itself, cached by what it is made from. */
export interface Stage {
  readonly name: string;
  /** What it does, for the progress line. */
  readonly doing: string;
  /** Everything the result depends on: versions, checksums, texts. */
  readonly inputs: readonly string[];
  /** Programs of this machine that it runs. */
  readonly tools: readonly Tool[];
  /** Fills the directory. */
  make(directory: string, context: StageContext): Promise<void>;
}

export interface StageContext {
  readonly cache: StageCache;
  readonly signal: AbortSignal | undefined;
}
