import { type Client, errors } from '@elastic/elasticsearch';
import { ClickproofError } from '../../contracts/errors.ts';
import { indexSettings, mappings, SCHEMA_VERSION } from './mapping.ts';
import type { ElasticsearchSinkSettings } from './settings.ts';

type SchemaSettings = Pick<ElasticsearchSinkSettings, 'elasticsearchIndex' | 'elasticsearchFields'>;

/** The index template and the monthly indices behind the read alias. Several processes may make them at once. */
export class Schema {
  readonly alias: string;
  readonly #client: Client;
  readonly #fields: number;
  readonly #known = new Set<string>();

  constructor(client: Client, settings: SchemaSettings) {
    this.#client = client;
    this.alias = settings.elasticsearchIndex;
    this.#fields = settings.elasticsearchFields;
  }

  /**
   * Puts the index template, for the sink's indices and for whoever else writes to them, and checks what is there.
   *
   * @throws ClickproofError SCHEMA_NEWER, SCHEMA_FOREIGN
   */
  async prepare(): Promise<void> {
    await this.#checkTemplate();
    await this.#checkIndices();
    await this.#client.indices.putIndexTemplate({
      name: this.#template,
      index_patterns: [`${this.alias}-*`],
      priority: 500,
      version: SCHEMA_VERSION,
      _meta: { clickproof: SCHEMA_VERSION },
      template: this.#body,
    });
  }

  /** Makes the index unless it is there. */
  async ensure(index: string): Promise<void> {
    if (this.#known.has(index)) return;
    try {
      await this.#client.indices.create({ index, ...this.#body });
    } catch (error) {
      if (!isExistingIndex(error)) throw error;
    }
    this.#known.add(index);
  }

  /** The index may be gone: it is made again when it is asked for. */
  forget(index: string): void {
    this.#known.delete(index);
  }

  get #template(): string {
    return `clickproof-${this.alias}`;
  }

  get #body() {
    return { aliases: { [this.alias]: {} }, settings: indexSettings(this.#fields), mappings: mappings() };
  }

  async #checkTemplate(): Promise<void> {
    const found = await this.#client.indices.getIndexTemplate({ name: this.#template }, { ignore: [404] });
    const template = found.index_templates?.[0]?.index_template;
    if (template) this.#checkVersion(`the index template ${this.#template}`, template._meta);
  }

  async #checkIndices(): Promise<void> {
    const found = await this.#client.indices.getMapping({
      index: [this.alias, `${this.alias}-*`],
      ignore_unavailable: true,
      allow_no_indices: true,
      expand_wildcards: ['open', 'closed'],
    });
    for (const [index, { mappings: mapping }] of Object.entries(found)) {
      if (index === this.alias) {
        throw new ClickproofError(
          'SCHEMA_FOREIGN',
          `Elasticsearch has an index named ${index}, where an alias of that name is to be`,
          { remedy: 'delete it, or choose another alias with --elasticsearch-index' },
        );
      }
      this.#checkVersion(`the index ${index}`, mapping._meta);
      this.#known.add(index);
    }
  }

  #checkVersion(what: string, meta: unknown): void {
    const version = (meta as { clickproof?: unknown } | undefined)?.clickproof;
    if (version === SCHEMA_VERSION) return;
    if (typeof version === 'number' && version > SCHEMA_VERSION) {
      throw new ClickproofError(
        'SCHEMA_NEWER',
        `${what} has schema version ${version}; this version of clickproof knows ${SCHEMA_VERSION}`,
        {
          remedy:
            'use the version of clickproof that made it, or choose another alias with --elasticsearch-index',
        },
      );
    }
    throw new ClickproofError('SCHEMA_FOREIGN', `${what} was not made by clickproof`, {
      remedy: 'delete it, or choose another alias with --elasticsearch-index',
    });
  }
}

function isExistingIndex(error: unknown): boolean {
  return (
    error instanceof errors.ResponseError && error.body?.error?.type === 'resource_already_exists_exception'
  );
}
