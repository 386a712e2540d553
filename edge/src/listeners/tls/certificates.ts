import { randomBytes, X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import { type NamedSite, SiteTable } from '../../access/site-table.js';
import type { Timers } from '../../components.js';
import type { CertificateConfig, TlsConfig } from '../../config/access-config.js';
import { ConfigError } from '../../config/config-error.js';
import type { LoadedCertificate } from '../../telemetry/reload-metrics.js';

export interface CertificatesComponents {
  readonly timers: Timers;
  /** New files could not be used; the old certificates stay. */
  readonly onError: (error: unknown) => void;
}

interface Loaded extends NamedSite {
  readonly state: string;
  readonly options: SecureContextOptions;
  readonly endsAtSeconds: number;
  readonly context: SecureContext;
}

/** What has to be the same before and after a reload, and in every process that answers for this address. */
export type TicketKeys = Buffer;
export const newTicketKeys = (): TicketKeys => randomBytes(48);

/** The certificates of a listener, read again when their files change; connections that are open keep theirs. */
export class Certificates {
  readonly #components: CertificatesComponents;
  readonly #config: TlsConfig;
  readonly #ticketKeys: TicketKeys;
  #first: Loaded | undefined;
  #others: readonly Loaded[] = [];
  #byName = new SiteTable<Loaded>([]);
  #cancel: () => void = () => {};
  #reloading: Promise<void> | undefined;
  /** The first certificate is another one now; set by whoever listens with it. */
  onChange: () => void = () => {};

  constructor(components: CertificatesComponents, config: TlsConfig, ticketKeys: TicketKeys) {
    this.#components = components;
    this.#config = config;
    this.#ticketKeys = ticketKeys;
  }

  /** @throws ConfigError where a file cannot be used. */
  async open(): Promise<void> {
    await this.#load();
    this.#plan();
  }

  /** For whoever asks for no name. @throws TypeError before `open`. */
  get first(): SecureContextOptions {
    return this.#loaded.options;
  }

  /** Others than the named ones get the first. */
  forName(name: string): SecureContext {
    const found = this.#byName.resolve(name);
    return 'refused' in found ? this.#loaded.context : found.site.context;
  }

  /** Those in use, with their ends. */
  get loaded(): readonly LoadedCertificate[] {
    return [this.#loaded, ...this.#others].map(({ name, endsAtSeconds }) => ({ file: name, endsAtSeconds }));
  }

  get #loaded(): Loaded {
    if (this.#first === undefined) throw new TypeError('no certificate is loaded yet');
    return this.#first;
  }

  /** Looks at the files now. Does not throw. */
  reload(): Promise<void> {
    this.#reloading ??= this.#load()
      .catch((error: unknown) => this.#components.onError(error))
      .finally(() => {
        this.#reloading = undefined;
      });
    return this.#reloading;
  }

  close(): void {
    this.#cancel();
  }

  async #load(): Promise<void> {
    const { certificates } = this.#config;
    const first = await this.#read(this.#config, [], this.#first);
    const others: Loaded[] = [];
    for (const [index, certificate] of certificates.entries()) {
      others.push(await this.#read(certificate, certificate.hosts, this.#others[index]));
    }
    const changed = this.#first !== undefined && this.#first !== first;
    this.#first = first;
    this.#others = others;
    this.#byName = new SiteTable(others);
    if (changed) this.onChange();
  }

  async #read(
    { certFile, keyFile }: CertificateConfig,
    hosts: readonly string[],
    before: Loaded | undefined,
  ): Promise<Loaded> {
    try {
      const state = `${await stateOf(certFile)} ${await stateOf(keyFile)}`;
      if (before?.state === state) return before;
      const [cert, key] = await Promise.all([readFile(certFile), readFile(keyFile)]);
      const options = this.#options({ cert, key });
      // The first one in the file is the server's own.
      const endsAtSeconds = Date.parse(new X509Certificate(cert).validTo) / 1000;
      const context = createSecureContext(options);
      return { name: certFile, hosts, state, options, endsAtSeconds, context };
    } catch (error) {
      throw new ConfigError([
        `tls.certFile: ${certFile} with ${keyFile} cannot be used: ${error instanceof Error ? error.message : String(error)}`,
      ]);
    }
  }

  /**
   * OpenSSL refuses a key that is not the certificate's. The client's order of ciphers counts: all that are left are
   * strong, and it knows whether it has AES in hardware. Node's own order would give browsers AES-256 for AES-128.
   */
  #options(own: SecureContextOptions): SecureContextOptions {
    const { minVersion } = this.#config;
    return { ...own, minVersion, ticketKeys: this.#ticketKeys, honorCipherOrder: false };
  }

  #plan(): void {
    this.#cancel = this.#components.timers.after(this.#config.reloadMs, () => {
      void this.reload().then(() => this.#plan());
    });
  }
}

async function stateOf(path: string): Promise<string> {
  const { mtimeMs, ino, size } = await stat(path);
  return `${mtimeMs} ${ino} ${size}`;
}
